import type {RoleClues, TellRoles} from '../role-clues.js';

/** Names that Ruby and its servers give threads. */
const byName: readonly (readonly [pattern: RegExp, role: string])[] = [
	[/^(?:ruby-timer-thr|.*timer_thread)/, "Ruby's timer"],
	[/^puma srv tp /, 'request thread of Puma'],
	[/^puma (?:reactor|srv|reaper|trimmer|plugin|stat )/, "Puma's own"],
	[/^(?:sidekiq\.|sidekiq processor|processor$)/, 'job thread of Sidekiq'],
];

/** Ruby's library keeps only exported names: what lies between is left out. */
const functionsOf = (stack: readonly string[]): readonly string[] =>
	stack.map(frame => frame.replace(/\+0x[\da-f]+$/, '')).filter(name => !/^lib|^ruby/.test(name));

/** Where a thread asks for the lock again: its turn of 100 ms was over, or it comes back from a call that needed no Ruby. */
const asksForLock =
	/^(?:rb_threadptr_execute_interrupts|rb_nogvl|rb_thread_call_without_gvl2?|rb_thread_io_blocking_region|rb_thread_schedule|rb_thread_check_ints)$/;

/**
Whether a thread's stack shows that it waits for Ruby's lock, the GVL: it sleeps at a condition variable that was reached from where
the lock is asked for, and not from a queue, a mutex or a sleep of the program's.
*/
export const waitsForGvl = (stack: readonly string[]): boolean => {
	const functions = functionsOf(stack);
	// The first in the queue waits with a time limit, through a function that the library doesn't export.
	const waiting = functions.findLastIndex(name =>
		/^(?:rb_native|pthread)_cond_(?:timed)?wait$/.test(name),
	);
	return waiting >= 0 && asksForLock.test(functions[waiting + 1] ?? '');
};

const roleOf = ({name, stack}: RoleClues): string | undefined =>
	stack !== undefined && waitsForGvl(stack)
		? "waits for Ruby's lock (GVL)"
		: byName.find(([pattern]) => pattern.test(name))?.[1];

/** What Ruby's threads are for, and which of them wait for its lock. */
export const rubyRoles: TellRoles = threads => threads.map(roleOf);
