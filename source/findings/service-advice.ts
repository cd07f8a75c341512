import {countText} from '../model/count-text.js';
import type {Fix} from '../model/finding.js';
import type {Service} from '../model/process.js';
import type {ProcessGroup} from './group.js';
import {plural} from './words.js';

type Settings = {
	/** How the number of workers is written where the command line didn't say: `-w 4`. */
	workers?: (count: number) => string;
	threads?: (count: number) => string;
	/** Workers a CPU. Servers whose requests also wait get two, job runners that compute get one. */
	workersPerCpu: number;
};

const settings: Readonly<Record<string, Settings>> = {
	gunicorn: {
		workers: count => `-w ${count}`,
		threads: count => `--threads ${count}`,
		workersPerCpu: 2,
	},
	uwsgi: {
		workers: count => `--processes ${count}`,
		threads: count => `--threads ${count}`,
		workersPerCpu: 2,
	},
	celery: {workers: count => `--concurrency=${count}`, workersPerCpu: 1},
	uvicorn: {workers: count => `--workers ${count}`, workersPerCpu: 1},
	hypercorn: {workers: count => `--workers ${count}`, workersPerCpu: 1},
	waitress: {threads: count => `--threads=${count}`, workersPerCpu: 1},
	puma: {
		workers: count => `-w ${count}`,
		threads: count => `-t ${count}:${count}`,
		workersPerCpu: 1,
	},
	unicorn: {workers: count => `worker_processes ${count}`, workersPerCpu: 2},
	sidekiq: {threads: count => `-c ${count}`, workersPerCpu: 1},
	nginx: {workers: count => `worker_processes ${count};`, workersPerCpu: 1},
	'php-fpm': {workers: count => `pm.max_children = ${count}`, workersPerCpu: 2},
	apache: {workers: count => `MaxRequestWorkers ${count}`, workersPerCpu: 2},
};

/** The setting as the command line has it, with another number. */
const rewrite = (written: string, count: number): string => written.replace(/\d+$/, String(count));

/** A number as it is set now and as it should be. */
export type Change = {from: number; to: number; setting: string; written?: string};

/** What a group's service is: that of a worker, or of the master, whose command line tells more. */
export const serviceOf = (group: ProcessGroup): Service | undefined => {
	const services = group.processes.flatMap(process => process.service ?? []);
	return services.find(service => service.workers !== undefined) ?? services[0];
};

/** Fewer workers, counted against CPUs; nothing when it isn't a known service or hasn't too many. */
export const fewerWorkers = (group: ProcessGroup, cpus: number): Change | undefined => {
	const service = serviceOf(group);
	const known = service && settings[service.name];
	if (!service || !known?.workers) {
		return undefined;
	}

	const from = service.workers ?? group.workers.length;
	const to = Math.max(1, Math.round(cpus * known.workersPerCpu));
	const {workersSetting: written} = service;
	const setting = written ? rewrite(written, to) : known.workers(to);
	return to < from ? {from, to, setting, ...(written && {written})} : undefined;
};

/** Fewer threads a worker; nothing when the service has no such setting or needn't. */
export const fewerThreads = (group: ProcessGroup, to: number): Change | undefined => {
	const service = serviceOf(group);
	const known = service && settings[service.name];
	if (
		!service ||
		!known?.threads ||
		service.threadsPerWorker === undefined ||
		service.threadsPerWorker <= to
	) {
		return undefined;
	}

	const {threadsSetting: written} = service;
	// Puma's range has two numbers: both are set.
	const setting = written && !/\d+:\d+$/.test(written) ? rewrite(written, to) : known.threads(to);
	return {from: service.threadsPerWorker, to, setting, ...(written && {written})};
};

/** How a person says it: `gunicorn: 4 workers instead of 40 (-w 40 → -w 4)`. */
export const changeText = (name: string, noun: string, change: Change): string =>
	`${name}: ${plural(change.to, noun)} instead of ${countText(change.from)}${
		change.written ? ` (${change.written} → ${change.setting})` : ''
	}`;

/** Fewer workers as a fix. */
export const fewerWorkersFix = (
	group: ProcessGroup,
	cpus: number,
	why: string,
): Fix | undefined => {
	const change = fewerWorkers(group, cpus);
	return change && {what: changeText(group.name, 'worker', change), why, command: change.setting};
};

/** Fewer threads a worker as a fix. */
export const fewerThreadsFix = (group: ProcessGroup, to: number, why: string): Fix | undefined => {
	const change = fewerThreads(group, to);
	return (
		change && {
			what: changeText(group.name, 'thread', change).replace(/(threads?) /, '$1 a worker '),
			why,
			command: change.setting,
		}
	);
};
