import {mkdirSync, mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {createDescriptorHolders} from '../../source/observer/descriptor-holders.js';
import {createProcessEntry, type ProcessEntry} from '../../source/sampler/task-entry.js';

let root: string;
let processes: Map<number, ProcessEntry>;

beforeEach(() => {
	root = mkdtempSync(path.join(tmpdir(), 'ctop-holders-'));
	processes = new Map();
	vi.useFakeTimers({toFake: ['performance']});
});

afterEach(() => {
	vi.useRealTimers();
	rmSync(root, {recursive: true});
});

const open = (pid: number, fd: number, link: string): void => {
	processes.set(pid, createProcessEntry(pid));
	mkdirSync(path.join(root, String(pid), 'fd'), {recursive: true});
	symlinkSync(link, path.join(root, String(pid), 'fd', String(fd)));
};

const close = (pid: number, fd: number): void => {
	rmSync(path.join(root, String(pid), 'fd', String(fd)));
};

test('who has a pipe open is found after it was asked for, and told only while it is so', () => {
	open(10, 3, 'pipe:[7]');
	open(11, 4, 'pipe:[7]');
	open(11, 5, 'pipe:[8]');
	const holders = createDescriptorHolders(root, processes);
	holders.proceed();
	expect(holders.of('pipe:[7]')).toEqual({held: [], isComplete: false, refused: 0});
	vi.advanceTimersByTime(1);
	holders.proceed();
	expect(holders.of('pipe:[7]')).toEqual({
		held: [
			{pid: 10, fd: 3},
			{pid: 11, fd: 4},
		],
		isComplete: true,
		refused: 0,
	});
	close(11, 4);
	open(11, 4, 'pipe:[9]');
	expect(holders.of('pipe:[7]').held).toEqual([{pid: 10, fd: 3}]);
});

test('a pipe that is asked for later is not said to be held by nobody before all was looked through again', () => {
	open(10, 3, 'pipe:[7]');
	const holders = createDescriptorHolders(root, processes);
	holders.of('pipe:[7]');
	vi.advanceTimersByTime(1);
	holders.proceed();
	vi.advanceTimersByTime(1);
	open(11, 4, 'pipe:[8]');
	expect(holders.of('pipe:[8]')).toMatchObject({held: [], isComplete: false});
	holders.proceed();
	expect(holders.of('pipe:[8]')).toMatchObject({held: [], isComplete: false});
	vi.advanceTimersByTime(5001);
	holders.proceed();
	expect(holders.of('pipe:[8]')).toMatchObject({held: [{pid: 11, fd: 4}], isComplete: true});
});

test('a path is looked for only when it was asked for', () => {
	open(10, 3, '/tmp/fifo');
	open(10, 4, '/tmp/other');
	const holders = createDescriptorHolders(root, processes);
	holders.of('/tmp/fifo');
	vi.advanceTimersByTime(1);
	holders.proceed();
	expect(holders.of('/tmp/fifo')).toMatchObject({held: [{pid: 10, fd: 3}], isComplete: true});
	expect(holders.of('/tmp/other')).toMatchObject({held: [], isComplete: false});
});

test('processes that the kernel refuses to show are counted', context => {
	const init = createProcessEntry(1);
	const holders = createDescriptorHolders('/proc', new Map([[1, init]]));
	holders.of('pipe:[7]');
	vi.advanceTimersByTime(1);
	const isRoot = process.getuid?.() === 0;
	if (isRoot) {
		process.seteuid!(65_534);
	}

	try {
		holders.proceed();
	} finally {
		if (isRoot) {
			process.seteuid!(0);
		}
	}

	context.skip(holders.of('pipe:[7]').refused === 0, 'this user may look into process 1');
	expect(holders.of('pipe:[7]')).toEqual({held: [], isComplete: true, refused: 1});
});
