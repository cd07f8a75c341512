import {closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createSleepers, type Sleepers} from '../../source/sampler/sleepers.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

let directory = '';
let sleepers: Sleepers = createSleepers();
let open: number[] = [];

beforeEach(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-sleepers-'));
	sleepers = createSleepers();
	open = [];
});

afterEach(() => {
	for (const descriptor of open) {
		closeSync(descriptor);
	}

	rmSync(directory, {recursive: true, force: true});
});

const process = createProcessEntry(1);

const rewrite = (descriptor: number, text: string): void => {
	ftruncateSync(descriptor, 0);
	writeSync(descriptor, text, 0);
};

/** A thread whose schedstat is a file of ours, and that keeps the counters in it. */
const asleep = (tid: number, text = `1000${tid} 20 ${tid}\n`): ThreadEntry => {
	const entry = createThreadEntry(process, tid);
	const descriptor = openSync(path.join(directory, String(tid)), 'w+');
	open.push(descriptor);
	rewrite(descriptor, text);
	entry.schedstatDescriptor = descriptor;
	[entry.runNanoseconds, entry.delayNanoseconds, entry.slices] = text.split(' ').map(Number) as [
		number,
		number,
		number,
	];
	process.awake.add(entry);
	sleepers.add(entry);
	return entry;
};

const sweep = (): void => {
	for (const _ of sleepers.sweep()) {
		// It only rests.
	}
};

const isAwake = (entry: ThreadEntry): boolean =>
	process.awake.has(entry) && entry.sleeperSlot === -1;

test('a thread whose text stays the same sleeps on', () => {
	const entry = asleep(1);
	sweep();
	expect(isAwake(entry)).toBe(false);
	expect(sleepers.size).toBe(1);
});

test('a thread that ran wakes, and knows when it was last seen asleep', () => {
	const entry = asleep(1);
	sweep();
	const before = performance.now();
	rewrite(entry.schedstatDescriptor, '10002 20 2\n');
	sweep();
	expect(isAwake(entry)).toBe(true);
	expect(entry.readAtMilliseconds).toBeGreaterThan(0);
	expect(entry.readAtMilliseconds).toBeLessThanOrEqual(before);
});

test.each([
	['a text that grew by a digit', '99 20 9\n', '99 20 90\n'],
	['a text that got shorter', '99 20 90\n', '99 20 9\n'],
	['a file that is empty now, as that of a dead thread', '99 20 9\n', ''],
])('%s wakes the thread', (_, text, changed) => {
	const entry = asleep(1, text);
	rewrite(entry.schedstatDescriptor, changed);
	sweep();
	expect(isAwake(entry)).toBe(true);
});

test('a thread that ran before it could join is not taken in', () => {
	const entry = asleep(1);
	sleepers.wake(entry);
	rewrite(entry.schedstatDescriptor, '77777 20 8\n');
	sleepers.add(entry);
	expect(isAwake(entry)).toBe(true);
});

test('a thread without a descriptor is not taken in', () => {
	const entry = createThreadEntry(process, 7);
	process.awake.add(entry);
	sleepers.add(entry);
	expect(isAwake(entry)).toBe(true);
});

test('of a thousand threads only those that ran wake, whichever leave meanwhile', () => {
	const entries = Array.from({length: 1000}, (_, index) => asleep(index + 1));
	sleepers.wake(entries[0]!);
	sleepers.wake(entries[500]!);
	sleepers.wake(entries[999]!);
	const ran = [entries[1]!, entries[255]!, entries[256]!, entries[998]!];
	for (const entry of ran) {
		rewrite(entry.schedstatDescriptor, '5 5 99999\n');
	}

	sweep();
	const left = [entries[0]!, entries[500]!, entries[999]!, ...ran];
	expect(entries.filter(isAwake)).toEqual(entries.filter(entry => left.includes(entry)));
	expect(sleepers.size).toBe(1000 - left.length);
	sweep();
	expect(sleepers.size).toBe(1000 - left.length);
});

test('threads that leave while a sweep rests are neither read nor missed', () => {
	const entries = Array.from({length: 600}, (_, index) => asleep(index + 1));
	const ran = entries[3]!;
	rewrite(ran.schedstatDescriptor, '5 5 99999\n');
	const work = sleepers.sweep();
	work.next();
	for (const entry of entries.slice(100)) {
		sleepers.wake(entry);
	}

	for (const _ of work) {
		// The rest.
	}

	expect(isAwake(ran)).toBe(true);
	expect(sleepers.size).toBe(99);
});
