import {describe, expect, test} from 'vitest';
import type {Collector, Process} from '../../source/model/process.js';
import {processWith, running, watch} from './watched.js';

const collectorOf = (overrides: Partial<Collector>): Collector => ({
	cpuPercent: 120,
	sharePercent: 70,
	idleCpuPercent: 15,
	cyclesPerSecond: 40,
	gcPercent: 100,
	liveHeapBytes: 64 * 2 ** 20,
	...overrides,
});

const program = (
	overrides: Partial<Collector> | undefined,
	version = '1.24',
	cpu = {cores: 1.8, delayRatio: 0},
): Process =>
	processWith(
		{
			name: 'shop',
			runtime: {
				name: 'go',
				version,
				source: 'exe',
				...(overrides && {collector: collectorOf(overrides)}),
			},
		},
		{count: 3, ...cpu, voluntary: 900, waits: [running(100)]},
	);

const findingsOf = (...of: Parameters<typeof program>) => watch([program(...of)]).findings;
const rulesOf = (...of: Parameters<typeof program>) => findingsOf(...of).map(({rule}) => rule);

describe("Go's collector", () => {
	test('is the load by what the runtime itself has counted, with the threads that it may run on', () => {
		expect(findingsOf({})).toMatchObject([
			{
				rule: 'gc',
				severity: 'critical',
				confidence: 'certain',
				title: 'Garbage collection takes 75 % of the CPU of shop',
				cost: {cpuPercent: 120},
				tids: [1001, 1002, 1003],
			},
		]);
		expect(findingsOf({cpuPercent: 70, sharePercent: 45, idleCpuPercent: 5})).toMatchObject([
			{rule: 'gc', severity: 'warning'},
		]);
	});

	test('is not where it takes less than a third of what the process uses, or little of a CPU', () => {
		expect(rulesOf({cpuPercent: 50, sharePercent: 29})).toEqual([]);
		expect(
			rulesOf({cpuPercent: 17, idleCpuPercent: 5}, '1.24', {cores: 0.25, delayRatio: 0}),
		).toEqual([]);
		expect(rulesOf(undefined)).toEqual([]);
	});

	test('is the load all the same where the machine has no CPU for it', () => {
		expect(rulesOf({cpuPercent: 14}, '1.24', {cores: 0.2, delayRatio: 0.8})).toContain('gc');
	});

	test('counts nothing that only fills CPUs which have no other use', () => {
		expect(rulesOf({cpuPercent: 15, sharePercent: 12, idleCpuPercent: 100})).toEqual([]);
	});

	test('counts them all the same where the program hardly does anything else', () => {
		const [finding] = findingsOf({cpuPercent: 15, sharePercent: 25, idleCpuPercent: 45}, '1.24', {
			cores: 0.8,
			delayRatio: 0,
		});
		expect(finding?.title).toBe('Garbage collection takes 75 % of the CPU of shop');
		expect(rulesOf({cpuPercent: 25, sharePercent: 25, idleCpuPercent: 45})).toEqual([]);
	});

	test('tells where each number was read, which depends on the version of Go', () => {
		const sources = (version: string) =>
			findingsOf({}, version)[0]?.evidence.map(({source}) => source.split(': ')[1]);
		expect(sources('1.24')?.[0]).toBe('runtime.work.cpuStats');
		expect(sources('1.19')?.[0]).toBe('runtime.work.totaltime');
		expect(sources('1.19')?.[2]).toBe('runtime.gcController.idleMarkTime');
	});

	test('gets its own GOGC back where a lower one is in force', () => {
		const [low] = findingsOf({gcPercent: 2});
		expect(low?.fixes[0]?.command).toContain('GOGC=100');
		expect(low?.fixes[0]?.what).toContain('instead of 2');
		const [usual] = findingsOf({gcPercent: 100});
		expect(usual?.fixes[0]?.command).toContain('GOGC=200');
	});

	test('gets a higher limit first where what lives is near it, or where nothing else makes it run', () => {
		const limit = {memoryLimitBytes: 70 * 2 ** 20};
		expect(findingsOf(limit)[0]?.fixes[0]?.what).toContain('A higher GOMEMLIMIT than 70 MiB');
		const [off] = findingsOf({...limit, gcPercent: -1});
		expect(off?.fixes[0]?.command).toContain('GOMEMLIMIT');
		expect(off?.fixes.some(({what}) => what.includes('instead of'))).toBe(false);
		const far = findingsOf({memoryLimitBytes: 2 ** 32})[0];
		expect(far?.fixes[0]?.command).toContain('GOGC=200');
	});
});
