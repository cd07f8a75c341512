import {expect, test} from 'vitest';
import {failure} from '../../source/procfs/descriptor.js';
import {createThreadSweeper} from '../../source/sampler/sweep.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';
import type {HeldFile, TaskFiles} from '../../source/sampler/task-files.js';

const wait = (milliseconds: number): void => {
	const end = performance.now() + milliseconds;
	while (performance.now() < end) {
		// As if the program had been stopped here.
	}
};

const statusText = (voluntary: number) =>
	`Name:\tweb\nState:\tS (sleeping)\nvoluntary_ctxt_switches:\t${voluntary}\nnonvoluntary_ctxt_switches:\t0\n`;

/** Files that answer what `read` says; a number is a failure. */
const filesOf = (read: (file: HeldFile) => string | number): TaskFiles => ({
	read(_entry, file, buffer) {
		const answer = read(file);
		return typeof answer === 'number'
			? answer
			: Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length).write(answer);
	},
	releaseSecondary() {},
	release: () => 0,
	path: () => '/nowhere',
	threadsHeld: 0,
	hasSpare: true,
	takeShortage: () => 0,
});

const makeThread = () => createThreadEntry(createProcessEntry(100), 100);

test('counters that were read too far apart are read again', () => {
	let runNanoseconds = 1_000_000;
	let isStopped = false;
	const sweeper = createThreadSweeper(
		filesOf(file => {
			if (file === 'schedstatDescriptor') {
				return `${runNanoseconds} 0 5\n`;
			}

			if (isStopped) {
				isStopped = false;
				wait(300);
				// It ran all the while.
				runNanoseconds += 300_000_000;
			}

			return statusText(5);
		}),
		true,
	);
	const entry = makeThread();
	expect(sweeper.sweep(entry)).toBe('moved');
	wait(20);
	isStopped = true;
	expect(sweeper.sweep(entry)).toBe('moved');
	expect(entry.runNanoseconds).toBe(301_000_000);
	// With the first reading of schedstat it would be 0, and 100 % in the next interval whatever the thread does.
	expect(entry.cpuPercent).toBeGreaterThan(80);
	wait(20);
	expect(sweeper.sweep(entry)).toBe('moved');
	expect(entry.cpuPercent).toBe(0);
});

test('counters that stay too far apart, however often they are read, are told', () => {
	const sweeper = createThreadSweeper(
		filesOf(file => {
			if (file !== 'schedstatDescriptor') {
				wait(30);
			}

			return file === 'schedstatDescriptor' ? '1000 0 5\n' : statusText(5);
		}),
		true,
	);
	const entry = makeThread();
	expect(sweeper.sweep(entry)).toBe('moved');
	expect(sweeper.takeTorn()).toBe(1);
	expect(sweeper.takeTorn()).toBe(0);
});

test('a thread that is read again only because its wait is not known yet does not count as one that runs', () => {
	let slices = 5;
	const sweeper = createThreadSweeper(
		filesOf(file => (file === 'schedstatDescriptor' ? `1000 0 ${slices}\n` : statusText(5))),
		true,
	);
	const entry = makeThread();
	sweeper.sweep(entry);
	sweeper.sweep(entry);
	expect(entry).toMatchObject({settled: false, activeSweeps: 1});
	slices++;
	sweeper.sweep(entry);
	expect(entry.activeSweeps).toBe(2);
});

for (const [reading, failed, shown] of [
	['refused', failure.denied, null],
	['without a descriptor left', failure.exhausted, undefined],
	['broken', failure.failed, undefined],
	['empty', 0, undefined],
] as const) {
	test(`a thread whose schedstat is ${reading} is still there, with ${shown} for its rates`, () => {
		let answer: string | number = '1000 0 5\n';
		const sweeper = createThreadSweeper(
			filesOf(file => (file === 'schedstatDescriptor' ? answer : statusText(5))),
			true,
		);
		const entry = makeThread();
		sweeper.sweep(entry);
		sweeper.sweep(entry);
		expect(entry.cpuPercent).toBe(0);
		entry.wait = {kind: 'futex'};
		answer = failed;
		expect(sweeper.sweep(entry)).toBe('unread');
		expect(entry).toMatchObject({
			voluntarySwitchesPerSecond: shown,
			involuntarySwitchesPerSecond: shown,
			cpuPercent: shown,
			runQueueWaitPercent: shown,
			wait: shown,
			waitChannel: shown,
			settled: false,
			dead: false,
		});
	});
}

for (const failed of [failure.gone, failure.missing]) {
	test(`a thread whose file answers ${failed} is gone`, () => {
		const sweeper = createThreadSweeper(
			filesOf(() => failed),
			true,
		);
		expect(sweeper.sweep(makeThread())).toBe('gone');
	});
}

test('a thread that exits between its two files is gone', () => {
	const sweeper = createThreadSweeper(
		filesOf(file => (file === 'schedstatDescriptor' ? '1000 0 5\n' : failure.gone)),
		true,
	);
	expect(sweeper.sweep(makeThread())).toBe('gone');
});

test('a settled thread’s status is not read while its schedstat stays the same', () => {
	let statusReads = 0;
	const sweeper = createThreadSweeper(
		filesOf(file => {
			if (file === 'schedstatDescriptor') {
				return '1000 0 5\n';
			}

			statusReads++;
			return statusText(5);
		}),
		true,
	);
	const entry = makeThread();
	sweeper.sweep(entry);
	entry.settled = true;
	for (let sweep = 0; sweep < 10; sweep++) {
		expect(sweeper.sweep(entry)).toBe('still');
	}

	expect(statusReads).toBe(1);
	entry.settled = false;
	expect(sweeper.sweep(entry)).toBe('moved');
	expect(statusReads).toBe(2);
});

test('a thread whose wait was postponed is not read again while its schedstat stays the same, and not published anew', () => {
	let slices = 5;
	const read: HeldFile[] = [];
	const sweeper = createThreadSweeper(
		filesOf(file => {
			read.push(file);
			return file === 'schedstatDescriptor' ? `1000 0 ${slices}\n` : statusText(5);
		}),
		true,
	);
	const entry = makeThread();
	sweeper.sweep(entry);
	sweeper.sweep(entry);
	entry.postponed = true;
	entry.dirty = false;
	read.length = 0;
	expect(sweeper.sweep(entry)).toBe('postponed');
	expect(read).toEqual(['schedstatDescriptor']);
	expect(entry.dirty).toBe(false);
	slices++;
	expect(sweeper.sweep(entry)).toBe('moved');
	expect(entry.postponed).toBe(false);
});
