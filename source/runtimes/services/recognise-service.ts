import type {Service} from '../../model/process.js';
import {isKnown, type Reading} from '../../model/reading.js';
import {findProgram} from '../command-words.js';
import {type ServicePattern, servicePatterns} from './patterns.js';

export type ServiceClues = {
	commandLine: Reading<readonly string[]>;
	/** /proc/PID/comm: cut to 15 characters. */
	name: string;
};

const roleOf = (pattern: ServicePattern, title: string): 'master' | 'worker' | undefined => {
	if (pattern.master?.test(title)) {
		return 'master';
	}

	return pattern.worker?.test(title) ? 'worker' : undefined;
};

/**
The service that a process belongs to, with the numbers of workers and threads that
its command line asks for. A key is missing when the command line doesn't say (they
may stand in a file or in the environment, or the process has put a title over its
command line). Master and workers of a service that sets no titles look alike: role is
missing then.
*/
export const recogniseService = ({commandLine, name}: ServiceClues): Service | undefined => {
	if (!isKnown(commandLine)) {
		const refused = servicePatterns.find(pattern => pattern.program?.test(name));
		return refused && {name: refused.service};
	}

	// A title is one text; some runtimes leave empty words behind it.
	const title = commandLine[0] ?? '';
	const {program, arguments: words} = findProgram(commandLine);
	const pattern = servicePatterns.find(
		candidate => candidate.program?.test(program) || candidate.title?.test(title),
	);
	if (!pattern) {
		return undefined;
	}

	const workers = pattern.workers?.(words, title);
	const threads = pattern.threads?.(words, title);
	const role = roleOf(pattern, title);
	return {
		name: pattern.service,
		...(role && {role}),
		...(workers && {workers: workers.value, workersSetting: workers.written}),
		...(threads && {threadsPerWorker: threads.value, threadsSetting: threads.written}),
	};
};
