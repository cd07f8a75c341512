import {expect, test} from 'vitest';
import {publishProcess, publishThread, stateFlags} from '../../source/sampler/publish.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

const context = {
	bootTimeSeconds: 1_767_225_600,
	userName: (id: number) => (id === 33 ? 'www-data' : undefined),
};

const makeEntry = (overrides: Partial<ProcessEntry> = {}): ProcessEntry => ({
	...createProcessEntry(100),
	name: 'web',
	parentPid: 1,
	processGroup: 100,
	session: 50,
	terminalProcessGroup: -1,
	startTimeTicks: 250,
	...overrides,
});

const addThread = (process: ProcessEntry, tid: number, overrides: Partial<ThreadEntry> = {}) => {
	const entry = {...createThreadEntry(process, tid), ...overrides};
	process.threads.set(tid, entry);
	return entry;
};

test('the letters behind the state are those of ps', () => {
	const flags = (overrides: Partial<ProcessEntry>, threads = 1) => {
		const process = makeEntry(overrides);
		for (let tid = 100; tid < 100 + threads; tid++) {
			addThread(process, tid);
		}

		return stateFlags(process);
	};

	expect(flags({})).toBe('');
	expect(flags({nice: -5})).toBe('<');
	expect(flags({nice: 5})).toBe('N');
	expect(flags({lockedPages: true})).toBe('L');
	expect(flags({session: 100})).toBe('s');
	expect(flags({}, 2)).toBe('l');
	expect(flags({terminalProcessGroup: 100})).toBe('+');
	expect(flags({nice: -1, lockedPages: true, session: 100, terminalProcessGroup: 100}, 3)).toBe(
		'<Lsl+',
	);
});

test('a process’s rates are sums over its threads, not those of the main thread', () => {
	const process = makeEntry();
	addThread(process, 100, {voluntarySwitchesPerSecond: 0, cpuPercent: 0, runQueueWaitPercent: 0});
	addThread(process, 101, {
		voluntarySwitchesPerSecond: 700,
		involuntarySwitchesPerSecond: 3,
		cpuPercent: 60,
		runQueueWaitPercent: 90,
	});
	addThread(process, 102, {
		voluntarySwitchesPerSecond: 300,
		involuntarySwitchesPerSecond: 4,
		cpuPercent: 55,
		runQueueWaitPercent: 80,
	});
	expect(publishProcess(process, context)).toMatchObject({
		threadCount: 3,
		voluntarySwitchesPerSecond: 1000,
		involuntarySwitchesPerSecond: 7,
		cpuPercent: 115,
		runQueueWaitPercent: 170,
	});
});

test('threads of which nothing is known yet don’t make a sum, refused ones make it refused', () => {
	const unknown = makeEntry();
	addThread(unknown, 100);
	expect(publishProcess(unknown, context).cpuPercent).toBeUndefined();
	const refused = makeEntry();
	addThread(refused, 100);
	addThread(refused, 101, {cpuPercent: null});
	expect(publishProcess(refused, context).cpuPercent).toBeNull();
});

test('start time and user name come from the machine', () => {
	const process = makeEntry({userId: 33});
	addThread(process, 100);
	expect(publishProcess(process, context)).toMatchObject({
		startTime: '2026-01-01T00:00:02.500Z',
		user: 'www-data',
		userId: 33,
	});
	const stranger = makeEntry({userId: 4711});
	addThread(stranger, 100);
	expect(publishProcess(stranger, context)).toMatchObject({user: undefined, userId: 4711});
});

test('scheduling policies have the names of sched(7)', () => {
	const process = makeEntry();
	const policies = [0, 1, 2, 3, 5, 6, 4, 99].map(
		policy => publishThread(addThread(process, 100, {policy})).policy,
	);
	expect(policies).toEqual([
		...['other', 'fifo', 'rr', 'batch', 'idle', 'deadline'],
		undefined,
		undefined,
	]);
});

test('what did not change is the same object again', () => {
	const process = makeEntry();
	const idle = addThread(process, 100);
	const busy = addThread(process, 101);
	const before = publishProcess(process, context);
	expect(publishProcess(process, context)).toBe(before);
	busy.cpuPercent = 12;
	busy.dirty = true;
	process.dirty = true;
	const after = publishProcess(process, context);
	expect(after).not.toBe(before);
	expect(after.threads[0]).toBe(before.threads[0]);
	expect(after.threads[0]).toBe(publishThread(idle));
	expect(after.threads[1]).not.toBe(before.threads[1]);
	expect(before.threads[1]!.cpuPercent).toBeUndefined();
});
