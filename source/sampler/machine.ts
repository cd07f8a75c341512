import type {Reading} from '../model/reading.js';
import type {CpuSplit, Memory, Paging, Pressure, PressureLine, System} from '../model/system.js';
import {type LoadAverage, parseLoadAverage} from '../procfs/loadavg.js';
import {type CpuTicks, type MachineStat, parseMachineStat} from '../procfs/machine-stat.js';
import {parseNetCounters} from '../procfs/net-counters.js';
import {type PressureCounters, type PressureFile, parsePressure} from '../procfs/pressure.js';
import {readText} from '../procfs/read-text.js';
import {parseVmstat, type VmCounters} from '../procfs/vmstat.js';
import type {Target} from '../targets/target.js';
import {ratePerSecond} from './rates.js';
import {readWakeSources, type WakeSourceCounters, wakeSourcesBetween} from './wake-sources.js';

/** Counters of the whole machine at one moment. */
export type MachineSample = {
	/** On the monotonic clock. */
	readAtMilliseconds: number;
	load?: LoadAverage;
	stat?: MachineStat;
	uptimeSeconds: number;
	pressure: {cpu: Reading<PressureFile>; io: Reading<PressureFile>; memory: Reading<PressureFile>};
	memory?: Memory;
	vm?: VmCounters;
	/** TCP connections accepted since boot. */
	tcpAccepts?: number;
	/** TCP connections made since boot. */
	tcpConnects?: number;
	/** TCP segments received since boot. */
	tcpSegments?: number;
	/** Read only where waits are refused: on a machine with many CPUs it is a long file. */
	wakeSources?: WakeSourceCounters;
};

const parseMemory = (text: string): Memory => {
	const bytes = (name: string) =>
		Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
	return {
		totalBytes: bytes('MemTotal'),
		availableBytes: bytes('MemAvailable'),
		swapTotalBytes: bytes('SwapTotal'),
		swapFreeBytes: bytes('SwapFree'),
	};
};

/** Reads the files of the machine; those that aren't there are left out, and so is what only replaces waits that are refused. */
export const readMachine = ({procRoot}: Target, areWaitsRefused = false): MachineSample => {
	const pressure = (resource: string): Reading<PressureFile> => {
		const text = readText(`${procRoot}/pressure/${resource}`);
		return text ? parsePressure(text) : text === null ? null : undefined;
	};

	const load = parseLoadAverage(readText(`${procRoot}/loadavg`) ?? '');
	const stat = parseMachineStat(readText(`${procRoot}/stat`) ?? '');
	const memory = readText(`${procRoot}/meminfo`);
	const vm = readText(`${procRoot}/vmstat`);
	const network = parseNetCounters(readText(`${procRoot}/net/snmp`) ?? '');
	const tcpAccepts = network.get('Tcp.PassiveOpens');
	const tcpConnects = network.get('Tcp.ActiveOpens');
	const tcpSegments = network.get('Tcp.InSegs');
	return {
		readAtMilliseconds: performance.now(),
		...(load && {load}),
		...(stat && {stat}),
		uptimeSeconds: Number.parseFloat(readText(`${procRoot}/uptime`) ?? '0'),
		pressure: {cpu: pressure('cpu'), io: pressure('io'), memory: pressure('memory')},
		...(memory && {memory: parseMemory(memory)}),
		...(vm && {vm: parseVmstat(vm)}),
		...(tcpAccepts !== undefined && {tcpAccepts}),
		...(tcpConnects !== undefined && {tcpConnects}),
		...(tcpSegments !== undefined && {tcpSegments}),
		...(areWaitsRefused && {wakeSources: readWakeSources(procRoot)}),
	};
};

/** How the CPUs' time between two readings was spent; undefined when no tick passed or a counter went back. */
export const splitCpu = (before: CpuTicks, after: CpuTicks): CpuSplit | undefined => {
	// The kernel's idle and iowait counters may go back a little (proc_stat(5)): that is no time then.
	const spent = (name: keyof CpuTicks) => Math.max(0, after[name] - before[name]);
	const total =
		spent('user') +
		spent('nice') +
		spent('system') +
		spent('idle') +
		spent('iowait') +
		spent('irq') +
		spent('softirq') +
		spent('steal');
	const percent = (name: keyof CpuTicks) => (spent(name) / total) * 100;
	return total === 0
		? undefined
		: {
				userPercent: percent('user'),
				nicePercent: percent('nice'),
				systemPercent: percent('system'),
				idlePercent: percent('idle'),
				iowaitPercent: percent('iowait'),
				irqPercent: percent('irq'),
				softirqPercent: percent('softirq'),
				stealPercent: percent('steal'),
			};
};

const microsecondsPerSecond = 1e6;

const pressureLine = (
	after: PressureCounters,
	before: PressureCounters | undefined,
	seconds: number,
): PressureLine => {
	const {totalMicroseconds, ...averages} = after;
	const stalled = before && ratePerSecond(before.totalMicroseconds, totalMicroseconds, seconds);
	return stalled === undefined
		? averages
		: {...averages, stallPercent: Math.min(100, (stalled / microsecondsPerSecond) * 100)};
};

const pressureBetween = (
	before: Reading<PressureFile>,
	after: Reading<PressureFile>,
	seconds: number,
): Reading<Pressure> => {
	if (!after?.some) {
		return after === null ? null : undefined;
	}

	return {
		some: pressureLine(after.some, before?.some, seconds),
		...(after.full && {full: pressureLine(after.full, before?.full, seconds)}),
	};
};

/** Pages a second; kernels before 4.8 count direct reclaim by zones, in other names. */
const pagingBetween = (before: VmCounters, after: VmCounters, seconds: number): Paging => {
	const rate = (name: string) =>
		ratePerSecond(before.get(name) ?? 0, after.get(name) ?? 0, seconds) ?? 0;
	const dirtied = 'nr_dirtied';
	return {
		majorFaultsPerSecond: rate('pgmajfault'),
		swapInPagesPerSecond: rate('pswpin'),
		swapOutPagesPerSecond: rate('pswpout'),
		directReclaimPagesPerSecond: rate('pgsteal_direct'),
		...(after.has(dirtied) && {dirtiedPagesPerSecond: rate(dirtied)}),
	};
};

/** The machine between two samples; without an earlier one nothing has a rate. */
export const describeMachine = (
	before: MachineSample | undefined,
	after: MachineSample,
): System => {
	const seconds = before ? (after.readAtMilliseconds - before.readAtMilliseconds) / 1000 : 0;
	const pressure = (resource: keyof MachineSample['pressure']) =>
		pressureBetween(before?.pressure[resource], after.pressure[resource], seconds);
	const rates =
		before?.stat && after.stat
			? {
					contextSwitchesPerSecond: ratePerSecond(
						before.stat.contextSwitches,
						after.stat.contextSwitches,
						seconds,
					),
					forksPerSecond: ratePerSecond(before.stat.forks, after.stat.forks, seconds),
					cpu: splitCpu(before.stat.cpu, after.stat.cpu),
				}
			: {};
	const rateOf = (name: 'tcpAccepts' | 'tcpConnects' | 'tcpSegments'): number | undefined => {
		const [from, to] = [before?.[name], after[name]];
		return from === undefined || to === undefined ? undefined : ratePerSecond(from, to, seconds);
	};

	const accepts = rateOf('tcpAccepts');
	const connects = rateOf('tcpConnects');
	const segments = rateOf('tcpSegments');
	return {
		uptimeSeconds: after.uptimeSeconds,
		loadAverage: after.load?.averages ?? [0, 0, 0],
		runnable: after.load?.runnable ?? after.stat?.runnable ?? 0,
		blocked: after.stat?.blocked ?? 0,
		threads: after.load?.threads ?? 0,
		...rates,
		pressure: {cpu: pressure('cpu'), io: pressure('io'), memory: pressure('memory')},
		...(after.memory && {memory: after.memory}),
		...(before?.vm && after.vm && {paging: pagingBetween(before.vm, after.vm, seconds)}),
		...(accepts !== undefined && {tcpAcceptsPerSecond: accepts}),
		...(connects !== undefined && {tcpConnectsPerSecond: connects}),
		...(segments !== undefined && {tcpSegmentsReceivedPerSecond: segments}),
		...(before?.wakeSources &&
			after.wakeSources && {
				wakeSources: wakeSourcesBetween(before.wakeSources, after.wakeSources, seconds),
			}),
	};
};
