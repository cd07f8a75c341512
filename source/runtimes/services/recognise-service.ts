import type {Service} from '../../model/process.js';
import {isKnown, type Reading} from '../../model/reading.js';
import {findNumberOption, findProgram} from '../command-words.js';

export type ServiceClues = {
	commandLine: Reading<readonly string[]>;
	/** /proc/PID/comm: cut to 15 characters. */
	name: string;
};

type Pattern = {
	service: string;
	/** Name of the program that starts it. */
	program?: RegExp;
	/** Title that a process of it sets over its command line. */
	title?: RegExp;
	/** Titles of its master and of its workers, where it tells them apart. */
	master?: RegExp;
	worker?: RegExp;
	workerOptions?: readonly string[];
	threadOptions?: readonly string[];
};

const patterns: readonly Pattern[] = [
	{
		service: 'gunicorn',
		program: /^gunicorn3?$/,
		title: /^gunicorn: /,
		master: /^gunicorn: (?:master|arbiter)/,
		worker: /^gunicorn: worker/,
		workerOptions: ['-w', '--workers'],
		threadOptions: ['--threads'],
	},
	{
		service: 'uwsgi',
		program: /^uwsgi(?:-core|_python\d*)?$/,
		title: /^uWSGI /,
		master: /^uWSGI master/,
		worker: /^uWSGI worker/,
		workerOptions: ['-p', '--processes', '--workers'],
		threadOptions: ['--threads'],
	},
	{
		service: 'celery',
		program: /^celery$/,
		title: /^\[celeryd: /,
		master: /MainProcess\]/,
		worker: /:(?:ForkPoolWorker|PoolWorker)-\d+\]/,
		workerOptions: ['-c', '--concurrency'],
	},
	{service: 'uvicorn', program: /^uvicorn$/, workerOptions: ['--workers']},
	{service: 'hypercorn', program: /^hypercorn$/, workerOptions: ['-w', '--workers']},
	{service: 'waitress', program: /^waitress-serve$/, threadOptions: ['--threads']},
	{
		service: 'puma',
		program: /^puma$/,
		title: /^puma(?: \d|: cluster worker)/,
		master: /^puma \d/,
		worker: /^puma: cluster worker/,
		workerOptions: ['-w', '--workers'],
	},
	{
		service: 'unicorn',
		program: /^unicorn(?:_rails)?$/,
		title: /^unicorn(?:_rails)? (?:master|worker)/,
		master: /^unicorn(?:_rails)? master/,
		worker: /^unicorn(?:_rails)? worker/,
	},
	{
		service: 'sidekiq',
		program: /^sidekiq$/,
		title: /^sidekiq \d/,
		threadOptions: ['-c', '--concurrency'],
	},
	{
		service: 'nginx',
		program: /^nginx$/,
		title: /^nginx: /,
		master: /^nginx: master/,
		worker: /^nginx: worker/,
	},
	{
		service: 'php-fpm',
		program: /^php-fpm[\d.]*$/,
		title: /^php-fpm: /,
		master: /^php-fpm: master/,
		worker: /^php-fpm: pool/,
	},
	{service: 'apache', program: /^(?:apache2|httpd)$/},
	{
		service: 'postgresql',
		program: /^(?:postgres|postmaster)$/,
		title: /^postgres: /,
		worker: /^postgres: /,
	},
	{service: 'mysql', program: /^(?:mysqld|mariadbd)$/},
	{service: 'redis', program: /^(?:redis|valkey)-server$/, title: /^redis-server /},
];

/** Puma takes the least and the most threads as one word, `-t 5:16`; the most is what runs under load. */
const findPumaThreads = (words: readonly string[]) => {
	const index = words.findLastIndex(word => word === '-t' || word === '--threads');
	const range = index < 0 ? undefined : words[index + 1];
	const match = range === undefined ? null : /^(?:\d{1,4}:)?(\d{1,4})$/.exec(range);
	return match ? {value: Number(match[1]), written: `${words[index]} ${range}`} : undefined;
};

const roleOf = (pattern: Pattern, title: string): 'master' | 'worker' | undefined => {
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
		const refused = patterns.find(pattern => pattern.program?.test(name));
		return refused && {name: refused.service};
	}

	// A title is one text; some runtimes leave empty words behind it.
	const title = commandLine[0] ?? '';
	const {program, arguments: words} = findProgram(commandLine);
	const pattern = patterns.find(
		candidate => candidate.program?.test(program) || candidate.title?.test(title),
	);
	if (!pattern) {
		return undefined;
	}

	const workers = pattern.workerOptions && findNumberOption(words, pattern.workerOptions);
	const threads =
		pattern.service === 'puma'
			? findPumaThreads(words)
			: pattern.threadOptions && findNumberOption(words, pattern.threadOptions);
	const role = roleOf(pattern, title);
	return {
		name: pattern.service,
		...(role && {role}),
		...(workers && {workers: workers.value, workersSetting: workers.written}),
		...(threads && {threadsPerWorker: threads.value, threadsSetting: threads.written}),
	};
};
