import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import {frameFunction, knownApplicationFrame} from '../model/runtime-frame.js';
import type {Thread} from '../model/thread.js';
import {printable} from './printable.js';
import {addReadings, noRates, type Rates} from './rates.js';
import {waitClass, waitClassText} from './wait-class.js';

/** Threads of one process that do the same: they have one row together until it is opened. */
export type ThreadGroup = {
	/** Stable within the process while the threads go on doing the same. */
	id: string;
	wait: string;
	/** Their name, digits as `#`. Safe to print. */
	namePattern: string;
	/** The line of the application that most of them are in; missing where no runtime tells. */
	frame?: string;
	/** Why none of them has a line, where a runtime says so. Safe to print. */
	frameNote?: string;
	threads: readonly Thread[];
	/** Sums. */
	rates: Rates;
};

export const smallestGroup = 3;

/** Below this many switches a second two threads count as equally idle. */
const idleSwitchesPerSecond = 1;

const namePattern = (name: string): string => printable(name.replaceAll(/\d+/g, '#'));

/** Threads that were looked at repeatedly flip between running and waiting; what they mostly did is steadier. */
const stateClass = (thread: Thread): string =>
	thread.waits === undefined || thread.waits.length === 0 ? thread.state : '';

const switches = ({
	voluntarySwitchesPerSecond: voluntary,
	involuntarySwitchesPerSecond: involuntary,
}: Thread): number => addReadings(voluntary, involuntary) ?? 0;

/** What a thread is like, for as long as it and its process's locks are the same objects: most threads do nothing most of the time. */
const likenesses = createMemo<Thread, {locks: Process['locks']; text: string}>();

const likenessOf = (process: Process, thread: Thread): string => {
	const known = likenesses.get(thread);
	if (known && known.locks === process.locks) {
		return known.text;
	}

	const text = `${waitClass(process, thread)}|${stateClass(thread)}|${namePattern(thread.name)}`;
	likenesses.set(thread, {locks: process.locks, text});
	return text;
};

const sumRates = (threads: readonly Thread[]): Rates => {
	const sum = {...noRates};
	for (const thread of threads) {
		sum.voluntary = addReadings(sum.voluntary, thread.voluntarySwitchesPerSecond);
		sum.involuntary = addReadings(sum.involuntary, thread.involuntarySwitchesPerSecond);
		sum.cpu = addReadings(sum.cpu, thread.cpuPercent);
		sum.runQueueWait = addReadings(sum.runQueueWait, thread.runQueueWaitPercent);
	}

	return sum;
};

/** The busiest first. Mostly they are in that order as they come: all of a pool at rest are equally idle. */
const byRate = (threads: readonly Thread[]): readonly Thread[] => {
	const compare = (one: Thread, other: Thread): number =>
		switches(other) - switches(one) || one.tid - other.tid;
	const isInOrder = threads.every(
		(thread, index) => index === 0 || compare(threads[index - 1]!, thread) <= 0,
	);
	return isInOrder ? threads : threads.toSorted(compare);
};

/** Runs of a list, in falling order, whose rates are within a factor of two. */
const splitByRate = (threads: readonly Thread[]): Thread[][] => {
	const runs: Thread[][] = [];
	let top = 0;
	for (const thread of byRate(threads)) {
		const rate = switches(thread);
		if (runs.length > 0 && (rate >= top / 2 || top <= idleSwitchesPerSecond)) {
			runs.at(-1)!.push(thread);
			continue;
		}

		top = rate;
		runs.push([thread]);
	}

	return runs;
};

/** The most frequent of some texts, of equals the first in the alphabet: it must not jump. */
const mostFrequent = (texts: readonly string[]): string | undefined => {
	const counts = new Map<string, number>();
	for (const text of texts) {
		counts.set(text, (counts.get(text) ?? 0) + 1);
	}

	return [...counts].sort(
		([one, count], [other, otherCount]) => otherCount - count || (one < other ? -1 : 1),
	)[0]?.[0];
};

const frameOf = (thread: Thread): string | undefined => knownApplicationFrame(thread.runtimeStack);

const commonNote = (threads: readonly Thread[]): string | undefined => {
	const note = threads[0]?.runtimeStackNote;
	return note !== undefined && threads.every(thread => thread.runtimeStackNote === note)
		? printable(note)
		: undefined;
};

/**
Those alike ones that are in one function of the application, for each that enough of them are in; those that are all over the
place, as threads that compute, stay together.
*/
const splitByFunction = (
	threads: readonly Thread[],
): {function: string; frame?: string; threads: readonly Thread[]}[] => {
	if (!threads.some(({runtimeStack}) => runtimeStack)) {
		return [{function: '', threads}];
	}

	const byFunction = new Map<string, Thread[]>();
	for (const thread of threads) {
		const frame = frameOf(thread);
		const key = frame === undefined ? '' : frameFunction(frame);
		const known = byFunction.get(key);
		if (known) {
			known.push(thread);
		} else {
			byFunction.set(key, [thread]);
		}
	}

	const parts: {function: string; frame?: string; threads: readonly Thread[]}[] = [];
	const rest = byFunction.get('') ?? [];
	byFunction.delete('');
	for (const [key, alike] of byFunction) {
		if (alike.length < smallestGroup) {
			rest.push(...alike);
			continue;
		}

		const frame = mostFrequent(alike.flatMap(thread => frameOf(thread) ?? []));
		parts.push({function: key, ...(frame !== undefined && {frame}), threads: alike});
	}

	return rest.length === 0 ? parts : [...parts, {function: '', threads: rest}];
};

/**
Threads in groups of alike ones: the same kind of wait, the same state, the same name
but for digits, the same function of the application where a runtime tells it, rates within a factor of two. The main thread stands by itself, and so
do threads that have fewer than two like them.
*/
export const groupThreads = (
	process: Process,
	threads: readonly Thread[] = process.threads,
): {groups: ThreadGroup[]; single: Thread[]} => {
	const byLikeness = new Map<string, Thread[]>();
	const single: Thread[] = [];
	for (const thread of threads) {
		if (thread.tid === process.pid) {
			single.push(thread);
			continue;
		}

		const likeness = likenessOf(process, thread);
		const alike = byLikeness.get(likeness);
		if (alike === undefined) {
			byLikeness.set(likeness, [thread]);
		} else {
			alike.push(thread);
		}
	}

	const groups: ThreadGroup[] = [];
	for (const [likeness, alike] of byLikeness) {
		for (const part of splitByFunction(alike)) {
			for (const [index, run] of splitByRate(part.threads).entries()) {
				if (run.length < smallestGroup) {
					single.push(...run);
					continue;
				}

				const note = commonNote(run);
				groups.push({
					id: `${likeness}|${part.function}|${index}`,
					wait: waitClassText(process, run[0]!),
					namePattern: namePattern(run[0]!.name),
					...(part.frame !== undefined && {frame: part.frame}),
					...(note !== undefined && {frameNote: note}),
					threads: run,
					rates: sumRates(run),
				});
			}
		}
	}

	return {groups, single};
};
