import type {Wait} from '../model/wait.js';
import {type EpollWatch, epollBits, parseWatchedFiles} from '../procfs/fdinfo.js';
import {readText} from '../procfs/read-text.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {PolledSockets} from './polled-sockets.js';

/**
Finds event loops that watch one socket together, each with an epoll instance of its own and without EPOLLEXCLUSIVE, or by select or poll: the
kernel wakes all of them for each connection there. Only where their rates look as if it did.
*/
export type SharedSockets = {
	/** To be called once a tick, when the waits of the interval are known. */
	update(moved: readonly ThreadEntry[], acceptsPerSecond: number | undefined): void;
};

/** Fewer are no herd. */
const fewestLoops = 8;
/** On a machine with more of them the first ones are asked. */
const mostLoops = 64;
/** Of all of them together; below, that they wake in vain costs little. */
const fewestWakes = 1000;
const fewestConnections = 50;
/** Who gets the connection wakes for it, for what it is asked, and for its end. */
const fewestWakesPerConnection = 5;
/** Who wakes with the others wakes about as often as they do. */
const leastOfMean = 0.5;
/** The kernel stops the calls of its owner on an epoll instance while it tells what it watches. */
const millisecondsKept = 5000;
/** So many connections keep an event loop busy enough: one alone is asked, and for long no other. */
const mostText = 65_536;
const millisecondsInPeace = 60_000;

/** `fd`: of its epoll instance; 0 where it calls select or poll. */
type Loop = {entry: ThreadEntry; fd: number};
type Answer = {
	asked: ReadonlyMap<ThreadEntry, number>;
	until: number;
	counts: ReadonlyMap<ThreadEntry, number>;
};

const nobody: Answer['counts'] = new Map();

const wakesOf = ({voluntarySwitchesPerSecond}: ThreadEntry): number =>
	voluntarySwitchesPerSecond ?? 0;

const isEventWait = ({kind, fd}: Wait): boolean =>
	kind === 'poll' || (kind === 'epoll' && fd !== undefined);

const loopOf = (entry: ThreadEntry): Loop | undefined => {
	const wait = entry.dead ? undefined : entry.waits?.find(isEventWait);
	return wait && {entry, fd: wait.kind === 'poll' ? 0 : wait.fd!};
};

/** Those of one program that were started by the same one, or are threads of one process. */
const groupKey = ({process: {parentPid, name}}: ThreadEntry): string => `${parentPid} ${name}`;

const wakesAll = ({events, inode}: EpollWatch): boolean =>
	inode !== undefined && (events & epollBits.in) !== 0 && (events & epollBits.exclusive) === 0;

const fileKey = ({inode, device = ''}: EpollWatch): string => `${device} ${inode}`;

const wakeAlike = (loops: readonly Loop[], acceptsPerSecond: number): readonly Loop[] => {
	const total = (of: readonly Loop[]) => of.reduce((sum, {entry}) => sum + wakesOf(entry), 0);
	const mean = total(loops) / loops.length;
	const alike = loops.filter(({entry}) => wakesOf(entry) >= mean * leastOfMean);
	const wakes = total(alike);
	return alike.length >= fewestLoops &&
		wakes >= fewestWakes &&
		wakes >= acceptsPerSecond * fewestWakesPerConnection
		? alike.slice(0, mostLoops)
		: [];
};

export const createSharedSockets = (
	procRoot: string,
	polledSockets: PolledSockets,
): SharedSockets => {
	let known: ReadonlyMap<string, Answer> = new Map();

	/** Undefined where it watches too many. */
	const filesOf = ({entry, fd}: Loop): readonly string[] | undefined => {
		if (fd === 0) {
			return polledSockets(entry);
		}

		const text = readText(`${procRoot}/${entry.process.pid}/fdinfo/${fd}`) ?? '';
		return text.length > mostText
			? undefined
			: parseWatchedFiles(text).filter(wakesAll).map(fileKey);
	};

	/** Files that each of them watches and is woken for; undefined where there are too many to ask again soon. */
	const ask = (loops: readonly Loop[]): Answer['counts'] | undefined => {
		const watchers = new Map<string, Set<ThreadEntry>>();
		for (const [index, loop] of loops.entries()) {
			const files = filesOf(loop);
			if (!files) {
				return undefined;
			}

			for (const key of files) {
				watchers.set(key, (watchers.get(key) ?? new Set()).add(loop.entry));
			}

			// Two that have nothing in common are no herd, and the others aren't stopped for it.
			if (index === 1 && [...watchers.values()].every(({size}) => size < 2)) {
				return nobody;
			}
		}

		const crowd = [...watchers.values()].reduce<ReadonlySet<ThreadEntry>>(
			(largest, each) => (each.size > largest.size ? each : largest),
			new Set(),
		);
		return crowd.size >= fewestLoops
			? new Map([...crowd].map(entry => [entry, crowd.size]))
			: nobody;
	};

	const answerFor = (key: string, loops: readonly Loop[]): Answer => {
		const now = performance.now();
		const before = known.get(key);
		if (
			before &&
			now < before.until &&
			(before.counts === nobody || loops.every(({entry, fd}) => before.asked.get(entry) === fd))
		) {
			return before;
		}

		const counts = ask(loops);
		const until = now + (counts ? millisecondsKept : millisecondsInPeace);
		const asked = new Map(loops.map(({entry, fd}) => [entry, fd]));
		return {asked, until, counts: counts ?? nobody};
	};

	const tell = (entry: ThreadEntry, wokenTogether: number): void => {
		entry.waits = entry.waits?.map(share =>
			isEventWait(share) ? {...share, wokenTogether} : share,
		);
		entry.dirty = true;
		entry.process.dirty = true;
	};

	return {
		update(moved, acceptsPerSecond = 0) {
			if (acceptsPerSecond < fewestConnections) {
				return;
			}

			const groups = new Map<string, Loop[]>();
			for (const loop of moved.flatMap(entry => loopOf(entry) ?? [])) {
				const key = groupKey(loop.entry);
				groups.set(key, [...(groups.get(key) ?? []), loop]);
			}

			const answers = new Map<string, Answer>();
			for (const [key, loops] of groups) {
				const alike = loops.length < fewestLoops ? [] : wakeAlike(loops, acceptsPerSecond);
				if (alike.length > 0) {
					answers.set(key, answerFor(key, alike));
				}
			}

			known = answers;
			for (const {counts} of answers.values()) {
				for (const [entry, count] of counts) {
					tell(entry, count);
				}
			}
		},
	};
};
