import {afterEach, beforeEach, expect, test} from 'vitest';
import {createExchangeLoops} from '../../source/observer/exchange-loops.js';
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

const watched = (fds: readonly number[]): string =>
	fds.map(fd => `tfd: ${fd} events: 19 data: ${fd} pos:0 ino:${fd} sdev:${fd}\n`).join('');

/** A process whose descriptor 5 is an epoll instance. */
const makeLoop = (pid: number, voluntarySwitchesPerSecond: number): ThreadEntry => {
	tree.open(pid, 7, {target: 'socket:[7]'});
	tree.open(pid, 8, {target: 'anon_inode:[eventfd]'});
	tree.open(pid, 5, {info: watched([7, 8])});
	const entry = createThreadEntry(createProcessEntry(pid), pid);
	entry.voluntarySwitchesPerSecond = voluntarySwitchesPerSecond;
	return entry;
};

const waits = (fd = 5) =>
	[
		{kind: 'running', percent: 60},
		{kind: 'epoll', call: 'epoll_wait', fd, percent: 40},
	] as const;

const watchesOf = ({waits: shares}: ThreadEntry) => shares?.find(({watches}) => watches)?.watches;

test('what an event loop watches that wakes thousands of times a second is counted, of others it is not asked', () => {
	const busy = makeLoop(10, 20_000);
	const quiet = makeLoop(11, 20);
	busy.waits = waits();
	quiet.waits = waits();
	createExchangeLoops(tree.root).update([busy, quiet]);
	expect(watchesOf(busy)).toEqual({socket: 1, eventfd: 1});
	expect(busy.dirty).toBe(true);
	expect(watchesOf(quiet)).toBeUndefined();
});

test('it is read once in some seconds, and told each time', () => {
	const entry = makeLoop(10, 20_000);
	const loops = createExchangeLoops(tree.root);
	entry.waits = waits();
	loops.update([entry]);
	tree.end(10);
	entry.waits = waits();
	loops.update([entry]);
	expect(watchesOf(entry)).toEqual({socket: 1, eventfd: 1});
});

test('of an epoll instance that is gone or refused nothing is told', () => {
	const entry = makeLoop(10, 20_000);
	entry.waits = waits(6);
	createExchangeLoops(tree.root).update([entry]);
	expect(watchesOf(entry)).toBeUndefined();
});
