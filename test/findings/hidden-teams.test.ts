import {describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {System, WakeSources} from '../../source/model/system.js';
import {makeProcess, makeSystem, makeThread} from '../helpers/snapshot.js';
import {type Crowd, crowd, forked, futex, processWith, running, watch} from './watched.js';

/*
Another user's processes: no waits, only rates, and what the whole machine counted. The numbers are those of measured programs.
*/

const machine = (idlePercent: number, wakeSources: WakeSources): Partial<System> => ({
	cpu: {...makeSystem().cpu!, idlePercent},
	// No more than these processes have.
	contextSwitchesPerSecond: 10_000,
	wakeSources,
});

const ticksOnly = {timerInterruptsPerSecond: 600, receivedPacketsPerSecond: 0};

const rulesFor = (
	crowds: readonly Crowd[],
	overrides: Partial<Process>,
	system: Partial<System>,
	others: readonly Process[] = [],
): readonly string[] => {
	const hidden = crowds.map(one => ({...one, wait: null}));
	return watch([processWith(overrides, ...hidden), ...others], {system}).findings.map(
		({rule, confidence}) => `${rule} ${confidence}`,
	);
};

const lock = ['lock-contention possible'];
const jvm = {runtime: {name: 'jvm', source: 'commandLine'}} as const;
const python = {runtime: {name: 'cpython', source: 'commandLine', version: '3.11'}} as const;
const go = {runtime: {name: 'go', source: 'commandLine'}} as const;

describe('threads that sleep although there is work for more of them than there are CPUs', () => {
	const mutex: Crowd = {
		count: 16,
		voluntary: 2350,
		involuntary: 840,
		cores: 1.52,
		delayRatio: 0.87,
	};
	const busy = machine(4, ticksOnly);
	const told = (changes: Partial<Crowd>, of: Partial<Process> = {}, system = busy) =>
		rulesFor([{...mutex, ...changes}], {systemCpuPercent: 51, ...of}, system);

	test('wait for a lock, possibly', () => {
		expect(told({})).toEqual(lock);
	});

	test('are users of a queue when the kernel has no part in it', () => {
		expect(told({}, {systemCpuPercent: 6})).toEqual([]);
	});

	test('have something else to wait for where packets came, timers ran out or disks were slow', () => {
		expect(told({}, {}, machine(4, {...ticksOnly, receivedPacketsPerSecond: 900}))).toEqual([]);
		expect(told({}, {}, machine(4, {...ticksOnly, timerInterruptsPerSecond: 2000}))).toEqual([]);
		const some = {avg10Percent: 40, avg60Percent: 0, avg300Percent: 0, stallPercent: 40};
		expect(told({}, {}, {...busy, pressure: {io: {some}}})).toEqual([]);
	});

	test('are not told where nobody counted what wakes threads', () => {
		expect(told({}, {}, machine(4, {}))).toEqual([]);
		expect(told({}, {}, {cpu: busy.cpu})).toEqual([]);
	});

	test('may be woken by whoever else wakes as often, or writes to a pipe all the time', () => {
		const other = (voluntary: number, cores: number, parentPid = 900) =>
			processWith(
				{pid: 5000, parentPid, name: 'other'},
				{count: 1, voluntary, cores, waits: [{kind: 'running', percent: 100}]},
			);
		const beside = (process: Process) =>
			rulesFor([mutex], {systemCpuPercent: 51, parentPid: 900}, busy, [process]);
		expect(beside(other(1200, 0.05))).toEqual([]);
		expect(beside(other(0, 0.9))).toEqual([]);
		expect(beside(other(0, 0.9, 800))).toEqual(lock);
		expect(beside(other(300, 0.05))).toEqual(lock);
	});

	test('are a pool when one of them hands out the work', () => {
		const feeder: Crowd = {count: 1, voluntary: 900, involuntary: 40, cores: 0.3};
		expect(rulesFor([mutex, feeder], {systemCpuPercent: 51}, busy)).toEqual([]);
		const preempted: Crowd = {...mutex, count: 1, voluntary: 147, involuntary: 900, cores: 0.095};
		expect(rulesFor([mutex, preempted], {systemCpuPercent: 51}, busy)).toEqual([]);
	});

	test('carry goroutines in Go, and fight for the interpreter’s lock in Python', () => {
		expect(told({}, go)).toEqual([]);
		expect(told({}, python)).not.toContain(lock[0]);
	});

	test('say what was measured, what was refused, and how to be sure', () => {
		const [finding] = watch([processWith({systemCpuPercent: 51}, {...mutex, wait: null})], {
			system: busy,
		}).findings;
		const evidence = finding?.evidence.map(
			({what, value, source}) => `${what}: ${value} ${source}`,
		);
		expect(evidence).toEqual(
			expect.arrayContaining([
				'timers that ran out on the machine, ticks among them: 600 /proc/interrupts',
				'packets that the machine received: 0 /proc/net/softnet_stat',
				'what they wait for: refused by the kernel /proc/1000/task/*/syscall',
			]),
		);
		expect(finding?.next[0]).toMatchObject({command: 'sudo ctop -p 1000', needs: 'root'});
	});
});

describe('threads that work one at a time, thousands of times a second, while a CPU is idle', () => {
	const fair: Crowd = {
		count: 8,
		voluntary: 65_400,
		involuntary: 12_900,
		cores: 1.07,
		delayRatio: 0.25,
	};
	const half = machine(43, ticksOnly);
	const housekeeping: Crowd = {count: 1, voluntary: 40, cores: 0.001, name: 'VM Periodic Tas'};
	const told = (changes: Partial<Crowd>, system = half) =>
		rulesFor([{...fair, ...changes}, housekeeping], {...jvm, systemCpuPercent: 56}, system);

	test('hand a lock around, in Java as in C', () => {
		expect(told({})).toEqual(lock);
		expect(rulesFor([fair], {systemCpuPercent: 56}, half)).toEqual(lock);
	});

	test('are a pipeline when they use far more than one CPU, a barrier when they use more and wake equally often', () => {
		const oneWakes = (times: number, cores: number) =>
			rulesFor(
				[
					{...fair, count: 7, voluntary: 57_000, involuntary: 11_300, cores: (cores * 7) / 8},
					{...fair, count: 1, voluntary: (57_000 / 7) * times, involuntary: 1600, cores: cores / 8},
				],
				{systemCpuPercent: 56},
				half,
			);
		expect(oneWakes(1.1, 1.38)).toEqual(lock);
		expect(oneWakes(1.1, 1.65)).toEqual([]);
		expect(oneWakes(1.02, 1.38)).toEqual([]);
		expect(oneWakes(1.04, 1.38)).toEqual(lock);
		expect(oneWakes(1, 1.17)).toEqual([]);
		expect(oneWakes(1, 1.13)).toEqual(lock);
	});

	test('have no CPU to work on when none is idle', () => {
		expect(told({}, machine(3, ticksOnly))).toEqual([]);
	});

	test('two of them differ; two that wake equally often answer each other, unless they work at the same time', () => {
		const two = (first: number, second: number, cores: readonly [number, number] = [0.5, 0.55]) =>
			rulesFor(
				[first, second].map((voluntary, index) => ({
					count: 1,
					voluntary,
					involuntary: 56,
					cores: cores[index]!,
					delayRatio: 0.2,
				})),
				{systemCpuPercent: 18},
				machine(31, ticksOnly),
			);
		expect(two(12_600, 8800)).toEqual(lock);
		expect(two(10_600, 10_500)).toEqual([]);
		expect(two(32_500, 31_200, [0.61, 0.65])).toEqual(lock);
		expect(two(32_500, 31_200, [0.35, 0.91])).toEqual([]);
	});
});

describe('threads of Python that together get one CPU, while another one is idle', () => {
	const serving: Crowd = {
		count: 16,
		voluntary: 6300,
		involuntary: 2000,
		cores: 0.98,
		delayRatio: 0.48,
	};
	const gil = ['gil-thrash possible'];
	const loopback = {timerInterruptsPerSecond: 430, receivedPacketsPerSecond: 2700};
	const told = (changes: Partial<Crowd>, of: Partial<Process> = {}, idlePercent = 46) =>
		rulesFor(
			[{...serving, ...changes}],
			{...python, systemCpuPercent: 9, ...of},
			machine(idlePercent, loopback),
		);

	test('and wait for it beside each other, wait for the GIL, possibly', () => {
		expect(told({})).toEqual(gil);
		expect(told({delayRatio: 0.2})).toEqual([]);
	});

	test('have no more to do, or nothing to do it on, where they get less, may not get more or no other is idle', () => {
		expect(told({cores: 0.75})).toEqual([]);
		expect(told({cores: 1.4})).toEqual([]);
		expect(told({}, {cpusAllowed: 1})).not.toContain(gil[0]);
		expect(told({}, {cpuQuotaPercent: 100})).not.toContain(gil[0]);
		expect(told({}, {}, 5)).not.toContain(gil[0]);
	});
});

describe('threads of which each sleeps in its turn', () => {
	const held: Crowd = {
		count: 16,
		voluntary: 3140,
		involuntary: 1080,
		cores: 0.036,
		delayRatio: 0.5,
	};
	const atRest = (timerInterruptsPerSecond: number, idlePercent = 91) =>
		machine(idlePercent, {...ticksOnly, timerInterruptsPerSecond});

	test('hold a lock meanwhile: one timer for two wakes, and who is woken puts the other one aside', () => {
		expect(rulesFor([held], {}, atRest(1930))).toEqual(lock);
		const [finding] = watch([processWith({}, {...held, wait: null})], {
			system: atRest(1930),
		}).findings;
		expect(finding?.title).toBe(
			'Lock held for long, by a thread that sleeps: 15 of 16 threads wait for one lock',
		);
	});

	test('do so as well where a second ctop wakes a hundred times a second, which is taken for timers', () => {
		const beside = {...held, voluntary: 3430, involuntary: 1420, cores: 0.042};
		const other = processWith({pid: 5000, parentPid: 800}, {count: 1, voluntary: 110});
		expect(rulesFor([beside], {}, atRest(1710, 95), [other])).toEqual(lock);
		expect(rulesFor([beside], {}, atRest(1500, 95), [other])).toEqual([]);
	});

	test('also in Python and Java', () => {
		expect(
			rulesFor([{...held, count: 8, voluntary: 1250, involuntary: 390}], python, atRest(774, 98)),
		).toEqual(lock);
		expect(
			rulesFor([{...held, count: 12, voluntary: 663, involuntary: 198}], jvm, atRest(742, 98)),
		).toEqual(lock);
	});

	test('pass work on in a pipeline, or poll, when nobody is put aside', () => {
		const alone = {...held, involuntary: 60};
		expect(rulesFor([alone], {}, atRest(1930))).not.toContain(lock[0]);
		expect(rulesFor([alone], {}, atRest(3100))).not.toContain(lock[0]);
	});

	test('get work in bursts when too few timers ran out, or when they do some', () => {
		// One submits jobs every 10 ms, so it wakes as often as each worker.
		const pool: Crowd = {count: 9, voluntary: 1030, involuntary: 370, cores: 0.036};
		expect(rulesFor([pool], jvm, atRest(527, 96))).toEqual([]);
		expect(rulesFor([pool], jvm, atRest(700, 70))).toEqual([]);
		expect(rulesFor([{...pool, cores: 0.13}], jvm, atRest(700, 98))).toEqual([]);
		expect(rulesFor([pool], jvm, atRest(700, 98))).toEqual(lock);
		const small: Crowd = {count: 5, voluntary: 375, involuntary: 100, cores: 0.018};
		const own: Crowd = {count: 2, voluntary: 50, cores: 0.001, name: 'VM Periodic Tas'};
		const other = processWith({pid: 5000, parentPid: 800}, {count: 1, voluntary: 97, cores: 0.02});
		expect(rulesFor([small, own], jvm, atRest(440, 98), [other])).toEqual([]);
		expect(rulesFor([small, own], jvm, atRest(500, 98), [other])).toEqual(lock);
		const feeder: Crowd = {count: 1, voluntary: 200, involuntary: 70, cores: 0.004};
		expect(rulesFor([pool, feeder], jvm, atRest(700, 98))).toEqual([]);
	});

	test('are put aside by chance on a busy machine', () => {
		expect(rulesFor([{...held, voluntary: 2500, involuntary: 700}], {}, atRest(2500, 60))).toEqual(
			[],
		);
	});
});

describe('timers that ran out and were nobody else’s', () => {
	const tickers: Crowd = {count: 4, voluntary: 640, involuntary: 40, cores: 0.019};
	const told = (
		changes: Partial<Crowd>,
		timerInterruptsPerSecond: number,
		of: Partial<Process> = {},
		idlePercent = 97,
	) =>
		rulesFor(
			[{...tickers, ...changes}],
			of,
			machine(idlePercent, {...ticksOnly, timerInterruptsPerSecond}),
		);
	const polls = ['idle-polling possible'];

	test('wake threads for next to nothing: as many as they have wakes', () => {
		expect(told({}, 709)).toEqual(polls);
		expect(told({}, 500)).toEqual([]);
	});

	test('do so for work when there is some, or when they are woken by one another', () => {
		expect(told({cores: 0.1}, 709)).toEqual([]);
		expect(told({involuntary: 110}, 709)).toEqual([]);
		expect(told({involuntary: 110}, 709, go)).toEqual(polls);
	});

	test('are not told from ticks on a busy machine', () => {
		expect(told({}, 900, {}, 70)).toEqual([]);
	});

	test('wake the processes of a service together, some of them by one interrupt', () => {
		const of = {name: 'worker', commandLine: ['./worker']};
		const service = (timerInterruptsPerSecond: number) =>
			watch(forked(10, of, {count: 1, voluntary: 635, cores: 0.005, wait: null}), {
				system: machine(95, {...ticksOnly, timerInterruptsPerSecond}),
			}).findings.map(({rule, confidence, tids}) => `${rule} ${confidence} of ${tids.length}`);
		expect(service(3720)).toEqual(['idle-polling possible of 10']);
		expect(service(2000)).toEqual([]);
	});
});

test('sixty threads that Go wakes equally often poll, though each is woken by another one', () => {
	const threads = [
		makeThread({tid: 1000}),
		...crowd(1001, {count: 60, voluntary: 10_080, involuntary: 2900, cores: 0.18, wait: null}),
		...crowd(1100, {count: 4, voluntary: 10_700, involuntary: 2600, cores: 0.2, wait: null}),
	];
	const told = (of: Partial<Process>) =>
		watch([makeProcess({pid: 1000, threads, ...of})], {
			system: machine(81, ticksOnly),
		}).findings.map(({rule}) => rule);
	expect(told(go)).toEqual(['idle-polling']);
	expect(told({})).toEqual([]);
});

test('a feeder that is put aside by all the workers it wakes does not spin', () => {
	const feeder: Crowd = {count: 1, voluntary: 450, involuntary: 17_800, cores: 0.47};
	const workers: Crowd = {count: 8, voluntary: 22_000, involuntary: 400, cores: 0.7};
	const told = (...crowds: readonly Crowd[]) =>
		rulesFor(crowds, {systemCpuPercent: 16}, machine(3, ticksOnly));
	expect(told(feeder, workers)).toEqual([]);
	expect(told(feeder)).toEqual(['spin certain']);
	// On one CPU with them, and with next to nothing to do for each job.
	const quick = {...feeder, voluntary: 3300, involuntary: 133_000, cores: 0.36};
	expect(told(quick, {...workers, voluntary: 161_000})).toEqual([]);
	expect(told(quick, {...workers, voluntary: 90_000})).toEqual(['spin certain']);
});

test("Go's runtime yields in its collector's locks: that is no spin of the program's", () => {
	const yielding: Crowd = {count: 2, voluntary: 500, involuntary: 28_000, cores: 0.7};
	const told = (of: Partial<Process>) => rulesFor([yielding], of, machine(3, ticksOnly));
	expect(told(go)).toEqual([]);
	expect(told({})).toEqual(['spin certain']);
});

test('a thread does not spin that may make way for processes outside of the container', () => {
	const told = (contextSwitchesPerSecond: number) =>
		rulesFor([{count: 1, voluntary: 50, involuntary: 2100, cores: 0.06}], python, {
			...machine(3, ticksOnly),
			contextSwitchesPerSecond,
		});
	expect(told(2200)).toEqual(['spin certain']);
	expect(told(6000)).toEqual([]);
});

test('who is put aside by the threads of a child that it writes to does not spin, as beside those of a stranger', () => {
	const writer: Crowd = {count: 1, voluntary: 450, involuntary: 17_800, cores: 0.47};
	const readers: Crowd = {count: 4, voluntary: 19_000, cores: 0.5};
	const told = (parentPid: number) =>
		watch(
			[
				{...processWith({}, writer), pid: 4000, parentPid: 3000},
				{...processWith({}, readers), pid: 4100, parentPid},
			],
			{system: machine(3, ticksOnly)},
		)
			.findings.filter(({rule}) => rule === 'spin')
			.map(({pid}) => pid);
	expect(told(4000)).toEqual([]);
	expect(told(3000)).toEqual([]);
	expect(told(5000)).toEqual([4000]);
	// Whichever thread writes: together they are put aside as often as the others sleep.
	Object.assign(writer, {count: 4});
	Object.assign(readers, {count: 16});
	expect(told(4000)).toEqual([]);
	expect(told(5000)).toEqual([4000]);
});

describe('threads that all wake for each event', () => {
	test('cost more for each wake on a disturbed machine, and are a herd when nobody else can have woken them', () => {
		const herd: Crowd = {count: 64, voluntary: 9000, cores: 0.11, delayRatio: 0.9};
		const told = (system: Partial<System>, changes: Partial<Crowd> = {}) =>
			rulesFor([{...herd, ...changes}], {systemCpuPercent: 8}, system);
		expect(told(machine(17, ticksOnly))).toEqual(['thundering-herd possible']);
		expect(told(machine(17, {}))).not.toContain('thundering-herd possible');
		const timers = {...ticksOnly, timerInterruptsPerSecond: 8000};
		expect(told(machine(17, timers))).not.toContain('thundering-herd possible');
		expect(told(machine(17, ticksOnly), {delayRatio: 0.5})).not.toContain(
			'thundering-herd possible',
		);
	});

	test('are none where a disk can have woken them', () => {
		const readers: Crowd = {count: 8, voluntary: 65_000, cores: 0.4, delayRatio: 0.8};
		const told = (stallPercent: number) =>
			rulesFor(
				[readers],
				{systemCpuPercent: 36},
				{
					...machine(17, {}),
					pressure: {
						io: {some: {avg10Percent: 50, avg60Percent: 30, avg300Percent: 10, stallPercent}},
					},
				},
			);
		expect(told(0)).toContain('thundering-herd possible');
		expect(told(78)).not.toContain('thundering-herd possible');
	});

	test('are none when each of them wants to run all the time: that is a semaphore, asked for again and again', () => {
		const semaphore: Crowd = {
			count: 45,
			voluntary: 252_223,
			involuntary: 21_521,
			cores: 1.95,
			delayRatio: 0.96,
		};
		expect(rulesFor([semaphore], {systemCpuPercent: 133}, machine(1, ticksOnly))).toEqual(lock);
		expect(
			rulesFor(
				[{count: 24, voluntary: 141_186, involuntary: 3624, cores: 1.9, delayRatio: 0.92}],
				{systemCpuPercent: 145},
				machine(1, ticksOnly),
			),
		).toEqual(lock);
	});

	test('are none when half of them are ready to run: they fight for the lock of malloc', () => {
		const allocating: Crowd = {
			count: 16,
			voluntary: 143_216,
			involuntary: 5973,
			cores: 1.63,
			delayRatio: 0.854,
		};
		expect(rulesFor([allocating], {systemCpuPercent: 82}, machine(19, ticksOnly))).toEqual(lock);
	});

	test('are none when as many timers ran out as each of them wakes: one interrupt ends many time limits', () => {
		const receiving: Crowd = {
			count: 24,
			voluntary: 22_200,
			involuntary: 230,
			cores: 0.08,
			delayRatio: 0.9,
		};
		const told = (timerInterruptsPerSecond: number) =>
			rulesFor(
				[receiving],
				{systemCpuPercent: 6},
				machine(80, {...ticksOnly, timerInterruptsPerSecond}),
			);
		expect(told(2900)).not.toContain('thundering-herd possible');
		expect(told(900)).toContain('thundering-herd possible');
	});

	test('are one as well where each sleeps at a word of its own, as at a Condition of Python', () => {
		const told = (untimedPercent: number, wordOf: (index: number) => string) => {
			const waiting = Array.from(
				{length: 40},
				(_, index): Crowd => ({
					count: 1,
					voluntary: 540,
					involuntary: 168,
					cores: 0.004,
					delayRatio: 0.8,
					waits: [
						{...futex(untimedPercent), futexAddress: wordOf(index)},
						running(100 - untimedPercent),
					],
				}),
			);
			return watch([processWith({...python, systemCpuPercent: 13}, ...waiting)], {
				system: machine(80, ticksOnly),
			}).findings.map(({rule, confidence}) => `${rule} ${confidence}`);
		};
		const own = (index: number) => `0x7f0000${10 + index}00`;
		expect(told(75, own)).toEqual(['thundering-herd possible']);
		expect(told(20, own)).toEqual([]);
		// All at one word of C code are told by it.
		expect(told(75, () => '0x7f0000001000')).toEqual(['thundering-herd likely']);
	});

	test('are woken for nothing when they wake more often than packets came', () => {
		const worker: Crowd = {count: 1, voluntary: 1070, cores: 0.02, delayRatio: 0.9, wait: null};
		const told = (receivedPacketsPerSecond: number) =>
			watch(forked(32, {name: 'server', systemCpuPercent: 1.8}, worker), {
				system: {
					tcpAcceptsPerSecond: 1000,
					...machine(42, {timerInterruptsPerSecond: 1600, receivedPacketsPerSecond}),
				},
			}).findings.map(({rule}) => rule);
		expect(told(6800)).toEqual(['thundering-herd']);
		expect(told(68_000)).toEqual([]);
	});
});
