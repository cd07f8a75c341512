import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';
import {mainWait, sharesOf, wakesOf} from './thread-facts.js';
import {type MatchWait, waitPercent} from './wait-facts.js';

/** Threads that wake as often as each other, by steps of a third, in the same kind of wait, have the same limit. */
const stepOfRates = Math.log(4 / 3);
const rateStep = (wakes: number): number => Math.max(0, Math.round(Math.log(wakes) / stepOfRates));

/**
The longest limit that was seen, by kind of wait and step of rates: of limits that are points in time each look shows the rest only,
so that a few looks at one thread may show any part of it.
*/
export type LongestLimits = Readonly<Record<'sleep' | 'futex', number[]>>;

export const longestLimitsOf = ({threads}: Process): LongestLimits => {
	const limits: LongestLimits = {sleep: [], futex: []};
	for (const thread of threads) {
		const wakes = wakesOf(thread);
		const step = wakes > 0 ? rateStep(wakes) : 0;
		for (const {kind, timeoutMilliseconds = 0} of wakes > 0 ? sharesOf(thread) : []) {
			if (kind === 'sleep' || kind === 'futex') {
				limits[kind][step] = Math.max(limits[kind][step] ?? 0, timeoutMilliseconds);
			}
		}
	}

	return limits;
};

/** The longest limit of threads that wake about as often, or the thread's own. */
export const longestLimit = (limits: readonly number[], own: number, wakes: number): number => {
	const step = rateStep(wakes);
	return Math.max(own, limits[step - 1] ?? 0, limits[step] ?? 0, limits[step + 1] ?? 0);
};

const callOf = ({call, kind}: Wait): string => call ?? kind;

/** Of the threads that mostly wait in some call with a time limit: how long in it, and how long in all waits but those for locks. */
export type TimeInCalls = ReadonlyMap<string, {inIt: number; inAll: number}>;

/** Over all threads with the same main wait: a second has few looks at each of them. */
export const timeInCallsOf = ({threads}: Process, isForLock: MatchWait): TimeInCalls => {
	const times = new Map<string, {inIt: number; inAll: number}>();
	for (const thread of threads) {
		const main = wakesOf(thread) > 0 ? mainWait(thread) : undefined;
		if (main === undefined || main.timed === false) {
			continue;
		}

		const call = callOf(main);
		const time = times.get(call) ?? {inIt: 0, inAll: 0};
		times.set(call, time);
		for (const share of sharesOf(thread)) {
			const isInIt = callOf(share) === call && share.timed !== false;
			time.inIt += isInIt ? share.percent : 0;
			time.inAll += isInIt || (share.kind !== 'running' && !isForLock(share)) ? share.percent : 0;
		}
	}

	return times;
};

/** The part of its time that a thread is in such a wait: whoever is given work in between waits for that as well, and in it. */
export const shareOfTime = (times: TimeInCalls, wait: WaitShare): number => {
	const time = times.get(callOf(wait));
	return time === undefined || time.inAll === 0 ? 1 : time.inIt / time.inAll;
};

/** A loop that waits for events without a limit now and then has no limit that it polls by. */
const mostUntimedPercent = 4;

/** Whether a thread waits for events in the same call without a limit as well. */
export const waitsUntimedAsWell = (thread: Thread, {kind, call}: WaitShare): boolean =>
	(kind === 'epoll' || kind === 'poll') &&
	waitPercent(thread, wait => wait.call === call && wait.timed === false) > mostUntimedPercent;
