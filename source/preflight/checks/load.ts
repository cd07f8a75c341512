import type {Check} from '../../model/preflight.js';
import {above, makeCheck, measure, symptom} from '../judge.js';
import type {KernelReading} from '../readers/kernel.js';
import type {SleepingThread} from '../readers/sleepers.js';
import type {Span} from '../span.js';
import {percent, plural, table} from '../words.js';

const pressureWatchPercent = 20;
const pressureBadPercent = 60;
const shownThreads = 10;

const mean = (values: readonly number[]): number =>
	values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;

/** Threads in uninterruptible sleep at both readings: one that is in it for a moment is no fault. */
const lastingSleepers = ({
	first,
	last,
}: Span<readonly SleepingThread[]>): readonly SleepingThread[] => {
	const before = new Set(first.map(({tid}) => tid));
	return last.filter(({tid}) => before.has(tid));
};

/** The averages follow minutes behind; which of them is larger tells where the load is going. */
const trendOf = ([one, five]: readonly [number, number, number]): string => {
	if (one > five * 1.2) {
		return 'the last minute was busier than the five before';
	}

	return one < five * 0.8
		? 'the last minute was quieter than the five before'
		: 'it has been steady';
};

const judgePressure = (reading: KernelReading, kind: 'cpu' | 'io', load: string) => {
	const {some} = reading.pressure[kind] ?? {};
	if (!some) {
		return undefined;
	}

	const names = {cpu: 'a CPU', io: 'a disk'};
	const measurement = measure(
		`time in which a task waited for ${names[kind]} (pressure, 10 s)`,
		some.avg10Percent,
		'%',
		`/proc/pressure/${kind}`,
		above(pressureWatchPercent, pressureBadPercent),
	);
	return {
		measurement,
		symptoms: symptom(
			measurement,
			`${load}; tasks waited for ${names[kind]} ${percent(some.avg10Percent)} of the last 10 s`,
		),
	};
};

/**
The load average taken apart: Linux counts threads that want a CPU and those in uninterruptible sleep alike, and the number
follows minutes behind; see proc_loadavg(5).
*/
export const checkLoad = (
	readings: readonly KernelReading[],
	inSleep: Span<readonly SleepingThread[]>,
): Check => {
	const last = readings.at(-1);
	if (!last?.load || !last.stat) {
		return makeCheck({
			id: 'load',
			title: 'Load',
			fine: '',
			symptoms: [],
			measurements: [],
			missing: ['/proc/loadavg or /proc/stat could not be read'],
		});
	}

	const {averages} = last.load;
	const {cpus} = last.stat;
	// Whoever reads the file runs at that moment: that is ctop itself.
	const runnable = mean(
		readings.flatMap(({stat}) => (stat ? [Math.max(0, stat.runnable - 1)] : [])),
	);
	const blocked = mean(readings.flatMap(({stat}) => (stat ? [stat.blocked] : [])));
	const sleepers = lastingSleepers(inSleep);
	const waiting = Math.max(blocked, sleepers.length);
	const rounded = (value: number) => Number(value.toFixed(value < 10 ? 1 : 0));
	const trend = trendOf(averages);
	const parts = `load ${averages[0]} on ${plural(cpus, 'core')}: ${rounded(runnable)} runnable, ${rounded(waiting)} in disk wait`;
	const wantCpu = measure(
		'threads that run or want a CPU, without ctop',
		runnable,
		'threads',
		'/proc/stat procs_running',
		above(cpus * 1.5, cpus * 3),
	);
	const inDiskWait = measure(
		'threads in uninterruptible sleep all the while',
		waiting,
		'threads',
		'/proc/stat procs_blocked, /proc/PID/task/TID/stat',
		above(1, Math.max(4, cpus * 2)),
	);
	const pressures = [judgePressure(last, 'cpu', parts), judgePressure(last, 'io', parts)].filter(
		judged => judged !== undefined,
	);
	const past =
		averages[0] > cpus && runnable <= cpus && waiting < 1
			? `, which is less than the average says: it tells about the last minutes, not about now`
			: '';
	return makeCheck({
		id: 'load',
		title: 'Load',
		fine: `${parts}${past}`,
		symptoms: [
			...symptom(wantCpu, `${parts}; more threads want a CPU than there are`, [
				{
					what: 'see which processes wait for a CPU',
					why: 'fewer workers than cores would do the same work with less switching',
					command: 'ctop',
				},
			]),
			...symptom(
				inDiskWait,
				`${parts}; threads that wait for a disk or a server count as load, and more CPU will not help`,
				[
					{
						what: 'see what they wait for',
						why: 'a thread in uninterruptible sleep cannot be killed and holds its locks',
						command: "ps -eLo pid,lwp,stat,wchan:32,comm | awk '$3 ~ /D/'",
					},
				],
			),
			...pressures.flatMap(({symptoms}) => symptoms),
		],
		measurements: [
			wantCpu,
			inDiskWait,
			...pressures.map(({measurement}) => measurement),
			...averages.map((value, index) =>
				measure(`load average, ${[1, 5, 15][index]} minutes`, value, '', '/proc/loadavg'),
			),
			measure('cores', cpus, '', '/proc/stat'),
		],
		details: [
			`load ${averages.join(' ')} (1, 5 and 15 minutes): ${trend}; it counts threads that want a CPU and those in uninterruptible sleep`,
			...(pressures.length === 0 ? ['this kernel tells no pressure (PSI)'] : []),
			...table(
				sleepers
					.slice(0, shownThreads)
					.map(({pid, tid, name, waitChannel}) => [
						`${pid}/${tid}`,
						name,
						`in ${waitChannel === null ? '(refused)' : (waitChannel ?? '(not told)')}`,
					]),
			),
		],
	});
};
