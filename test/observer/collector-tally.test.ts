import {expect, test} from 'vitest';
import {createCollectorTally} from '../../source/observer/collector-tally.js';
import type {CollectorLook} from '../../source/runtimes/go/collector.js';

const second = 1e9;

const look = (overrides: Partial<CollectorLook>): CollectorLook => ({
	endedAt: 100 * second,
	cycles: 10,
	markNanoseconds: 0,
	pauseNanoseconds: 0,
	stoppedProcessors: 4,
	idleNanoseconds: 0,
	...overrides,
});

const use = {cpuPercent: 200, runQueueWaitPercent: 0, seconds: 1};

/** Looks at each of some seconds, with what has come together until then. */
const watchFor = (
	seconds: number,
	at: (seconds: number) => Partial<CollectorLook>,
	cpu: Partial<typeof use> = {},
) => {
	const tally = createCollectorTally();
	for (let passed = 0; passed <= seconds; passed++) {
		tally.count(look(at(passed)), {...use, ...cpu});
	}

	return tally.rates();
};

test('what the collector took of what the process used, and how often it ran', () => {
	const rates = watchFor(5, passed => ({
		endedAt: (100 + passed) * second,
		cycles: 10 + 20 * passed,
		markNanoseconds: passed * second,
		gcPercent: 50,
	}));
	expect(rates).toMatchObject({
		sharePercent: 50,
		cpuPercent: 100,
		idleCpuPercent: 0,
		cyclesPerSecond: 20,
		gcPercent: 50,
	});
});

test('nothing is told before three cycles have ended', () => {
	const twoCycles = (passed: number) => ({
		endedAt: (100 + Math.min(passed, 2)) * second,
		cycles: 10 + Math.min(passed, 2),
		markNanoseconds: passed * second,
	});
	expect(watchFor(1, twoCycles)).toBeUndefined();
	expect(watchFor(3, twoCycles)).toBeUndefined();
});

test('a cycle that takes several seconds is counted over all of its time', () => {
	// One cycle each four seconds, which takes two seconds of the eight that the process uses meanwhile.
	const rates = watchFor(22, passed => {
		const ended = Math.floor(passed / 4);
		return {
			endedAt: (100 + ended * 4) * second,
			cycles: 10 + ended,
			markNanoseconds: ended * 2 * second,
		};
	});
	expect(rates?.sharePercent).toBeCloseTo(25, 5);
	expect(rates?.cyclesPerSecond).toBeCloseTo(0.25, 5);
});

test('it is forgotten when no cycle has ended for a while, and when it is another program', () => {
	const at = (passed: number) => ({
		endedAt: (100 + Math.min(passed, 4)) * second,
		cycles: 10 + 10 * Math.min(passed, 4),
		markNanoseconds: Math.min(passed, 4) * second,
	});
	expect(watchFor(6, at)).toBeDefined();
	expect(watchFor(9, at)).toBeUndefined();
	expect(
		watchFor(5, passed => (passed < 5 ? at(passed) : {endedAt: 5 * second, cycles: 1})),
	).toBeUndefined();
});

test("never more than all, though the runtime's clocks go on while threads wait for a CPU", () => {
	const twice = (passed: number) => ({
		endedAt: (100 + passed) * second,
		cycles: 10 + 20 * passed,
		markNanoseconds: passed * 3 * second,
	});
	expect(watchFor(5, twice)?.sharePercent).toBe(100);
	const overloaded = watchFor(5, twice, {cpuPercent: 100, runQueueWaitPercent: 300});
	expect(overloaded?.sharePercent).toBe(75);
	expect(overloaded?.cpuPercent).toBe(75);
});

test('what threads without a processor wait for a CPU is in no clock of the runtime', () => {
	const rates = watchFor(
		5,
		passed => ({
			endedAt: (100 + passed) * second,
			cycles: 10 + 20 * passed,
			markNanoseconds: passed * second,
			stoppedProcessors: 2,
		}),
		{cpuPercent: 100, runQueueWaitPercent: 900},
	);
	expect(rates?.sharePercent).toBe(50);
});

test('marking on processors that have nothing else to do counts neither for it nor against it', () => {
	const rates = watchFor(5, passed => ({
		endedAt: (100 + passed) * second,
		cycles: 10 + 20 * passed,
		markNanoseconds: passed * 0.5 * second,
		idleNanoseconds: passed * second,
	}));
	expect(rates).toMatchObject({sharePercent: 50, cpuPercent: 50, idleCpuPercent: 100});
});

test('before Go 1.20 it is told by the cycles that were seen, and pauses of all processors are taken out', () => {
	const tally = createCollectorTally();
	for (let passed = 0; passed <= 5; passed++) {
		const {idleNanoseconds: _, ...older} = look({
			endedAt: (100 + passed) * second,
			cycles: 10 + 20 * passed,
			markNanoseconds: passed * 0.9 * second,
			pauseNanoseconds: passed * 0.1 * second,
			cycle: {markNanoseconds: 10_000, idleNanoseconds: 20_000},
		});
		tally.count(older, use);
		tally.sample(older);
	}

	const rates = tally.rates();
	expect(rates?.idleCpuPercent).toBeCloseTo(100, 5);
	expect(rates?.sharePercent).toBeCloseTo(50, 5);
});
