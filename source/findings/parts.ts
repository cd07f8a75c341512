import type {Cost, Evidence, NextStep, Severity} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {isKnown, type Reading} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import {switchesOf} from './thread-facts.js';
import {measured} from './words.js';

/** One measured fact. */
export const fact = (
	what: string,
	value: number | string,
	unit: string,
	source: string,
): Evidence => ({what, value: typeof value === 'number' ? measured(value) : value, unit, source});

/** `/proc/4711/stat`, or with `PID` where it was read of several. */
export const procFile = (processes: readonly Process[], file: string): string =>
	`/proc/${processes.length === 1 ? processes[0]!.pid : 'PID'}/${file}`;

const plus = (total: number | undefined, reading: Reading<number>): number | undefined =>
	isKnown(reading) ? (total ?? 0) + reading : total;

/** What threads or processes burn; what none of them is known for is missing. */
export const costOf = (items: readonly (Thread | Process)[]): Cost => {
	let switches = 0;
	let cpu: number | undefined;
	let system: number | undefined;
	let queued: number | undefined;
	for (const item of items) {
		switches += switchesOf(item);
		cpu = plus(cpu, item.cpuPercent);
		system = plus(system, item.systemCpuPercent);
		queued = plus(queued, item.runQueueWaitPercent);
	}

	return {
		switchesPerSecond: measured(switches),
		...(cpu !== undefined && {cpuPercent: measured(cpu)}),
		...(system !== undefined && {systemCpuPercent: measured(system)}),
		...(queued !== undefined && {runQueueWaitPercent: measured(queued)}),
	};
};

/** A thread as a person finds it again: `4711 (transfer-alice)`, by its runtime's name for it where that is a better one. */
export const threadText = (tid: number, thread: Thread | undefined): string =>
	thread ? `${tid} (${thread.runtimeName ?? thread.name})` : String(tid);

const ranks: Readonly<Record<Severity, number>> = {critical: 0, warning: 1, notice: 2};

/** Sorts the most severe first. */
export const bySeverity = (one: {severity: Severity}, other: {severity: Severity}): number =>
	ranks[one.severity] - ranks[other.severity];

/** Severity by how large a value is. */
export const graded = (value: number, warning: number, critical: number): Severity => {
	if (value >= critical) {
		return 'critical';
	}

	return value >= warning ? 'warning' : 'notice';
};

/** ` of 4 gunicorn processes`, nothing for one process. */
export const ofProcesses = (count: number, name: string): string =>
	count > 1 ? ` in ${count} ${name} processes` : '';

/** What a person runs next when the kernel refused files. */
export const asRoot = (pid: number): NextStep => ({
	what: 'look again with the files that the kernel refused',
	command: `sudo ctop -p ${pid}`,
	needs: 'root',
});

/** Where every thread stands, with what the runtime has for it. */
export const stackStep = ({pid, runtime}: Process, what: string): NextStep => {
	if (runtime?.name === 'cpython') {
		return {what, command: `py-spy dump --pid ${pid}`, needs: 'root or the same user'};
	}

	if (runtime?.name === 'jvm') {
		return {what, command: `jstack -l ${pid}`, needs: 'the same user'};
	}

	return {
		what: `${what} (stops the process for a moment)`,
		command: `gdb -p ${pid} -batch -ex 'thread apply all bt'`,
		needs: 'root or the same user',
	};
};
