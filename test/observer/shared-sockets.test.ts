import {afterEach, beforeEach, expect, test} from 'vitest';
import {createSharedSockets} from '../../source/observer/shared-sockets.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';
import {createOpenFilesTree, type OpenFilesTree} from '../helpers/open-files-tree.js';

let tree: OpenFilesTree;

beforeEach(() => {
	tree = createOpenFilesTree();
});

afterEach(() => {
	tree.remove();
});

const line = (inode: number, events = '19'): string =>
	`tfd: 7 events: ${events} data: 7 pos:0 ino:${inode} sdev:8\n`;

/** A worker whose descriptor 5 is an epoll instance that watches this. */
const makeWorker = (pid: number, watched: string, wakes = 300): ThreadEntry => {
	tree.open(pid, 5, {info: watched});
	const process = createProcessEntry(pid);
	process.parentPid = 1;
	process.name = 'node';
	const entry = createThreadEntry(process, pid);
	entry.voluntarySwitchesPerSecond = wakes;
	entry.waits = [{kind: 'epoll', call: 'epoll_pwait', fd: 5, percent: 100}];
	return entry;
};

const workersWith = (watchedBy: (index: number) => string, wakes?: number): ThreadEntry[] =>
	Array.from({length: 10}, (_, index) => makeWorker(10 + index, watchedBy(index), wakes));

const countsAfter = (
	workers: readonly ThreadEntry[],
	acceptsPerSecond = 300,
	sockets = createSharedSockets(tree.root, () => []),
) => {
	sockets.update(workers, acceptsPerSecond);
	return new Set(workers.map(({waits}) => waits?.[0]?.wokenTogether));
};

test('event loops that watch one socket together are told how many they are', () => {
	const workers = workersWith(index => line(99) + line(100 + index));
	expect(countsAfter(workers)).toEqual(new Set([10]));
	expect(workers[0]!.dirty).toBe(true);
});

test('those that the kernel wakes one at a time, or that write only, are not', () => {
	expect(countsAfter(workersWith(() => line(99, '10000001')))).toEqual(new Set([undefined]));
	expect(countsAfter(workersWith(() => line(99, '4')))).toEqual(new Set([undefined]));
});

test('those that have a socket each are not, and two of them tell', () => {
	const workers = workersWith(index => line(100 + index));
	tree.end(15);
	expect(countsAfter(workers)).toEqual(new Set([undefined]));
});

test('nobody is asked where they wake seldom, or about once for each connection, or where none comes', () => {
	const shared = () => line(99);
	expect(countsAfter(workersWith(shared, 20))).toEqual(new Set([undefined]));
	expect(countsAfter(workersWith(shared), 2000)).toEqual(new Set([undefined]));
	expect(countsAfter(workersWith(shared), 0)).toEqual(new Set([undefined]));
});

test('one with many connections is left in peace, and the others with it', () => {
	const many = Array.from({length: 1500}, (_, index) => line(1000 + index)).join('');
	expect(countsAfter(workersWith(() => line(99) + many))).toEqual(new Set([undefined]));
});

test('it is read once in some seconds, and told each time', () => {
	const workers = workersWith(() => line(99));
	const sockets = createSharedSockets(tree.root, () => []);
	countsAfter(workers, 300, sockets);
	tree.end(12);
	for (const entry of workers) {
		entry.waits = [{kind: 'epoll', call: 'epoll_pwait', fd: 5, percent: 100}];
	}

	expect(countsAfter(workers, 300, sockets)).toEqual(new Set([10]));
});

test('workers in select are woken by a socket that all of them wait for, since nothing there is for one alone', () => {
	const workers = Array.from({length: 10}, (_, index) => {
		const entry = makeWorker(10 + index, '', 100);
		entry.waits = [{kind: 'poll', call: 'pselect6', percent: 100}];
		return entry;
	});
	const waiting = (socketOf: (entry: ThreadEntry) => string) =>
		createSharedSockets(tree.root, entry => [socketOf(entry), `socket:[${entry.tid + 1000}]`]);
	expect(
		countsAfter(
			workers,
			100,
			waiting(({tid}) => `socket:[${tid}]`),
		),
	).toEqual(new Set([undefined]));
	expect(
		countsAfter(
			workers,
			100,
			waiting(() => 'socket:[99]'),
		),
	).toEqual(new Set([10]));
});
