import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createObjectHolders, eventKey, memoryKey} from '../../source/observer/object-holders.js';
import {createProcessEntry, type ProcessEntry} from '../../source/sampler/task-entry.js';

let root: string;
let processes: Map<number, ProcessEntry>;

beforeEach(() => {
	root = mkdtempSync(path.join(tmpdir(), 'ctop-objects-'));
	processes = new Map();
});

afterEach(() => {
	rmSync(root, {recursive: true});
});

const addProcess = (pid: number, maps = ''): void => {
	processes.set(pid, createProcessEntry(pid));
	mkdirSync(path.join(root, String(pid), 'fd'), {recursive: true});
	mkdirSync(path.join(root, String(pid), 'fdinfo'), {recursive: true});
	writeFileSync(path.join(root, String(pid), 'maps'), maps);
};

const open = (pid: number, fd: number, link: string, info: string): void => {
	symlinkSync(link, path.join(root, String(pid), 'fd', String(fd)));
	writeFileSync(path.join(root, String(pid), 'fdinfo', String(fd)), info);
};

test('who has a pipe, an eventfd or memory is told with which access, once all were looked through', () => {
	addProcess(10, '7f00-7f10 rw-s 00000000 00:1b 310   /dev/shm/sem.x (deleted)\n');
	addProcess(11, '7f00-7f10 rw-s 00000000 00:1b 311   /dev/shm/sem.y (deleted)\n');
	open(10, 3, 'pipe:[7]', 'flags:\t02000000\n');
	open(11, 4, 'pipe:[7]', 'flags:\t01\n');
	open(11, 5, 'pipe:[8]', 'flags:\t01\n');
	open(11, 6, 'anon_inode:[eventfd]', 'flags:\t02000002\neventfd-id: 12\n');
	open(11, 7, 'anon_inode:[eventfd]', 'flags:\t02000002\neventfd-id: 13\n');
	const holders = createObjectHolders(root, processes);
	const keys = ['pipe:[7]', eventKey(12), memoryKey('00:1b', 310)];
	expect(keys.map(holders.of)).toEqual([undefined, undefined, undefined]);
	holders.proceed();
	const rest = {processes: 2, refused: []};
	expect(keys.map(holders.of)).toEqual([
		{
			holders: [
				{pid: 10, access: 'read', outlivesExec: false},
				{pid: 11, access: 'write', outlivesExec: true},
			],
			...rest,
		},
		{holders: [{pid: 11, access: 'both', outlivesExec: false}], ...rest},
		{holders: [{pid: 10, access: 'both', outlivesExec: false}], ...rest},
	]);
});

test('what is forgotten is looked for again', () => {
	addProcess(10);
	open(10, 3, 'pipe:[7]', 'flags:\t00\n');
	const holders = createObjectHolders(root, processes);
	holders.of('pipe:[7]');
	holders.proceed();
	addProcess(11);
	open(11, 3, 'pipe:[7]', 'flags:\t01\n');
	expect(holders.of('pipe:[7]')!.holders).toHaveLength(1);
	holders.forget(['pipe:[7]']);
	expect(holders.of('pipe:[7]')).toBeUndefined();
	holders.proceed();
	expect(holders.of('pipe:[7]')!.holders).toHaveLength(2);
});
