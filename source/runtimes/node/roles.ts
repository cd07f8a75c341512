import {eventLoopRole, libuvPoolRole, nodeWorkerRole} from '../../model/thread-role.js';
import type {RoleClues, TellRoles} from '../role-clues.js';

const v8 = 'V8: collects garbage, compiles';
const delayed = 'V8: timer of its tasks';
const inspector = 'inspector: waits for a debugger';

/** Names that Node.js gives its threads from version 22 on. */
const byName: readonly (readonly [pattern: RegExp, role: string])[] = [
	[/^libuv-worker/, libuvPoolRole],
	[/^V8Worker/, v8],
	[/^DelayedTaskSche/, delayed],
	[/^SignalInspector/, inspector],
	[/^(?:WorkerThread|\[worker )/, nodeWorkerRole],
];

/** Before that they have none, but are started in the same order in every process: the main thread, then these six. */
const byOrder = [eventLoopRole, delayed, v8, v8, v8, v8, inspector];

/** The pool's threads and worker threads come later: only the latter have an event loop. */
const laterRole = ({wait, isOfPool}: RoleClues): string | undefined => {
	if (wait?.kind === 'epoll') {
		return nodeWorkerRole;
	}

	if (isOfPool === false) {
		return undefined;
	}

	// The pool waits for work at a variable of the program itself, V8's threads at one on the heap.
	return wait?.kind === 'futex' && wait.timed === false && /^node/.test(wait.region ?? '')
		? libuvPoolRole
		: undefined;
};

/** What the threads of a Node.js process are for. */
export const nodeRoles: TellRoles = threads => {
	const named = threads.map(
		({name, isMain, isOfPool}) =>
			(isMain ? eventLoopRole : undefined) ??
			(isOfPool ? libuvPoolRole : undefined) ??
			byName.find(([pattern]) => pattern.test(name))?.[1],
	);
	if (threads.some(({name}) => byName.some(([pattern]) => pattern.test(name)))) {
		return named;
	}

	const inOrder = [...threads].sort((a, b) => Number(b.isMain) - Number(a.isMain) || a.tid - b.tid);
	// One that was started with other options has other threads: the second must be the one that waits for timers.
	const isUsual = inOrder[1]?.wait?.kind === 'epoll' && inOrder.length >= byOrder.length;
	return threads.map((thread, index) => {
		const place = inOrder.indexOf(thread);
		return named[index] ?? (isUsual ? (byOrder[place] ?? laterRole(thread)) : undefined);
	});
};
