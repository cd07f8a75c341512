import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {runCtop, takeSnapshot} from '../helpers/ctop.js';
import {readPidstat} from '../helpers/pidstat.js';
import {type PsRow, readPs} from '../helpers/ps.js';
import {readTop} from '../helpers/top.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, watchTarget} from './watched.js';

/*
Two programs that watch the same seconds never begin and end in the same moment. Threads of these programs do the same thing all
the time, so that their rates hardly depend on when exactly one looks; what is left differs by the switches that fall into one
watch and not into the other. On a machine that others load too, a thread that polls 20 times a second may be held up by some:
a fifth of the rate, and four switches a second, is what was seen with four times more runnable threads than CPUs.
*/
const shareOfRate = 0.2;
const switchesPerSecond = 4;
const seconds = 5;

const missing = missingForZoo('polling-threads.py') ?? missingForZoo('mutex-pool.c');
let zoo: ZooProcess[] = [];

beforeAll(async () => {
	if (!missing) {
		zoo = [
			await startZoo('polling-threads.py', [8, 0.05]),
			await startZoo('polling-threads.py', [3, 0.2, 'queue']),
			await startZoo('mutex-pool.c', [4, 40]),
		];
	}
});

afterAll(async () => {
	await Promise.all(zoo.map(async ({stop}) => stop()));
});

type Counters = {at: number; run: number; delay: number; voluntary: number; involuntary: number};

const readCounters = (pid: number, tid: number): Counters => {
	const folder = `/proc/${pid}/task/${tid}`;
	const [run = 0, delay = 0] = readFileSync(`${folder}/schedstat`, 'latin1').split(' ').map(Number);
	const status = readFileSync(`${folder}/status`, 'latin1');
	const count = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)![1]);
	return {
		at: performance.now(),
		run,
		delay,
		voluntary: count('voluntary_ctxt_switches'),
		involuntary: count('nonvoluntary_ctxt_switches'),
	};
};

const threadsOf = (processes: readonly Process[]) =>
	processes.flatMap(({pid, threads}) => threads.map(thread => ({pid, ...thread})));

const watchedIn = (snapshot: Snapshot): Process[] => zoo.map(({pid}) => processIn(snapshot, pid)!);

describe.skipIf(missing)('threads that do the same thing all the time', () => {
	test('switch as often as pidstat -t -w says', async context => {
		const [rates, snapshot] = await Promise.all([
			readPidstat(
				zoo.map(({pid}) => pid),
				seconds,
			),
			takeSnapshot(seconds + 1, ['-d', String(seconds)]),
		]);
		context.skip(rates === undefined, 'no pidstat here');
		const threads = threadsOf(watchedIn(snapshot));
		expect(threads.length).toBe(10 + 5 + 6);
		for (const thread of threads) {
			const expected = rates!.get(thread.tid);
			for (const rate of ['voluntarySwitchesPerSecond', 'involuntarySwitchesPerSecond'] as const) {
				const difference = Math.abs(thread[rate]! - expected![rate]);
				expect
					.soft(difference, `${rate} of ${thread.tid}: ${thread[rate]}, pidstat ${expected![rate]}`)
					.toBeLessThanOrEqual(switchesPerSecond + expected![rate] * shareOfRate);
			}
		}
	});

	test('make a process’s rates by their sum, where pidstat shows the main thread’s', async () => {
		const snapshot = await takeSnapshot(2);
		const polling = watchedIn(snapshot)[0]!;
		const main = polling.threads.find(({tid}) => tid === polling.pid)!;
		const sum = polling.threads.reduce((all, each) => all + each.voluntarySwitchesPerSecond!, 0);
		expect(main.voluntarySwitchesPerSecond).toBeLessThan(2);
		expect(polling.voluntarySwitchesPerSecond).toBeCloseTo(sum, 1);
		expect(sum).toBeGreaterThan(50);
	});
});

describe.skipIf(missing)('in this program', () => {
	test('every rate is that of the thread’s own counters in /proc', async () => {
		const busy = await startZoo('busy-processes.py', [3]);
		const watched = watchTarget();
		try {
			const snapshot = await watched.tick();
			const threads = threadsOf([...watchedIn(snapshot), ...busyProcesses(snapshot, busy.pid)]);
			// Read just before and just after what the observer reads: its own reading lies between them.
			const outerBefore = threads.map(({pid, tid}) => readCounters(pid, tid));
			await watched.tick();
			const innerBefore = threads.map(({pid, tid}) => readCounters(pid, tid));
			await sleep(3000);
			const innerAfter = threads.map(({pid, tid}) => readCounters(pid, tid));
			const later = await watched.tick();
			const outerAfter = threads.map(({pid, tid}) => readCounters(pid, tid));
			const seen = new Map(threadsOf(later.processes).map(thread => [thread.tid, thread]));
			for (const [index, {tid}] of threads.entries()) {
				const outerSeconds = (outerAfter[index]!.at - outerBefore[index]!.at) / 1000;
				const innerSeconds = (innerAfter[index]!.at - innerBefore[index]!.at) / 1000;
				const bounds = (counter: Exclude<keyof Counters, 'at'>, unit = 1) => ({
					// All changes that certainly fall between its readings, over the longest time that may lie between them.
					least: (innerAfter[index]![counter] - innerBefore[index]![counter]) / unit / outerSeconds,
					most: (outerAfter[index]![counter] - outerBefore[index]![counter]) / unit / innerSeconds,
				});
				const isBetween = (value: number, {least, most}: {least: number; most: number}) => {
					expect.soft(value, `thread ${tid}`).toBeGreaterThanOrEqual(least - 1e-6);
					expect.soft(value, `thread ${tid}`).toBeLessThanOrEqual(most + 1e-6);
				};
				const cap = ({least, most}: {least: number; most: number}) => ({
					least: Math.min(100, least),
					most: Math.min(100, most),
				});
				const thread = seen.get(tid)!;
				isBetween(thread.voluntarySwitchesPerSecond!, bounds('voluntary'));
				isBetween(thread.involuntarySwitchesPerSecond!, bounds('involuntary'));
				isBetween(thread.cpuPercent!, cap(bounds('run', 1e7)));
				isBetween(thread.runQueueWaitPercent!, cap(bounds('delay', 1e7)));
			}

			const waited = threads.map(({tid}) => seen.get(tid)!.runQueueWaitPercent!);
			expect(Math.max(...waited)).toBeGreaterThan(1);
		} finally {
			watched.close();
			await busy.stop();
		}
	});
});

const busyProcesses = (snapshot: Snapshot, pid: number): Process[] =>
	snapshot.processes.filter(process => process.parentPid === pid);

test.skipIf(missing)('CPU time is what top -H says', async context => {
	const busy = await startZoo('hashing-threads.py', [2]);
	try {
		const [rows, snapshot] = await Promise.all([
			readTop([busy.pid], seconds),
			takeSnapshot(seconds + 1, ['-d', String(seconds)]),
		]);
		context.skip(rows === undefined, 'no top here');
		// Of a process asked for by its id, top -H gives the main thread the time of all.
		const threads = processIn(snapshot, busy.pid)!.threads.filter(({tid}) => tid !== busy.pid);
		expect(threads.length).toBe(3);
		for (const {tid, cpuPercent} of threads) {
			// top counts in ticks of 10 ms, and what others on the machine do changes from one second to the next.
			const expected = rows!.get(tid)!.cpuPercent;
			expect
				.soft(Math.abs(cpuPercent! - expected), `${tid}: ${cpuPercent}, top ${expected}`)
				.toBeLessThanOrEqual(15 + expected * shareOfRate);
		}

		expect(Math.max(...threads.map(({cpuPercent}) => cpuPercent!))).toBeGreaterThan(10);
	} finally {
		await busy.stop();
	}
});

/** Rows that both lists have, with the same parent, threads and command. */
const steadyRows = (before: readonly PsRow[], after: readonly PsRow[]): Map<number, PsRow> => {
	const later = new Map(after.map(row => [row.pid, row]));
	return new Map(
		before
			.filter(row => {
				const same = later.get(row.pid);
				return (
					same?.parentPid === row.parentPid &&
					same.threadCount === row.threadCount &&
					same.command === row.command &&
					same.depth === row.depth &&
					same.state.slice(1) === row.state.slice(1)
				);
			})
			.map(row => [row.pid, row]),
	);
};

test('the tree is the one of ps axf, in the JSON', async context => {
	const before = await readPs();
	context.skip(before === undefined, 'no ps here');
	const snapshot = await takeSnapshot(1);
	const steady = steadyRows(before!, (await readPs())!);
	const seen = new Map(snapshot.processes.map(each => [each.pid, each]));
	expect(steady.size).toBeGreaterThan(2);
	for (const [pid, row] of steady) {
		const process = seen.get(pid);
		const letters = process && process.state + process.stateFlags;
		expect.soft(process, `${pid} ${row.command}`).toMatchObject({parentPid: row.parentPid});
		expect.soft(process?.threadCount, `threads of ${pid}`).toBe(row.threadCount);
		// The state itself may be another one at each look, its flags may not.
		expect.soft(letters?.slice(1), `flags of ${pid}`).toBe(row.state.slice(1));
	}

	expect(snapshot.processes.filter(({pid}) => !steady.has(pid)).length).toBeLessThan(
		snapshot.processes.length / 2 + 20,
	);
});

test('the tree is the one of ps axf, in the text', async context => {
	const before = await readPs();
	context.skip(before === undefined, 'no ps here');
	const {output} = await runCtop(['-b', '-n', '1', '--ascii']);
	const steady = steadyRows(before!, (await readPs())!);
	const rows = output
		.split('\n')
		.map(line => /^ *(\d+) +(\d+) +(\S+) +(\d+) /.exec(line))
		.filter(match => match !== null)
		.map(([, parentPid, pid, state, threadCount]) => ({
			parentPid: Number(parentPid),
			pid: Number(pid),
			state: state!,
			threadCount: Number(threadCount),
		}));
	expect(rows.length).toBeGreaterThan(2);
	const compared = rows.filter(({pid}) => steady.has(pid));
	expect(compared.length).toBeGreaterThan(1);
	for (const row of compared) {
		const expected = steady.get(row.pid)!;
		expect.soft(row.parentPid, `parent of ${row.pid}`).toBe(expected.parentPid);
		expect.soft(row.state.slice(1), `flags of ${row.pid}`).toBe(expected.state.slice(1));
	}
});
