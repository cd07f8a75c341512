import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {ClosedSet} from '../../source/model/closed-set.js';
import {createClosedSets} from '../../source/observer/closed-sets.js';
import type {ObjectHolder, ObjectHolders} from '../../source/observer/object-holders.js';
import type {WaitNeeds} from '../../source/observer/wait-needs.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ProcessEntry,
} from '../../source/sampler/task-entry.js';

let processes: Map<number, ProcessEntry>;
let needs: Map<number, WaitNeeds>;
let held: Map<string, ObjectHolder[]>;
let refused: number[];
let asked: number[];

const addProcess = (pid: number): ProcessEntry => {
	const process = {...createProcessEntry(pid), parentPid: 5, startTimeTicks: pid};
	const thread = createThreadEntry(process, pid);
	thread.wait = {kind: 'futex', call: 'futex', timed: false};
	thread.settled = true;
	thread.ranAtMilliseconds = performance.now();
	process.threads.set(pid, thread);
	processes.set(pid, process);
	return process;
};

const holder = (pid: number): ObjectHolder => ({pid, access: 'both', outlivesExec: true});

beforeEach(() => {
	vi.useFakeTimers({toFake: ['performance']});
	processes = new Map([[1, createProcessEntry(1)]]);
	refused = [];
	asked = [];
	addProcess(10);
	addProcess(11);
	needs = new Map([
		[10, {objects: new Map([['memory:x', 'both']]), pids: []}],
		[11, {objects: new Map([['memory:x', 'both']]), pids: [10]}],
	]);
	held = new Map([['memory:x', [holder(10), holder(11)]]]);
});

afterEach(() => {
	vi.useRealTimers();
});

const watchSets = () => {
	vi.advanceTimersByTime(2000);
	const holders: ObjectHolders = {
		of(key) {
			const found = held.get(key);
			return found && {holders: found, processes: processes.size, refused};
		},
		forget() {},
		proceed() {},
	};
	const sets = createClosedSets({
		processes,
		holders,
		needsOf(process) {
			asked.push(process.pid);
			return needs.get(process.pid);
		},
	});
	return (): readonly ClosedSet[] => {
		sets.update();
		return sets.found;
	};
};

const watch = () => {
	const update = watchSets();
	return () => update().map(({pids}) => pids);
};

test('processes that only they themselves could wake are found, and looked into once', () => {
	const update = watch();
	expect(update()).toEqual([[10, 11]]);
	expect(update()).toEqual([[10, 11]]);
	expect(asked).toEqual([10, 11]);
});

test('they are not where one of them has moved, or has only just come to rest', () => {
	const update = watch();
	update();
	processes.get(10)!.active = true;
	expect(update()).toEqual([]);
	processes.get(10)!.active = false;
	// It was looked into before, and must rest for longer now.
	expect(update()).toEqual([]);
	expect(asked).toEqual([10, 11]);
});

test('they are not where somebody else has what they wait at, was refused, or may be hidden', () => {
	held.set('memory:x', [holder(10), holder(11), holder(12)]);
	addProcess(12);
	expect(watch()()).toEqual([]);
	needs.set(12, {objects: new Map(), pids: []});
	expect(watch()()).toEqual([[10, 11, 12]]);
	refused = [1];
	// The last one waits for nothing that another process has.
	expect(watch()()).toEqual([[12]]);
	refused = [];
	processes.delete(1);
	expect(watch()()).toEqual([[12]]);
});

test('of threads that wait for words of their own memory a set tells only where each process has one alone', () => {
	held.set('memory:x', []);
	needs.set(10, {objects: new Map(), pids: []});
	expect(watch()()).toEqual([[10]]);
	const {threads} = processes.get(10)!;
	threads.set(99, {...threads.get(10)!, tid: 99});
	expect(watch()()).toEqual([]);
	// That a word which others could share lies in memory of its own shows only here.
	const shared = {kind: 'futex', call: 'futex', timed: false, futexShared: true} as const;
	threads.set(99, {...threads.get(10)!, tid: 99, wait: shared});
	expect(watch()()).toEqual([[10]]);
});

test('they are not where one waits for time, or its wait is refused', () => {
	processes.get(11)!.threads.get(11)!.wait = {kind: 'sleep', timed: true};
	expect(watch()()).toEqual([]);
	processes.get(11)!.threads.get(11)!.wait = null;
	expect(watch()()).toEqual([]);
	expect(asked).not.toContain(11);
});

test('where nobody is seen to have the other end, somebody out of sight has', () => {
	held.set('memory:x', []);
	expect(watch()()).toEqual([]);
});

test('who waits for the end of one that writes to a full pipe stands in a circle with it, though others have the pipe too', () => {
	addProcess(12);
	needs = new Map([
		[10, {objects: new Map(), pids: [11]}],
		[11, {objects: new Map([['pipe:[7]', 'read']]), pids: []}],
		[12, {objects: new Map([['pipe:[8]', 'read']]), pids: []}],
	]);
	held = new Map([
		['pipe:[7]', [holder(10), holder(11), holder(12)]],
		['pipe:[8]', [holder(10), {...holder(11), access: 'write'}, holder(12)]],
	]);
	expect(watchSets()()).toMatchObject([{pids: [10, 11, 12], circle: [10, 11], otherReaders: 1}]);
	// The child may wait for another one that writes.
	needs.set(11, {objects: new Map([['memory:x', 'both']]), pids: []});
	held.set('pipe:[8]', [holder(10), holder(12)]);
	held.set('memory:x', [holder(11), holder(12)]);
	expect(watchSets()()).toMatchObject([{pids: [10, 11, 12], circle: [10, 11, 12]}]);
	// One that reads an empty pipe waits for whoever writes: no circle is seen.
	needs.set(11, {objects: new Map([['pipe:[7]', 'write']]), pids: []});
	needs.set(12, {objects: new Map([['pipe:[8]', 'write']]), pids: []});
	const [set] = watchSets()();
	expect(set!.pids).toEqual([10, 11, 12]);
	expect(set!.circle).toBeUndefined();
});
