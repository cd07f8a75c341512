import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {endChild} from '../helpers/child.js';
import {ctopFile} from '../helpers/ctop.js';

let directory = '';
let child: ChildProcess | undefined;

beforeEach(() => {
	directory = mkdtempSync(path.join(tmpdir(), "ctop it's a $folder "));
});

afterEach(async () => {
	await endChild(child);
	child = undefined;
	rmSync(directory, {recursive: true, force: true});
});

const linkToCtop = (): string => {
	const link = path.join(directory, 'ctop');
	symlinkSync(ctopFile, link);
	return link;
};

test('through a link in a folder with blanks and quotes each word arrives as it was given', () => {
	const {status, stderr} = spawnSync(linkToCtop(), ["it's $HOME *"], {encoding: 'utf8'});
	expect(stderr).toContain("it's $HOME *");
	expect(status).toBe(2);
});

test('Node.js takes the place of the shell that starts it, with one helper thread of V8', async () => {
	child = spawn(linkToCtop(), ['-b', '-n', '1000'], {stdio: ['ignore', 'pipe', 'ignore']});
	await once(child.stdout!, 'data');
	const words = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
	expect(words).toContain('--v8-pool-size=1');
	expect(words).toContain('1000');
});
