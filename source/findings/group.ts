import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {remember} from './remember.js';

/** Processes that do the same work for the same service; most often it's one process alone. */
export type ProcessGroup = {
	/** Stable while the service lives. */
	key: string;
	/** What a person calls it: the service's name, or the process's. */
	name: string;
	/** The siblings, or the one process. */
	workers: readonly Process[];
	/** The process that started them, when it is part of the service. */
	master?: Process;
	/** Workers and master. */
	processes: readonly Process[];
};

/** What a person calls a process: its service, or its program. Node.js from version 23 on names its first thread and with it the process `MainThread`. */
export const processName = ({name, service, runtime}: Process): string =>
	service?.name ?? (name === 'MainThread' && runtime?.name === 'node' ? 'node' : name);

/** Identity of a process: a pid alone is used again. */
export const processKey = (process: Process): string => `${process.pid}:${process.startTimeTicks}`;

const patternOf = remember(text => `command ${text.replace(/\d+/g, '#')}`);

/** A command line that didn't change is the same object in the next Snapshot. */
const patterns = new WeakMap<readonly string[], string>();

const patternOfWords = (commandLine: readonly string[]): string => {
	const known = patterns.get(commandLine);
	if (known !== undefined) {
		return known;
	}

	const pattern = patternOf(commandLine.join(' '));
	patterns.set(commandLine, pattern);
	return pattern;
};

// Workers differ in their number, their port or an inherited descriptor, so numbers don't tell services apart.
const commandPattern = ({commandLine, name}: Process): string =>
	isKnown(commandLine) && commandLine[0] ? patternOfWords(commandLine) : patternOf(name);

// Titles of workers tell what each one does at the moment; there the role is what they have in common.
const likeness = (process: Process): string =>
	process.service?.role === 'worker'
		? `service ${process.service.name} worker`
		: commandPattern(process);

const isMasterOf = (parent: Process, worker: Process): boolean =>
	parent.service === undefined
		? commandPattern(parent) === commandPattern(worker)
		: parent.service.name === worker.service?.name;

const describe = (workers: readonly Process[], key: string, master?: Process): ProcessGroup => {
	const first = workers[0]!;
	return {
		key,
		name: processName(first),
		workers,
		...(master && {master}),
		processes: master ? [master, ...workers] : workers,
	};
};

/**
Puts sibling processes of one service together: same parent and same command line
(numbers in it aside), and their parent when it's of the same service. A process
without siblings is a group of its own, so is a master with a single worker.
*/
export const groupProcesses = (processes: readonly Process[]): readonly ProcessGroup[] => {
	const own = processes.filter(process => !process.kernelThread);
	const byPid = new Map(own.map(process => [process.pid, process]));
	// Two maps for one with longer keys: texts that are kept have their hashes, made ones don't.
	const byParent = new Map<number, Map<string, Process[]>>();
	const siblings: Process[][] = [];
	for (const process of own) {
		const {parentPid} = process;
		const children = byParent.get(parentPid) ?? new Map<string, Process[]>();
		byParent.set(parentPid, children);
		const alike = likeness(process);
		const known = children.get(alike);
		if (known) {
			known.push(process);
		} else {
			const workers = [process];
			children.set(alike, workers);
			siblings.push(workers);
		}
	}

	const masters = new Set<Process>();
	const groups: ProcessGroup[] = [];
	const alone: Process[] = [];
	for (const workers of siblings) {
		const first = workers[0]!;
		if (workers.length === 1) {
			alone.push(first);
			continue;
		}

		const parent = byPid.get(first.parentPid);
		const master = parent && isMasterOf(parent, first) ? parent : undefined;
		if (master) {
			masters.add(master);
		}

		const key = `${first.parentPid} ${likeness(first)} of ${parent ? processKey(parent) : '-'}`;
		groups.push(describe(workers, key, master));
	}

	for (const process of alone) {
		if (!masters.has(process)) {
			groups.push(describe([process], processKey(process)));
		}
	}

	return groups;
};
