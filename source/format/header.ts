import type {Reading} from '../model/reading.js';
import type {Sampling, Snapshot} from '../model/snapshot.js';
import type {CpuSplit, Host, Pressure, System} from '../model/system.js';
import {formatBytes} from './bytes.js';
import {formatDuration} from './duration.js';
import type {Part} from './fit-parts.js';
import {formatPlainNumber, formatShare, refusedMark} from './number.js';
import {printable} from './printable.js';

/** `4 cpus`, and what may be used of them where that is less. */
const cpusText = ({cpus, cpusAllowed, cpuQuotaPercent}: Host): string => {
	const limits = [
		...(cpusAllowed === cpus ? [] : [`${cpusAllowed} allowed`]),
		...(cpuQuotaPercent === undefined ? [] : [`quota ${formatPlainNumber(cpuQuotaPercent)}%`]),
	];
	const count = `${cpus} ${cpus === 1 ? 'cpu' : 'cpus'}`;
	return limits.length === 0 ? count : `${count} (${limits.join(', ')})`;
};

const cpuText = (cpu: CpuSplit | undefined): string => {
	if (cpu === undefined) {
		return 'cpu -';
	}

	const shares: readonly [string, number, boolean][] = [
		['us', cpu.userPercent, true],
		['ni', cpu.nicePercent, false],
		['sy', cpu.systemPercent, true],
		['id', cpu.idlePercent, true],
		['wa', cpu.iowaitPercent, true],
		['hi', cpu.irqPercent, false],
		['si', cpu.softirqPercent, false],
		['st', cpu.stealPercent, true],
	];
	const shown = shares.filter(([, percent, always]) => always || percent > 0);
	return `cpu ${shown.map(([name, percent]) => `${name} ${formatShare(percent)}`).join(' ')}`;
};

const pressureValue = (pressure: Reading<Pressure>): string | undefined => {
	if (pressure === null) {
		return ` ${refusedMark}`;
	}

	return pressure === undefined ? undefined : formatShare(pressure.some.avg10Percent);
};

/** Share of the last ten seconds in which some task was stalled; empty where the kernel has none. */
const pressureText = ({pressure}: System): string => {
	const values = [
		['cpu', pressureValue(pressure?.cpu)],
		['io', pressureValue(pressure?.io)],
		['mem', pressureValue(pressure?.memory)],
	].filter(([, value]) => value !== undefined);
	return values.length === 0 ? '' : `psi ${values.map(pair => pair.join(' ')).join(' ')}`;
};

const memoryText = ({memory}: System): string =>
	memory === undefined
		? ''
		: `mem ${formatBytes(memory.availableBytes)} of ${formatBytes(memory.totalBytes)} free`;

const rateText = (name: string, rate: number | undefined): string =>
	rate === undefined ? `${name} -` : `${name} ${formatPlainNumber(rate)}/s`;

/** The machine: who it is, how long it runs, how much wants its CPUs. */
export const machineParts = ({host, system}: Snapshot): Part[] => [
	{text: `ctop ${printable(host.name)}`, priority: 0},
	{text: `up ${formatDuration(system.uptimeSeconds)}`, priority: 5},
	{text: cpusText(host), priority: 2},
	{text: `load ${system.loadAverage.map(load => load.toFixed(2)).join(' ')}`, priority: 3},
	{text: `run ${system.runnable} blk ${system.blocked}`, priority: 1},
	{text: host.container === undefined ? '' : `in ${printable(host.container)}`, priority: 6},
	{text: `Linux ${printable(host.kernel)} ${printable(host.architecture)}`, priority: 7},
];

/** What its CPUs and tasks do. */
export const activityParts = ({system, processes}: Snapshot): Part[] => [
	{text: rateText('csw', system.contextSwitchesPerSecond), priority: 0},
	{text: cpuText(system.cpu), priority: 1},
	{text: pressureText(system), priority: 2},
	{text: `${processes.length} procs ${system.threads} thr`, priority: 3},
	{text: rateText('forks', system.forksPerSecond), priority: 5},
	{text: memoryText(system), priority: 4},
];

const levels: Readonly<Record<Snapshot['sampling']['level'], string>> = {
	full: 'sees all',
	own: 'sees own processes only',
	open: 'sees open files only',
};

const refusedText = (refused: Readonly<Record<string, number>>): string => {
	const files = Object.entries(refused)
		.filter(([, count]) => count > 0)
		.map(([file, count]) => `${printable(file)} ${count}`);
	return files.length === 0 ? '' : `refused: ${files.join(', ')}`;
};

/** A sample that came so much later than it was planned is an outcome of the load: its rates are right, over the time that passed. */
const leastLateShare = 0.1;

const lateText = ({lateMilliseconds}: Sampling, intervalSeconds: number): string =>
	lateMilliseconds / 1000 < intervalSeconds * leastLateShare
		? ''
		: `late ${formatDuration(lateMilliseconds / 1000)}`;

const tornText = ({threadsTorn = 0}: Sampling): string =>
	threadsTorn === 0 ? '' : `torn ${threadsTorn} thr`;

/** Where the limit of open files is too small for the machine's threads. */
const reopenedPart = ({threadsWithoutDescriptor = 0, descriptorLimit}: Sampling): Part =>
	threadsWithoutDescriptor === 0 || descriptorLimit === undefined
		? {text: '', priority: 6}
		: {
				text: `${threadsWithoutDescriptor} thr read at 3x cost: ulimit -n leaves ${descriptorLimit}`,
				priority: 6,
				short: {text: `${threadsWithoutDescriptor} thr at 3x cost`, priority: 3},
			};

/** Of a recording of a machine on which so much changed that not all of it was written at once. */
const recordedText = ({recordedEvery}: Sampling): string =>
	recordedEvery === undefined ? '' : `threads recorded every ${recordedEvery}. tick`;

/** What ctop itself costs, and what it could not see. */
export const samplingParts = ({sampling, intervalSeconds}: Snapshot): Part[] => {
	const {ownCpuPercent, ownRssBytes, level, gaps} = sampling;
	const cpu = ownCpuPercent === undefined ? '-' : `${formatPlainNumber(ownCpuPercent)}%`;
	const rss = ownRssBytes === undefined ? '' : ` ${formatBytes(ownRssBytes)}`;
	const lost = gaps.reduce((sum, gap) => sum + gap.seconds, 0);
	return [
		{
			text: gaps.length === 0 ? '' : `gaps ${gaps.length} (${formatDuration(lost)} lost)`,
			priority: 1,
		},
		{text: lateText(sampling, intervalSeconds ?? 1), priority: 2},
		{text: tornText(sampling), priority: 2},
		{text: recordedText(sampling), priority: 2},
		{text: levels[level], priority: 3},
		{
			text: intervalSeconds === undefined ? '' : `every ${formatDuration(intervalSeconds)}`,
			priority: 7,
		},
		{text: `ctop uses ${cpu}${rss}${sampling.ownPriority ? ' real-time' : ''}`, priority: 4},
		{text: refusedText(sampling.refused), priority: 5},
		reopenedPart(sampling),
	];
};
