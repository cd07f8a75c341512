import {countText} from '../../model/count-text.js';
import type {Check} from '../../model/preflight.js';
import {above, makeCheck, measure, symptom} from '../judge.js';
import type {KernelReading} from '../readers/kernel.js';
import {type VmstatLine, vmstatLine} from '../vmstat-line.js';
import {percent, plural, table} from '../words.js';

const systemWatchPercent = 30;
const systemBadPercent = 60;
const waitWatchPercent = 20;
const waitBadPercent = 50;
/** Busy servers that are well do up to 20,000. */
const switchesPerCpuWatch = 25_000;

const columns = 'r b swpd free buff cache si so bi bo in cs us sy id wa st'.split(' ');

const cells = (line: VmstatLine): readonly string[] =>
	[
		line.runnable,
		line.blocked,
		line.swapUsedKibibytes,
		line.freeKibibytes,
		line.buffersKibibytes,
		line.cacheKibibytes,
		line.swapInKibibytesPerSecond,
		line.swapOutKibibytesPerSecond,
		line.blocksInPerSecond,
		line.blocksOutPerSecond,
		line.interruptsPerSecond,
		line.contextSwitchesPerSecond,
		line.userPercent,
		line.systemPercent,
		line.idlePercent,
		line.waitPercent,
		line.stealPercent,
	].map(value => String(Math.round(value)));

/** The line of vmstat(8) for each second that was watched. */
export const vmstatLines = (readings: readonly KernelReading[]): readonly VmstatLine[] =>
	readings.slice(1).flatMap((reading, index) => vmstatLine(readings[index]!, reading) ?? []);

const judgeLine = (line: VmstatLine, cpus: number) => {
	const {userPercent: user, systemPercent: system, waitPercent: wait} = line;
	const kernelHeavy = system > user;
	const systemTime = measure(
		'CPU time in the kernel, while it is more than in programs',
		system,
		'%',
		'/proc/stat',
		kernelHeavy ? above(systemWatchPercent, systemBadPercent) : undefined,
	);
	const waiting = measure(
		'CPUs idle while a task waits for a disk',
		wait,
		'%',
		'/proc/stat',
		above(waitWatchPercent, waitBadPercent),
	);
	const switches = measure(
		'context switches per CPU',
		line.contextSwitchesPerSecond / Math.max(1, cpus),
		'/s',
		'/proc/stat',
		above(switchesPerCpuWatch),
	);
	return {
		measurements: [
			systemTime,
			waiting,
			switches,
			measure('CPU time in programs', user, '%', '/proc/stat'),
		],
		symptoms: [
			...symptom(
				systemTime,
				`system ${percent(system)} over user ${percent(user)}: the kernel is busy with something other than your code`,
				[
					{
						what: 'see which system calls or locks the kernel is busy with',
						why: 'switching between threads, page faults and system calls cost CPU time that does no work of yours',
						command: 'ctop',
					},
				],
			),
			...symptom(waiting, `CPUs idle ${percent(wait)} of the time while tasks wait for a disk`, [
				{
					what: 'find what reads and writes',
					why: 'more CPU will not help while the disks are what everybody waits for',
					command: 'pidstat -d 1 5',
				},
			]),
			...symptom(
				switches,
				`${countText(line.contextSwitchesPerSecond)} context switches a second on ${plural(cpus, 'core')}: threads hand each other something around`,
				[
					{
						what: 'see who switches and what they wait for',
						why: 'at this rate switching itself costs',
						command: 'ctop',
					},
				],
			),
		],
	};
};

/** The machine at work, a line each second, and what the line means: `vmstat 1`. */
export const checkVirtualMemory = (readings: readonly KernelReading[]): Check => {
	const lines = vmstatLines(readings);
	const whole = readings.length > 1 ? vmstatLine(readings[0]!, readings.at(-1)!) : undefined;
	const judged = whole && judgeLine(whole, readings.at(-1)!.stat?.cpus ?? 1);
	return makeCheck({
		id: 'vmstat',
		title: 'CPU time and memory traffic (vmstat)',
		fine: whole
			? `user ${percent(whole.userPercent)}, system ${percent(whole.systemPercent)}, idle ${percent(whole.idlePercent)}, waiting for disks ${percent(whole.waitPercent)}, ${countText(whole.contextSwitchesPerSecond)} switches a second`
			: '',
		symptoms: judged?.symptoms ?? [],
		measurements: judged?.measurements ?? [],
		details:
			lines.length > 0
				? table(
						[columns, ...lines.map(cells)],
						columns.map((_, index) => index),
					)
				: [],
		missing: whole
			? []
			: ['rates need two readings of /proc/stat and /proc/vmstat, which were not there'],
	});
};
