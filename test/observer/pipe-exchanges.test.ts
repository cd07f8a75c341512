import {setTimeout as pause} from 'node:timers/promises';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createPipeExchanges} from '../../source/observer/pipe-exchanges.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
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

type Pipe = {fd: number; inode: number; flags: '00' | '01'};

const write = (pid: number, calls: number): void => {
	tree.write(
		pid,
		'io',
		`rchar: ${calls * 30}\nwchar: ${calls * 20}\nsyscr: ${calls}\nsyscw: ${calls}\n`,
	);
};

const makeProcess = (pid: number, parentPid: number, pipes: readonly Pipe[]): ProcessEntry => {
	for (const {fd, inode, flags} of pipes) {
		tree.open(pid, fd, {target: `pipe:[${inode}]`, info: `pos:\t0\nflags:\t${flags}\n`});
	}

	write(pid, 1000);
	const process = createProcessEntry(pid);
	process.parentPid = parentPid;
	return process;
};

const threadsOf = (process: ProcessEntry, count: number, wakes = 5000): ThreadEntry[] =>
	Array.from({length: count}, (_, index) => {
		const entry = createThreadEntry(process, process.pid + index);
		entry.voluntarySwitchesPerSecond = wakes;
		return entry;
	});

const asking: readonly Pipe[] = [
	{fd: 4, inode: 71, flags: '01'},
	{fd: 8, inode: 72, flags: '00'},
];
const answering: readonly Pipe[] = [
	{fd: 0, inode: 71, flags: '00'},
	{fd: 1, inode: 72, flags: '01'},
];

const twoReadings = async (moved: readonly ThreadEntry[]): Promise<void> => {
	const exchanges = createPipeExchanges(tree.root);
	exchanges.update(moved);
	await pause(20);
	for (const pid of new Set(moved.map(({process}) => process.pid))) {
		write(pid, 1200);
	}

	exchanges.update(moved);
};

test('what parent and child read and write is told, once it was read twice, until they wake seldom', async () => {
	const [parent, child] = [makeProcess(10, 1, asking), makeProcess(20, 10, answering)];
	const exchanges = createPipeExchanges(tree.root);
	const moved = [...threadsOf(parent, 3), ...threadsOf(child, 3)];
	exchanges.update(moved);
	expect(parent.pipeExchange).toBeUndefined();
	await pause(20);
	write(10, 1200);
	exchanges.update(moved);
	expect(parent.pipeExchange).toMatchObject({peerPids: [20]});
	expect(parent.pipeExchange!.writtenBytesPerSecond).toBeCloseTo(
		parent.pipeExchange!.writesPerSecond * 20,
	);
	expect(child.pipeExchange).toMatchObject({peerPids: [10], writesPerSecond: 0});
	exchanges.update([]);
	expect(parent.pipeExchange).toBeUndefined();
});

test('nothing is read of two that one pipe joins, or two in the same direction', async () => {
	const [parent, child] = [
		makeProcess(10, 1, asking),
		makeProcess(20, 10, [answering[0]!, {fd: 1, inode: 72, flags: '00'}]),
	];
	await twoReadings([...threadsOf(parent, 3), ...threadsOf(child, 3)]);
	expect(parent.pipeExchange).toBeUndefined();
});

test('nothing is read of two threads alone, of strangers, or of those that wake seldom', async () => {
	const [parent, child] = [makeProcess(10, 1, asking), makeProcess(20, 10, answering)];
	await twoReadings([...threadsOf(parent, 1), ...threadsOf(child, 1)]);
	expect(parent.pipeExchange).toBeUndefined();
	await twoReadings([...threadsOf(parent, 3), ...threadsOf(child, 3, 500)]);
	expect(parent.pipeExchange).toBeUndefined();
	child.parentPid = 1;
	await twoReadings([...threadsOf(parent, 3), ...threadsOf(child, 3)]);
	expect(parent.pipeExchange).toBeUndefined();
});
