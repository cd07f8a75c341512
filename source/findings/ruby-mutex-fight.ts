import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {LockFight} from './lock-fight-parts.js';
import {shapeOf} from './lock-fight-shape.js';
import {recentStacks} from './recent.js';
import type {Moment} from './rule.js';
import {isUntimedFutex, meanWaiting} from './wait-facts.js';

const fewest = {waiters: 1, threads: 2};

/** Public functions of Ruby's, so that every build has them as symbols (include/ruby/internal/intern/thread.h). */
const mutexFrame = /^rb_mutex_(?:lock|synchronize)\b/;

/** What is outside of it, such as a block that is synchronized, is where the thread came from, and not what it waits for. */
const interpreterFrame = /^(?:rb_)?vm_exec\b/;

/** Whether a stack, innermost first, is that of a thread that waits for a Mutex of Ruby's. */
export const isAtRubyMutex = (stack: readonly string[]): boolean => {
	const outside = stack.findIndex(frame => interpreterFrame.test(frame));
	return stack
		.slice(0, outside === -1 ? stack.length : outside)
		.some(frame => mutexFrame.test(frame));
};

/** The fight for a Mutex of Ruby's. Each thread sleeps at a word of its own, as it does in a queue: only stacks tell the two apart. */
export const rubyMutexFightOf = (
	moment: Moment,
	process: Process,
	threads: readonly Thread[],
): LockFight | undefined => {
	if (process.runtime?.name !== 'ruby') {
		return undefined;
	}

	const seen = new Set(
		recentStacks(moment.history, process)
			.filter(({stack}) => isAtRubyMutex(stack))
			.map(({tid}) => tid),
	);
	const taking = threads.filter(({tid}) => seen.has(tid) && !moment.isExplained(tid));
	const waiters = meanWaiting(taking, isUntimedFutex);
	return taking.length >= fewest.threads && waiters >= fewest.waiters
		? {
				process,
				// Who has it may be one that is never seen waiting.
				shape: shapeOf(process, threads, undefined, isUntimedFutex),
				by: 'stack',
				confidence: 'likely',
				tids: taking.map(({tid}) => tid),
				waiters,
				lockText: "one of Ruby's Mutexes",
			}
		: undefined;
};
