import {readdirSync} from 'node:fs';
import ownProcess from 'node:process';
import {readLink} from '../procfs/read-link.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** One descriptor of one process. */
export type HeldDescriptor = {pid: number; fd: number};

export type Holders = {
	/** Descriptors that are linked to it now, of all processes that may be looked into. */
	held: readonly HeldDescriptor[];
	/** Whether all processes have been looked through since it was asked for. */
	isComplete: boolean;
	/** Processes whose descriptors the kernel refused. */
	refused: number;
	/** How many descriptors were looked at before the rest was left out; missing where none was. */
	cutAfter?: number;
};

/** Which processes have a pipe or a socket open. Nothing is read until somebody asks. */
export type DescriptorHolders = {
	/** By the kernel's link, such as `pipe:[4711]`, or a named pipe's path. */
	of(link: string): Holders;
	/** Looks through more processes, for a few milliseconds, while that is being done. */
	proceed(): void;
};

/** A machine with more is rare, and to go through them takes a second in all. */
const mostDescriptors = 200_000;
const mostHeldOfOne = 64;
const millisecondsAtOnce = 6;
const descriptorsBetweenClockReads = 16;
/** Going through all of them takes at most a hundredth of a CPU. */
const restAfterSearch = 100;
const shortestRest = 1000;
/** What was not found is looked for again then, and what nobody asked about for so long is forgotten. */
const millisecondsUntilForgotten = 60_000;

/** Of our own the first ones: those behind them are held on threads' files, thousands of them, and to list them alone takes a while. */
const ownDescriptors: readonly string[] = Array.from({length: 64}, (_, fd) => String(fd));

const isRefusal = (error: unknown): boolean =>
	['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

/** CPU that we have used. */
const usedMilliseconds = (): number => {
	const {user, system} = ownProcess.cpuUsage();
	return (user + system) / 1000;
};

/** Pid and descriptor by turns: on a machine with many of them these are as small as can be. */
type Table = Map<string, number[]>;

type Search = {
	beganAt: number;
	/** CPU milliseconds. */
	spent: number;
	table: Table;
	looked: number;
	refused: number;
	isCut: boolean;
	steps: Iterator<undefined>;
};

export const createDescriptorHolders = (
	procRoot: string,
	processes: ReadonlyMap<number, ProcessEntry>,
): DescriptorHolders => {
	/** When each link was asked for first; it may have been opened only then. */
	const askedAt = new Map<string, number>();
	let lastAskedAt = Number.NEGATIVE_INFINITY;
	let done: Search | undefined;
	let running: Search | undefined;
	let restUntil = 0;

	const isWorthKeeping = (link: string): boolean =>
		link.startsWith('pipe:[') || link.startsWith('socket:[') || askedAt.has(link);

	const lookAt = (search: Search, pid: number, fd: string): void => {
		search.looked++;
		const link = readLink(`${procRoot}/${pid}/fd/${fd}`);
		if (link === undefined || !isWorthKeeping(link)) {
			return;
		}

		const held = search.table.get(link);
		if (!held) {
			search.table.set(link, [pid, Number(fd)]);
		} else if (held.length < mostHeldOfOne * 2) {
			held.push(pid, Number(fd));
		}
	};

	const listDescriptors = (search: Search, pid: number): readonly string[] => {
		if (pid === ownProcess.pid) {
			return ownDescriptors;
		}

		try {
			return readdirSync(`${procRoot}/${pid}/fd`);
		} catch (error) {
			search.refused += isRefusal(error) ? 1 : 0;
			return [];
		}
	};

	const pidsToLookAt = (): readonly number[] =>
		[...processes.values()].filter(each => !each.kernelThread).map(({pid}) => pid);

	const stepsOf = function* (search: Search): Generator<undefined> {
		for (const pid of pidsToLookAt()) {
			const fds = listDescriptors(search, pid);
			if (search.looked + fds.length > mostDescriptors) {
				search.isCut = true;
				return;
			}

			for (const [index, fd] of fds.entries()) {
				lookAt(search, pid, fd);
				if (index % descriptorsBetweenClockReads === 0) {
					yield;
				}
			}
		}
	};

	const begin = (): void => {
		const search: Search = {
			beganAt: performance.now(),
			spent: 0,
			table: new Map(),
			looked: 0,
			refused: 0,
			isCut: false,
			steps: [].values(),
		};
		search.steps = stepsOf(search);
		running = search;
	};

	const goOn = (search: Search): void => {
		const usedBefore = usedMilliseconds();
		const until = performance.now() + millisecondsAtOnce;
		while (performance.now() < until) {
			if (search.steps.next().done) {
				done = search;
				running = undefined;
				break;
			}
		}

		search.spent += usedMilliseconds() - usedBefore;
		restUntil = performance.now() + Math.max(shortestRest, search.spent * restAfterSearch);
	};

	/** A process may have closed it, or opened another file by the same number. */
	const stillHeld = (link: string, found: readonly number[]): HeldDescriptor[] => {
		const held: HeldDescriptor[] = [];
		for (let at = 0; at < found.length; at += 2) {
			const pid = found[at]!;
			const fd = found[at + 1]!;
			if (processes.has(pid) && readLink(`${procRoot}/${pid}/fd/${fd}`) === link) {
				held.push({pid, fd});
			}
		}

		return held;
	};

	const forget = (now: number): void => {
		for (const [link, at] of askedAt) {
			if (now - at > millisecondsUntilForgotten) {
				askedAt.delete(link);
			}
		}

		if (now - lastAskedAt > millisecondsUntilForgotten) {
			done = undefined;
			running = undefined;
		}
	};

	return {
		of(link) {
			const now = performance.now();
			lastAskedAt = now;
			const asked = askedAt.get(link) ?? now;
			askedAt.set(link, asked);
			const search = running?.table.has(link) ? running : (done ?? running);
			const isComplete = search !== undefined && search === done && search.beganAt > asked;
			const known = stillHeld(link, search?.table.get(link) ?? []);
			return {
				held: known,
				isComplete,
				refused: search?.refused ?? 0,
				...(search?.isCut && {cutAfter: search.looked}),
			};
		},
		proceed() {
			const now = performance.now();
			forget(now);
			const isDue = [...askedAt.values()].some(at => done === undefined || at >= done.beganAt);
			if (!running && isDue && now >= restUntil) {
				begin();
			}

			if (running) {
				goOn(running);
			}
		},
	};
};
