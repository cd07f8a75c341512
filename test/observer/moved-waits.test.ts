import process from 'node:process';
import {expect, test} from 'vitest';
import {createMovedWaits} from '../../source/observer/moved-waits.js';
import type {WaitReader} from '../../source/observer/wait-reader.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

const millisecondsPerWait = 2;
/** Reading the waits of one group takes longer than there is time for in one tick. */
const groupSize = 32;

const isLookedAt = () => true;

/** Takes its time, and remembers whose waits were read. */
const slowReader = () => {
	const read: number[] = [];
	const update: WaitReader['update'] = entry => {
		const end = performance.now() + (entry.state === 'R' ? 0 : millisecondsPerWait);
		while (performance.now() < end) {
			// As a busy machine does.
		}

		entry.postponed = false;
		entry.settled = true;
		entry.wait = {kind: 'futex'};
		read.push(entry.tid);
	};

	return {read, update};
};

const makeThreads = (pid: number, count: number, userId = process.getuid?.()) => {
	const owner = createProcessEntry(pid);
	owner.userId = userId;
	return Array.from({length: count}, (_, index) => {
		const entry = createThreadEntry(owner, pid + index);
		entry.state = 'S';
		return entry;
	});
};

const watch = (rights = {tracesOthers: true, isRoot: true, hidesOthers: false}) => {
	const {read, update} = slowReader();
	const {update: updateWaits, proceed} = createMovedWaits({
		target: {procRoot: '/proc', ownKernel: true, passwdFile: '/etc/passwd'},
		rights,
		waits: {update} as WaitReader,
		note() {},
	});
	return {read, updateWaits, proceed};
};

test('waits that there is no time for are read in the next tick, without their threads having run', () => {
	const {updateWaits} = watch();
	const threads = makeThreads(100, groupSize * 2);
	updateWaits({moved: threads, postponed: [], focus: new Set(), isLookedAt});
	const late = threads.filter(entry => entry.postponed);
	expect(late).toHaveLength(groupSize);
	expect(late.every(({wait, settled}) => wait === undefined && !settled)).toBe(true);
	late.forEach(entry => {
		entry.dirty = false;
	});
	updateWaits({moved: [], postponed: late, focus: new Set(), isLookedAt});
	expect(late.every(({wait, settled, dirty}) => wait !== undefined && settled && dirty)).toBe(true);
});

test('some of them are read between two ticks, but not of threads that have ended', () => {
	const {read, updateWaits, proceed} = watch();
	const threads = makeThreads(100, groupSize * 3);
	updateWaits({moved: threads, postponed: [], focus: new Set(), isLookedAt});
	const late = threads.filter(entry => entry.postponed);
	late[0]!.dead = true;
	proceed();
	expect(late.filter(({settled}) => settled)).toHaveLength(groupSize);
	expect(read).not.toContain(late[0]!.tid);
	proceed();
	proceed();
	expect(late.filter(({settled}) => !settled)).toEqual([late[0]]);
	expect(new Set(read).size).toBe(read.length);
});

test('threads that all run have their waits read in turns, those in focus each time', () => {
	const {read, updateWaits} = watch();
	const focused = makeThreads(100, 1);
	const others = makeThreads(1000, groupSize * 3);
	for (let tick = 0; tick < 3; tick++) {
		updateWaits({moved: [...focused, ...others], postponed: [], focus: new Set([100]), isLookedAt});
	}

	expect(read.filter(tid => tid === 100)).toHaveLength(3);
	expect(new Set(read).size).toBe(1 + groupSize * 3);
});

test('a thread that runs needs no reading and is never late', () => {
	const {updateWaits} = watch();
	const threads = makeThreads(100, groupSize * 2);
	threads.at(-1)!.state = 'R';
	updateWaits({moved: threads, postponed: [], focus: new Set(), isLookedAt});
	expect(threads.at(-1)).toMatchObject({postponed: false, wait: {kind: 'futex'}});
	expect(threads.at(-2)).toMatchObject({postponed: true, wait: undefined});
});

test('waits that would be refused are told as refused when their turn did not come', () => {
	const {updateWaits} = watch({tracesOthers: false, isRoot: false, hidesOthers: false});
	const threads = makeThreads(100, groupSize * 2, (process.getuid?.() ?? 0) + 1);
	updateWaits({moved: threads, postponed: [], focus: new Set(), isLookedAt});
	expect(threads.at(-1)).toMatchObject({postponed: false, settled: true, wait: null});
});

test('at first the waits of the threads that processes began with are read, which their rows show', () => {
	const {read, updateWaits} = watch();
	const threads = [...makeThreads(100, groupSize * 2), ...makeThreads(1000, 1)];
	updateWaits({moved: threads, postponed: [], focus: new Set(), isLookedAt});
	expect(read.slice(0, 2)).toEqual([100, 1000]);
});

test('of a crowd in focus all have their turn', () => {
	const {read, updateWaits} = watch();
	const threads = makeThreads(100, groupSize * 3);
	for (let tick = 0; tick < 3; tick++) {
		updateWaits({moved: threads, postponed: [], focus: new Set([100]), isLookedAt});
	}

	expect(new Set(read).size).toBe(groupSize * 3);
});

test('in a crowd, threads that keep running are read briefly, but for those that somebody looks at or that stand for others', () => {
	const ways = new Map<number, string>();
	const {update: updateWaits} = createMovedWaits({
		target: {procRoot: '/proc', ownKernel: true, passwdFile: '/etc/passwd'},
		rights: {tracesOthers: true, isRoot: true, hidesOthers: false},
		waits: {
			update: ({tid}) => void ways.set(tid, 'whole'),
			updateBriefly: ({tid}, withTimeout) =>
				void ways.set(tid, withTimeout ? 'with its time limit' : 'briefly'),
		} as WaitReader,
		note() {},
	});
	const [focused, running, fresh] = [
		[100, 5],
		[1000, 5],
		[9000, 1],
	].map(([pid, sweeps]) => {
		const threads = makeThreads(pid!, 300);
		threads.forEach(entry => {
			entry.activeSweeps = sweeps!;
		});
		return threads;
	});
	const toRead = {postponed: [], isLookedAt: ({tid}: ThreadEntry) => tid === 101 || tid === 1001};
	// At first those that processes began with come before all others.
	updateWaits({...toRead, moved: [], focus: new Set()});
	updateWaits({
		...toRead,
		moved: [...focused!, ...running!, ...fresh!],
		focus: new Set([100]),
	});
	expect([100, 101, 102, 104, 1000, 9000].map(tid => ways.get(tid))).toEqual([
		'whole',
		'whole',
		'with its time limit',
		'whole',
		'briefly',
		'whole',
	]);
	updateWaits({...toRead, moved: running!, focus: new Set()});
	expect(ways.get(1000)).toBe('whole');
});
