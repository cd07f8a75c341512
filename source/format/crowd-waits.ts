import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';
import {absentMark} from './number.js';
import {mainThreadOf} from './row.js';
import {waitClassText} from './wait-class.js';
import {stateWord} from './wait-words.js';
import {threadWaitingOn, waitText, withoutTarget, withTarget} from './waiting-on.js';

/** Threads of a crowd whose waits are told apart; the others do the same. */
const mostThreads = 64;

const switches = (thread: Thread): number =>
	(thread.voluntarySwitchesPerSecond ?? 0) + (thread.involuntarySwitchesPerSecond ?? 0);

/** Those that switch at least half as often as the busiest; none where none runs. */
const busiestOf = (threads: readonly Thread[]): readonly Thread[] => {
	let most = 0;
	for (const thread of threads) {
		most = Math.max(most, switches(thread));
	}

	const busiest: Thread[] = [];
	for (const thread of most === 0 ? [] : threads) {
		if (busiest.length < mostThreads && switches(thread) >= most / 2) {
			busiest.push(thread);
		}
	}

	return busiest;
};

type Weighed = {weight: number; heaviest: number; wait: Wait; thread: Thread};

/** Adds one wait; of equal ones the heaviest speaks for all. Locks and kinds tell them apart, which is cheap. */
const weigh = (
	weights: Map<string, Weighed>,
	wait: Wait,
	thread: Thread,
	weight: number,
): Weighed => {
	const key =
		wait.lockId ?? (wait.kind === 'file-lock' ? `${wait.kind} ${wait.target}` : wait.kind);
	const known = weights.get(key);
	if (known === undefined) {
		const first = {weight, heaviest: weight, wait, thread};
		weights.set(key, first);
		return first;
	}

	known.weight += weight;
	if (weight > known.heaviest) {
		known.heaviest = weight;
		known.wait = wait;
		known.thread = thread;
	}

	return known;
};

const noShares: readonly WaitShare[] = [];

/** The wait that those of some threads which switch most are in most of the time; undefined where none of them runs. */
const dominantOf = (process: Process, threads: readonly Thread[]): string | undefined => {
	const weights = new Map<string, Weighed>();
	let dominant: Weighed | undefined;
	const add = (wait: Wait, thread: Thread, weight: number): void => {
		const weighed = weigh(weights, wait, thread, weight);
		dominant = dominant === undefined || weighed.weight > dominant.weight ? weighed : dominant;
	};

	for (const thread of busiestOf(threads)) {
		const {waits = noShares, wait} = thread;
		for (const share of waits) {
			add(withTarget(share, thread), thread, switches(thread) * share.percent);
		}

		if (waits.length === 0 && wait) {
			add(wait, thread, switches(thread) * 100);
		}
	}

	if (dominant === undefined) {
		return undefined;
	}

	const {wait, thread} = dominant;
	if (threads.length === 1 || wait.kind === 'running') {
		return waitText(process, wait, thread);
	}

	return waitText(process, withoutTarget(wait));
};

/** What a process mostly waits on: what those of its threads do that switch most; its main thread's wait where none runs. */
export const processWaitingOn = (process: Process): string => {
	const {threads, state} = process;
	if (state === 'Z') {
		return stateWord(state);
	}

	const dominant = dominantOf(process, threads);
	const main = mainThreadOf(process);
	return dominant ?? (main === undefined ? absentMark : threadWaitingOn(process, main));
};

/** What alike threads wait on. */
export const groupWaitingOn = (process: Process, threads: readonly Thread[]): string =>
	dominantOf(process, threads) ?? waitClassText(process, threads[0]!);
