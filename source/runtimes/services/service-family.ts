import type {Service} from '../../model/process.js';
import {isKnown, type Reading} from '../../model/reading.js';
import {findProgram} from '../command-words.js';
import {servicePatterns} from './patterns.js';

/** A process beside those that it belongs to. */
export type FamilyClues = {
	/** The service that its own command line tells. */
	own: Service | undefined;
	commandLine: Reading<readonly string[]>;
	/** That of the process that started it. */
	parent: Service | undefined;
	/** Whether it has started processes of the same service. */
	hasWorkers: boolean;
};

const wordsOf = (commandLine: Reading<readonly string[]>): readonly string[] => commandLine ?? [];

/** Python's multiprocessing starts processes as programs of their own that say nothing of the one that they belong to. */
export const isSpawnedByPython = (commandLine: Reading<readonly string[]>): boolean =>
	isKnown(commandLine) && commandLine.includes('--multiprocessing-fork');

/** Whether all that a process of the service starts are its workers: of some only if it has no helpers. */
const startsWorkersOnly = (name: string, commandLine: Reading<readonly string[]>): boolean => {
	const {forks} = servicePatterns.find(({service}) => service === name) ?? {};
	return forks?.(findProgram(wordsOf(commandLine)).arguments) ?? false;
};

/** What a worker's own command line doesn't say, its master's does. */
const asWorker = (own: Service | undefined, parent: Service): Service => ({
	...parent,
	...own,
	role: 'worker',
});

/**
The service of a process, with its role where only its family tells it: programs that set no titles have the same command line in their
master and in their workers, and some start their workers as programs that don't name the service. A worker has its master's settings.
*/
export const placeInFamily = ({
	own,
	commandLine,
	parent,
	hasWorkers,
}: FamilyClues): Service | undefined => {
	if (own === undefined) {
		const isWorker =
			parent !== undefined &&
			isSpawnedByPython(commandLine) &&
			servicePatterns.some(({service, forks}) => service === parent.name && forks !== undefined);
		return isWorker ? asWorker(undefined, parent) : undefined;
	}

	if (parent?.name === own.name) {
		const isWorker =
			own.role === 'worker' ||
			(own.role === undefined &&
				parent.role !== 'worker' &&
				startsWorkersOnly(own.name, commandLine));
		return isWorker ? asWorker(own, parent) : own;
	}

	return own.role === undefined && hasWorkers && startsWorkersOnly(own.name, commandLine)
		? {...own, role: 'master'}
		: own;
};
