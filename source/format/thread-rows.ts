import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Matcher} from './filter.js';
import {type Rates, ratesOf} from './rates.js';
import {groupKey, threadKey} from './row.js';
import {sortRows} from './sort.js';
import {groupThreads, type ThreadGroup} from './thread-groups.js';
import type {ViewOptions} from './view-options.js';

/** What stands below a process when its threads are shown. */
export type ThreadItem =
	| {kind: 'thread'; key: string; id: number; rates: Rates; thread: Thread}
	| {
			kind: 'group';
			key: string;
			id: number;
			rates: Rates;
			group: ThreadGroup;
			open: boolean;
	  };

export const threadItem = (thread: Thread): ThreadItem & {kind: 'thread'} => ({
	kind: 'thread',
	key: threadKey(thread),
	id: thread.tid,
	rates: ratesOf(thread),
	thread,
});

/**
Threads of a process in order: all of them one by one, or alike ones in groups. A process
of one thread has none, for its own row says the same.
*/
export const threadItems = (
	process: Process,
	options: ViewOptions,
	matches: Matcher | undefined,
): ThreadItem[] => {
	if (process.threads.length < 2) {
		return [];
	}

	const threads =
		matches === undefined
			? process.threads
			: process.threads.filter(thread => matches(process, thread));
	if (options.threads === 'all') {
		return sortRows(threads.map(threadItem), options.sort, options.inverted);
	}

	const {groups, single} = groupThreads(process, threads);
	const items: ThreadItem[] = [
		...single.map(threadItem),
		...groups.map((group): ThreadItem => {
			const key = groupKey(process, group);
			return {
				kind: 'group',
				key,
				id: group.threads[0]!.tid,
				rates: group.rates,
				group,
				open: options.openGroups.has(key),
			};
		}),
	];
	return sortRows(items, options.sort, options.inverted);
};
