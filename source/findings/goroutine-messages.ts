import type {Process} from '../model/process.js';
import type {WaitKind} from '../model/wait.js';
import type {Member} from './message-exchanges.js';
import {sharesOf, sum, wakesOf} from './thread-facts.js';

/** Of all that take part. */
export const wakesOfBoth = (exchange: readonly Member[]): number =>
	sum(exchange, ({wakes}) => wakes);

/** Of threads that wake seldom it doesn't matter what they wait for. */
const fewestWakes = 1000;

/** What they are handed comes from outside, and they may wake equally often by chance. */
const fromOutside: ReadonlySet<WaitKind> = new Set(['pipe', 'socket', 'epoll', 'poll']);

const getsNothingFromOutside = ({threads}: Process): boolean =>
	threads.every(
		thread =>
			wakesOf(thread) < fewestWakes || !sharesOf(thread).some(({kind}) => fromOutside.has(kind)),
	);

/** In Go each thread carries any goroutine: of a process that only talks to itself another pair is seen to exchange each second. */
export const carriedByAny = (exchange: readonly Member[]): boolean => {
	const {process} = exchange[0]!;
	return (
		process.runtime?.name === 'go' &&
		exchange.every(member => member.process === process) &&
		getsNothingFromOutside(process)
	);
};

/** Of those between a process's own goroutines the one with the most wakes stands for all. */
export const oneForGoroutines = (
	exchanges: readonly (readonly Member[])[],
): readonly (readonly Member[])[] =>
	exchanges.filter(
		exchange =>
			!carriedByAny(exchange) ||
			!exchanges.some(
				other =>
					carriedByAny(other) &&
					other[0]!.process === exchange[0]!.process &&
					wakesOfBoth(other) > wakesOfBoth(exchange),
			),
	);
