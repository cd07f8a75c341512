import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createSessionPriority} from '../../source/observer/session-priority.js';

let folder = '';

beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'ctop-session-'));
});

afterEach(() => {
	rmSync(folder, {recursive: true});
});

test('a session is put before all others, and back to where it was', () => {
	const file = path.join(folder, 'autogroup');
	writeFileSync(file, '/autogroup-25 nice 5\n');
	const session = createSessionPriority(file);
	session.restore();
	expect(readFileSync(file, 'utf8')).toBe('/autogroup-25 nice 5\n');
	session.raise();
	expect(readFileSync(file, 'utf8')).toBe('-20');
	writeFileSync(file, '/autogroup-25 nice -20\n');
	session.raise();
	session.restore();
	expect(readFileSync(file, 'utf8')).toBe('5');
});

test('where there are no groups, or what they are called is not known, nothing is written', () => {
	const file = path.join(folder, 'autogroup');
	const session = createSessionPriority(file);
	session.raise();
	session.restore();
	expect(() => readFileSync(file)).toThrow('ENOENT');
	writeFileSync(file, 'something else\n');
	session.raise();
	session.restore();
	expect(readFileSync(file, 'utf8')).toBe('something else\n');
});
