import type {Process} from '../model/process.js';
import type {Reading} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import {ratesOf, switchesOf} from './rates.js';
import {dominantWait} from './wait-words.js';

type Matcher = (process: Process, thread?: Thread) => boolean;

const someThread =
	(test: (thread: Thread) => boolean): Matcher =>
	(process, thread) =>
		thread === undefined ? process.threads.some(test) : test(thread);

const waitsIn = (thread: Thread, word: string): boolean => {
	const wait = dominantWait(thread);
	return [thread.waitChannel, wait?.kind, wait?.call].some(text =>
		text?.toLowerCase().includes(word),
	);
};

/** By the word before the colon. */
const textFields: Readonly<Record<string, (wanted: string) => Matcher | string>> = {
	user: wanted => process =>
		process.user?.toLowerCase() === wanted || String(process.userId) === wanted,
	pid(wanted) {
		const pids = wanted.split(',').map(Number);
		return pids.every(pid => Number.isInteger(pid) && pid > 0)
			? (process, thread) =>
					pids.includes(process.pid) || (thread !== undefined && pids.includes(thread.tid))
			: `not a list of pids: ${wanted}`;
	},
	state(wanted) {
		const letters = wanted.toUpperCase();
		return someThread(thread => letters.includes(thread.state.toUpperCase()));
	},
	wchan: wanted => someThread(thread => waitsIn(thread, wanted)),
};

/** By the word before the comparison; a process's numbers are the sums over its threads. */
const numberFields: Readonly<
	Record<string, (process: Process, thread?: Thread) => Reading<number>>
> = {
	csw: (process, thread) => switchesOf(ratesOf(thread ?? process)),
	cswch: (process, thread) => (thread ?? process).voluntarySwitchesPerSecond,
	vol: (process, thread) => (thread ?? process).voluntarySwitchesPerSecond,
	nvcswch: (process, thread) => (thread ?? process).involuntarySwitchesPerSecond,
	inv: (process, thread) => (thread ?? process).involuntarySwitchesPerSecond,
	cpu: (process, thread) => (thread ?? process).cpuPercent,
	wait: (process, thread) => (thread ?? process).runQueueWaitPercent,
	thr: process => process.threadCount,
};

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
	'>': (a, b) => a > b,
	'>=': (a, b) => a >= b,
	'<': (a, b) => a < b,
	'<=': (a, b) => a <= b,
	'=': (a, b) => a === b,
};

const scales: Readonly<Record<string, number>> = {'': 1, k: 1e3, m: 1e6};

/** A term such as `state:D` or `csw>1.5k`; undefined when it's an ordinary word, a text when it's wrong. */
export const fieldTerm = (term: string): Matcher | string | undefined => {
	const [, name = '', wanted = ''] = /^([a-z]+):(.+)$/i.exec(term) ?? [];
	if (Object.hasOwn(textFields, name.toLowerCase())) {
		return textFields[name.toLowerCase()]!(wanted.toLowerCase());
	}

	const [, left = '', sign = '', right = ''] = /^([a-z]+)(>=|<=|>|<|=)(.*)$/i.exec(term) ?? [];
	const field = left.toLowerCase();
	if (!Object.hasOwn(numberFields, field)) {
		return undefined;
	}

	const [, digits, scale = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(right) ?? [];
	if (digits === undefined) {
		return `not a number: ${term}`;
	}

	const bound = Number(digits) * scales[scale.toLowerCase()]!;
	return (process, thread) => {
		const value = numberFields[field]!(process, thread);
		return typeof value === 'number' && comparisons[sign]!(value, bound);
	};
};
