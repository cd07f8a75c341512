import type {Evidence, Fix} from '../model/finding.js';
import type {Collector, Process} from '../model/process.js';
import {fact, graded} from './parts.js';
import type {Candidate} from './rule.js';
import {orZero, switchesOf} from './thread-facts.js';
import {measured, roughText} from './words.js';

/** What a collector takes of its process's CPU, in %, and what of one CPU. */
export type GcLimits = {
	fewestCpuPercent: number;
	fewestSharePercent: number;
	warning: number;
	critical: number;
};

/** Go's own GOGC, where nobody sets another. */
const defaultGrowth = 100;
/** Of GOMEMLIMIT: with less room the collector runs as often as it takes to stay below. */
const nearLimit = 0.6;

/**
Marking by processors that are idle anyway keeps nobody from work, and is left out of the share. Where a program hardly does anything else
it is the load all the same, where cycles follow each other: measured 17 to 34 % with GOGC=5, beside 40 to 50 % of a CPU for idle marking, 32
cycles a second and 78 % of perf's samples in the collector.
*/
const withIdle = {
	fewestSharePercent: 15,
	fewestOfAllPercent: 40,
	fewestCpuPercent: 40,
	fewestCyclesPerSecond: 5,
};

/** What the collector takes of the process's CPU, in %, where that makes it the load; else nothing. */
const loadPercent = (
	process: Process,
	{cpuPercent, sharePercent, idleCpuPercent, cyclesPerSecond}: Collector,
	limits: GcLimits,
): number | undefined => {
	const all = cpuPercent + idleCpuPercent;
	const ofAll = (all / Math.max(1, orZero(process.cpuPercent))) * 100;
	if (
		sharePercent >= withIdle.fewestSharePercent &&
		ofAll >= withIdle.fewestOfAllPercent &&
		all >= withIdle.fewestCpuPercent &&
		cyclesPerSecond >= withIdle.fewestCyclesPerSecond
	) {
		return Math.min(100, Math.max(ofAll, sharePercent));
	}

	// On an overloaded machine it gets little of what it wants, and is the load all the same.
	const wanted = orZero(process.cpuPercent) + orZero(process.runQueueWaitPercent);
	return sharePercent >= limits.fewestSharePercent &&
		(wanted * sharePercent) / 100 >= limits.fewestCpuPercent
		? sharePercent
		: undefined;
};

const mebibytes = (bytes: number): number => bytes / 2 ** 20;
const mebibytesText = (bytes: number): string => `${roughText(mebibytes(bytes))} MiB`;

const isNearLimit = ({memoryLimitBytes, liveHeapBytes = 0}: Collector): boolean =>
	memoryLimitBytes !== undefined && liveHeapBytes >= memoryLimitBytes * nearLimit;

/** From Go 1.20 on. */
const countsAllTimes = (version = ''): boolean => {
	const minor = /^1\.(\d+)/.exec(version)?.[1];
	return minor === undefined || Number(minor) >= 20;
};

const evidenceOf = (
	pid: number,
	collector: Collector,
	version: string | undefined,
): readonly Evidence[] => {
	const {cpuPercent, sharePercent, idleCpuPercent, cyclesPerSecond} = collector;
	const {gcPercent, memoryLimitBytes, liveHeapBytes} = collector;
	const work = `/proc/${pid}/mem: runtime.work`;
	const counters = `${work}.${countsAllTimes(version) ? 'cpuStats' : 'totaltime'}`;
	const controller = `/proc/${pid}/mem: runtime.gcController`;
	return [
		fact('CPU of the collector', cpuPercent, '%', counters),
		fact(
			'of the CPU that the process uses or waits for',
			sharePercent,
			'%',
			`${counters}, /proc/${pid}/task/*/schedstat`,
		),
		fact(
			'more of it on CPUs that the program has no other use for, in neither of these',
			idleCpuPercent,
			'%',
			countsAllTimes(version) ? counters : `${controller}.idleMarkTime`,
		),
		fact('cycles of collection', cyclesPerSecond, '/s', `${work}.cycles`),
		...(gcPercent === undefined
			? []
			: [
					fact(
						'GOGC in force',
						gcPercent < 0 ? 'off' : gcPercent,
						gcPercent < 0 ? '' : '%',
						`${controller}.gcPercent`,
					),
				]),
		...(memoryLimitBytes === undefined
			? []
			: [
					fact(
						'GOMEMLIMIT in force',
						mebibytes(memoryLimitBytes),
						'MiB',
						`${controller}.memoryLimit`,
					),
				]),
		...(liveHeapBytes === undefined
			? []
			: [
					fact(
						'heap that lived after the last cycle',
						mebibytes(liveHeapBytes),
						'MiB',
						`${controller}.heapMarked`,
					),
				]),
	];
};

const growthFix = ({gcPercent = defaultGrowth, liveHeapBytes}: Collector): Fix => {
	const isLow = gcPercent >= 0 && gcPercent < defaultGrowth;
	const better = isLow ? defaultGrowth : Math.max(gcPercent, defaultGrowth) * 2;
	const times = roughText(better / Math.max(1, gcPercent));
	const heap = liveHeapBytes ? `, ${mebibytesText(liveHeapBytes)} now` : '';
	return {
		what: isLow
			? `GOGC=${better}, Go's own, instead of ${gcPercent}: find who sets it, in the environment or by debug.SetGCPercent`
			: `GOGC=${better} instead of ${gcPercent}, if there is memory for it`,
		why: `the next cycle begins when the heap has grown by GOGC % of what lives${heap}: with ${times} times the room there is a cycle that much less often`,
		command: `export GOGC=${better}  # in the program: debug.SetGCPercent(${better})`,
	};
};

const limitFix = (collector: Collector): Fix => {
	const {memoryLimitBytes = 0, liveHeapBytes = 0} = collector;
	const enough = Math.ceil(mebibytes(Math.max(2 * liveHeapBytes, memoryLimitBytes)) / 256) * 256;
	return isNearLimit(collector)
		? {
				what: `A higher GOMEMLIMIT than ${mebibytesText(memoryLimitBytes)}, if there is memory for it`,
				why: `${mebibytesText(liveHeapBytes)} live: near its limit the collector runs as often as it takes to stay below, whatever GOGC says`,
				command: `export GOMEMLIMIT=${enough * 2}MiB`,
			}
		: {
				what: 'A high GOGC with a GOMEMLIMIT a little below what the machine or the container has',
				why: 'the heap may grow into memory that is there anyway, and the collector works hard only near the limit',
				command: `export GOGC=400 GOMEMLIMIT=${Math.max(1024, enough)}MiB`,
			};
};

const allocateLess: Fix = {
	what: 'Allocate less: keep buffers in a sync.Pool, make slices and maps with their capacity, fewer pointers in what lives long',
	why: 'what is never made need not be collected, and memory without pointers need not be marked',
	command:
		'go tool pprof -sample_index=alloc_space -top http://localhost:6060/debug/pprof/heap  # net/http/pprof',
};

const toCandidate = (
	process: Process,
	collector: Collector,
	percent: number,
	limits: GcLimits,
): Candidate => {
	const {pid, threads} = process;
	const {cpuPercent, gcPercent} = collector;
	// Without GOGC only the limit makes it run.
	const isOff = gcPercent !== undefined && gcPercent < 0;
	const settings = [...(isOff ? [] : [growthFix(collector)]), limitFix(collector)];
	return {
		subject: `${pid}:${process.startTimeTicks}`,
		severity: graded(percent, limits.warning, limits.critical),
		confidence: 'certain',
		pid,
		pids: [pid],
		tids: threads.filter(thread => orZero(thread.cpuPercent) > 0).map(({tid}) => tid),
		title: `Garbage collection takes ${Math.round(percent)} % of the CPU of ${process.name}`,
		evidence: evidenceOf(pid, collector, process.runtime?.version),
		cost: {
			switchesPerSecond: measured(switchesOf(process)),
			cpuPercent: measured(cpuPercent),
		},
		fixes: [...(isNearLimit(collector) ? settings.toReversed() : settings), allocateLess],
		next: [
			{
				what: 'see each cycle: its time, the CPU it took and the heap before and after',
				command: `GODEBUG=gctrace=1 ${process.name}`,
				needs: 'to start it again',
			},
			{
				what: 'see who allocates',
				command: 'go tool pprof -alloc_objects http://localhost:6060/debug/pprof/heap',
				needs: 'net/http/pprof in the program',
			},
		],
	};
};

/** A collector of Go's that is the load, by the counters that the runtime itself keeps. */
export const goCollectorOf = (process: Process, limits: GcLimits): readonly Candidate[] => {
	const collector = process.runtime?.collector;
	const percent = collector && loadPercent(process, collector, limits);
	return percent === undefined ? [] : [toCandidate(process, collector!, percent, limits)];
};
