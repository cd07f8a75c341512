import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterAll, expect, test} from 'vitest';
import {
	closeDescriptor,
	failure,
	isGone,
	openDescriptor,
	readDescriptor,
	readPath,
} from '../../source/procfs/descriptor.js';
import {readLines, readText} from '../../source/procfs/read-text.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-read-'));
const file = path.join(folder, 'file');
writeFileSync(file, 'text');
const locked = path.join(folder, 'locked');
writeFileSync(locked, '');
chmodSync(locked, 0);
const buffer = Buffer.alloc(64);

afterAll(() => rmSync(folder, {recursive: true}));

test('a file is read, one that isn’t there is undefined', () => {
	expect(readText(file)).toBe('text');
	expect(readText(path.join(folder, 'none'))).toBeUndefined();
	expect(readText(path.join(file, 'below-a-file'))).toBeUndefined();
	expect(readText(folder)).toBeUndefined();
});

// Nothing is refused to root.
test.skipIf(process.getuid?.() === 0)('a refused file is null', () => {
	expect(readText(locked)).toBeNull();
	expect(readPath(locked, buffer)).toBe(failure.denied);
});

test('failures are told apart, and none looks like a length', () => {
	expect(readPath(file, buffer)).toBe(4);
	expect(readPath(path.join(folder, 'none'), buffer)).toBe(failure.missing);
	expect(openDescriptor(path.join(file, 'below-a-file'))).toBe(failure.missing);
	expect(readPath(folder, buffer)).toBe(failure.failed);
	expect(Object.values(failure).every(value => value < 0)).toBe(true);
	expect([failure.gone, failure.missing].every(isGone)).toBe(true);
	expect([failure.denied, failure.exhausted, failure.failed, 0, 5].some(isGone)).toBe(false);
});

test('a held descriptor is read from the start each time', () => {
	const descriptor = openDescriptor('/proc/self/stat');
	const first = readDescriptor(descriptor, buffer);
	expect(first).toBeGreaterThan(0);
	expect(readDescriptor(descriptor, buffer)).toBeGreaterThan(0);
	expect(buffer.toString('latin1', 0, 3)).toMatch(/^\d/);
	closeDescriptor(descriptor);
	expect(readDescriptor(descriptor, buffer)).toBe(failure.failed);
});

test('a long file is read some lines at a time, and nothing of it is lost or cut', () => {
	const long = path.join(folder, 'long');
	const lines = Array.from({length: 9000}, (_, index) => `${index} ${'é'.repeat(index % 40)}`);
	writeFileSync(long, lines.join('\n'));
	const pieces: string[] = [];
	expect(readLines(long, piece => pieces.push(piece))).toBe(true);
	expect(pieces.length).toBeGreaterThan(1);
	expect(pieces.slice(0, -1).every(piece => piece.endsWith('\n'))).toBe(true);
	expect(pieces.join('')).toBe(lines.join('\n'));
	writeFileSync(long, 'x'.repeat(100_000));
	pieces.length = 0;
	readLines(long, piece => pieces.push(piece));
	expect(pieces.map(({length}) => length)).toEqual([65_536, 34_464]);
	writeFileSync(long, '');
	expect(readLines(long, () => expect.unreachable())).toBe(true);
	expect(readLines(path.join(folder, 'none'), () => {})).toBeUndefined();
});
