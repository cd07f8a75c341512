import type {CgroupReading} from '../../source/preflight/readers/cgroup.js';
import type {KernelReading} from '../../source/preflight/readers/kernel.js';
import type {ProcessesReading, ProcessReading} from '../../source/preflight/readers/processes.js';
import type {SocketsReading} from '../../source/preflight/readers/sockets.js';
import {parseMeminfo} from '../../source/procfs/meminfo.js';
import {parsePressure} from '../../source/procfs/pressure.js';

const kibibyte = 1024;
const gibibyte = 1024 ** 3;

/** A machine of two CPUs and 16 GiB at rest; what a test is about is given in `changes`. */
export const kernelReading = (changes: Partial<KernelReading> = {}): KernelReading => ({
	atSeconds: 0,
	stat: {
		cpu: {user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0},
		cpus: 2,
		contextSwitches: 0,
		interrupts: 0,
		bootTimeSeconds: 0,
		forks: 0,
		runnable: 1,
		blocked: 0,
	},
	vm: new Map([
		['pswpin', 0],
		['pswpout', 0],
		['pgpgin', 0],
		['pgpgout', 0],
		['pgmajfault', 0],
		['oom_kill', 0],
	]),
	memory: parseMeminfo(
		`MemTotal: ${(16 * gibibyte) / kibibyte} kB\nMemAvailable: ${(8 * gibibyte) / kibibyte} kB\nHugepagesize: 2048 kB\n`,
	),
	load: {averages: [0.1, 0.1, 0.1], runnable: 1, threads: 200, lastPid: 1000},
	pageBytes: 4096,
	pressure: {cpu: parsePressure(''), io: parsePressure(''), memory: parsePressure('')},
	...changes,
});

/** The same machine a second later, with these ticks of CPU time and these counters. */
export const oneSecondLater = (
	first: KernelReading,
	{
		cpu = {idle: 200},
		vm = [],
		...changes
	}: {
		cpu?: Partial<NonNullable<KernelReading['stat']>['cpu']>;
		vm?: readonly (readonly [string, number])[];
		contextSwitches?: number;
		runnable?: number;
		blocked?: number;
	} = {},
): KernelReading => ({
	...first,
	atSeconds: first.atSeconds + 1,
	stat: {...first.stat!, ...changes, cpu: {...first.stat!.cpu, ...cpu}},
	vm: new Map([...first.vm!, ...vm]),
});

export const processReading = (changes: Partial<ProcessReading> = {}): ProcessReading => ({
	pid: 100,
	name: 'nginx',
	userId: 0,
	threads: 1,
	openFiles: 10,
	limits: {openFiles: 1024, processes: 1000},
	...changes,
});

export const processesReading = (changes: Partial<ProcessesReading> = {}): ProcessesReading => ({
	processes: [],
	deletedFiles: [],
	socketOwners: new Map(),
	refused: 0,
	skipped: 0,
	...changes,
});

export const socketsReading = (changes: Partial<SocketsReading> = {}): SocketsReading => ({
	atSeconds: 0,
	counts: new Map([
		['sockets.used', 10],
		['TCP.alloc', 4],
		['TCP.inuse', 3],
	]),
	counts6: undefined,
	counters: new Map(),
	sockets: [],
	backlogs: new Map(),
	portRange: {first: 40_000, last: 40_999},
	maximumTimeWait: 1000,
	maximumOrphans: 1000,
	tcpMemoryPages: [10, 20, 100],
	conntrack: {used: undefined, maximum: undefined},
	...changes,
});

export const still = <Reading>(reading: Reading, seconds = 2) => ({
	first: reading,
	last: reading,
	seconds,
});

export const noCgroup: CgroupReading = {};
