import {parseWatchedFiles} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import {countKinds} from '../waits/descriptor-kind.js';

/**
Counts what event loops watch that wake thousands of times a second, also where nobody looks at them: one with a single connection may
exchange messages, one with many serves.
*/
export type ExchangeLoops = {
	/** To be called once a tick, when the waits of the interval are known. */
	update(moved: readonly ThreadEntry[]): void;
};

/** Two that answer each other wake each other at least so often; fewer cost little. */
const fewestWakes = 3000;
/** On a machine with more of them the first ones are asked. */
const mostLoops = 16;
/** The kernel stops the calls of its owner on an epoll instance while it tells what it watches. */
const millisecondsKept = 5000;

type Watches = Readonly<Record<string, number>>;

export const createExchangeLoops = (procRoot: string): ExchangeLoops => {
	/** By the thread and the descriptor that it waits on. */
	let known = new Map<ThreadEntry, {fd: number; until: number; watches: Watches | undefined}>();

	const read = (pid: number, fd: number): Watches | undefined => {
		const text = readText(`${procRoot}/${pid}/fdinfo/${fd}`);
		return text
			? countKinds(parseWatchedFiles(text), each => readLink(`${procRoot}/${pid}/fd/${each}`))
			: undefined;
	};

	const watchesOf = (entry: ThreadEntry, fd: number): Watches | undefined => {
		const now = performance.now();
		const before = known.get(entry);
		if (before?.fd === fd && now < before.until) {
			return before.watches;
		}

		const watches = read(entry.process.pid, fd);
		known.set(entry, {fd, until: now + millisecondsKept, watches});
		return watches;
	};

	const tell = (entry: ThreadEntry): void => {
		entry.waits = entry.waits?.map(share => {
			const watches =
				share.kind === 'epoll' && share.fd !== undefined ? watchesOf(entry, share.fd) : undefined;
			return watches ? {...share, watches} : share;
		});
		entry.dirty = true;
		entry.process.dirty = true;
	};

	return {
		update(moved) {
			const loops = moved
				.filter(
					({voluntarySwitchesPerSecond, waits, dead}) =>
						!dead &&
						(voluntarySwitchesPerSecond ?? 0) >= fewestWakes &&
						waits?.some(({kind}) => kind === 'epoll') === true,
				)
				.slice(0, mostLoops);
			known = new Map([...known].filter(([entry]) => loops.includes(entry)));
			loops.forEach(tell);
		},
	};
};
