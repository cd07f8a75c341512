import {describe, expect, test} from 'vitest';
import type {Measurement} from '../../benchmark/measure.js';
import {judgeResults, type Result} from '../../benchmark/targets.js';

const measured = (
	cpuMillisecondsPerRefresh: number,
	overrides: Partial<Measurement> = {},
): Measurement => ({
	cpuMillisecondsPerSecond: 1,
	cpuMillisecondsPerRefresh,
	othersCpuPercent: 5,
	peakRssBytes: 100e6,
	bytesPerSecond: 1000,
	refreshesPerSecond: 1,
	...overrides,
});

const result = (
	threads: number,
	activePercent: number,
	measurements: Record<string, ReadonlyArray<Measurement | undefined>>,
): Result => ({
	workload: {threads, activePercent},
	machineThreads: threads + 100,
	measurements: new Map(Object.entries(measurements)),
	failures: new Map(),
});

const judgementOf = (from: Result, what: string) =>
	judgeResults([from]).find(judgement => judgement.what === what);

describe('judging the measurements', () => {
	test('a ratio is the median of the ratios within each round', () => {
		const ctop = [measured(10), measured(100), measured(30)];
		const htop = [measured(40), measured(400), measured(60)];
		expect(
			judgementOf(result(2000, 1, {ctop, htop}), 'CPU per refresh, ctop / htop'),
		).toMatchObject({
			measured: 0.25,
			atMost: 0.5,
			reached: true,
		});
	});

	test('a round in which one of the two failed does not count', () => {
		const ctop = [measured(10), measured(100)];
		const htop = [undefined, measured(100)];
		expect(
			judgementOf(result(2000, 1, {ctop, htop}), 'CPU per refresh, ctop / htop'),
		).toMatchObject({
			measured: 1,
			reached: false,
		});
	});

	test('cheap because it refreshes too seldom is not reached', () => {
		const ctop = [measured(10, {refreshesPerSecond: 0.5})];
		const judgement = judgementOf(
			result(2000, 1, {ctop, htop: [measured(40)]}),
			'CPU per refresh, ctop / htop',
		);
		expect(judgement).toMatchObject({measured: 0.25, reached: false});
		expect(judgement?.remark).toContain('0.50 refreshes');
	});

	test('without a peer there is no verdict', () => {
		const judgement = judgementOf(
			result(2000, 1, {ctop: [measured(10)]}),
			'CPU per refresh, ctop / pidstat',
		);
		expect(judgement).toMatchObject({measured: undefined, reached: undefined});
	});

	test('memory counts at 10,000 threads, by its highest peak', () => {
		const ctop = [measured(10), measured(10, {peakRssBytes: 131e6})];
		const what = 'peak memory of ctop';
		expect(judgementOf(result(10_000, 10, {ctop}), what)).toMatchObject({
			measured: 131,
			reached: false,
		});
		expect(judgementOf(result(2000, 10, {ctop}), what)).toBeUndefined();
	});

	test('each load has its own limit against htop', () => {
		const limitOf = (threads: number, activePercent: number) =>
			judgementOf(result(threads, activePercent, {}), 'CPU per refresh, ctop / htop')?.atMost;
		expect([limitOf(2000, 1), limitOf(10_000, 1), limitOf(2000, 100), limitOf(2000, 10)]).toEqual([
			0.5,
			0.35,
			1,
			undefined,
		]);
	});
});
