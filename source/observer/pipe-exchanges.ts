import type {PipeExchange} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {parseDescriptorInfo} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import {parseTaskIo, type TaskIo} from '../procfs/task-io.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {linkedInode} from '../waits/descriptor-kind.js';
import {listOpenFiles} from './open-files.js';
import {ioBetween} from './thread-kernel-work.js';

/**
Counts what parent and child read and write that are joined by a pipe in either direction. Go's runtime and others of that kind take
whichever thread is free for the next message: no thread's rates tell of it, and only the kernel's counters of the whole process do.
*/
export type PipeExchanges = {
	/** To be called once a tick. */
	update(moved: readonly ThreadEntry[]): void;
};

const fewestWakes = 3000;
/** Of threads alone their own rates and waits tell. */
const fewestThreads = 2;
const fewestWakesOfThread = 300;
const mostPairs = 8;
const mostFilesSearched = 256;
const millisecondsKept = 5000;

type Activity = {wakes: number; threads: number};
type Pair = {parent: ProcessEntry; child: ProcessEntry};
type Traffic = {io: TaskIo; startTimeTicks: number; readAtMilliseconds: number};

const keyOf = ({parent, child}: Pair): string =>
	[parent, child]
		.map(({pid, startTimeTicks, generation}) => `${pid} ${startTimeTicks} ${generation}`)
		.join(' ');

const activityOf = (moved: readonly ThreadEntry[]): ReadonlyMap<ProcessEntry, Activity> => {
	const activities = new Map<ProcessEntry, Activity>();
	for (const {process, dead, voluntarySwitchesPerSecond} of moved) {
		const wakes = voluntarySwitchesPerSecond ?? 0;
		if (dead || wakes < fewestWakesOfThread || process.kernelThread) {
			continue;
		}

		const known = activities.get(process);
		if (known) {
			known.wakes += wakes;
			known.threads++;
		} else {
			activities.set(process, {wakes, threads: 1});
		}
	}

	return activities;
};

/** Parents and children that both wake often, one of them by several threads. */
const pairsOf = (activities: ReadonlyMap<ProcessEntry, Activity>): readonly Pair[] => {
	const busy = new Map<number, ProcessEntry>();
	for (const [process, {wakes}] of activities) {
		if (wakes >= fewestWakes) {
			busy.set(process.pid, process);
		}
	}

	return [...busy.values()]
		.flatMap((child): readonly Pair[] => {
			const parent = busy.get(child.parentPid);
			return parent && [parent, child].some(each => activities.get(each)!.threads >= fewestThreads)
				? [{parent, child}]
				: [];
		})
		.slice(0, mostPairs);
};

export const createPipeExchanges = (procRoot: string): PipeExchanges => {
	let joined: ReadonlyMap<string, {until: number; isJoined: boolean}> = new Map();
	let before: ReadonlyMap<ProcessEntry, Traffic> = new Map();
	let told: ReadonlySet<ProcessEntry> = new Set();

	/** Numbers of its open pipes by the pipe. */
	const pipesOf = ({pid}: ProcessEntry): ReadonlyMap<number, readonly number[]> => {
		const pipes = new Map<number, readonly number[]>();
		const descriptors = listOpenFiles(`${procRoot}/${pid}`) ?? [];
		for (const fd of descriptors.slice(0, mostFilesSearched)) {
			const link = readLink(`${procRoot}/${pid}/fd/${fd}`) ?? '';
			const inode = link.startsWith('pipe:') ? linkedInode(link) : undefined;
			if (inode !== undefined) {
				pipes.set(inode, [...(pipes.get(inode) ?? []), fd]);
			}
		}

		return pipes;
	};

	const accessesOf = ({pid}: ProcessEntry, fds: readonly number[]): ReadonlySet<string> =>
		new Set(
			fds.flatMap(
				fd => parseDescriptorInfo(readText(`${procRoot}/${pid}/fdinfo/${fd}`) ?? '')?.access ?? [],
			),
		);

	/** Whether a pipe leads from the one to the other, and another one back. */
	const areJoined = ({parent, child}: Pair): boolean => {
		const [pipesOfParent, pipesOfChild] = [pipesOf(parent), pipesOf(child)];
		let isAsked = false;
		let isAnswered = false;
		for (const [inode, fds] of pipesOfChild) {
			const others = pipesOfParent.get(inode);
			if (others) {
				const [ofParent, ofChild] = [accessesOf(parent, others), accessesOf(child, fds)];
				isAsked ||= ofParent.has('write') && ofChild.has('read');
				isAnswered ||= ofParent.has('read') && ofChild.has('write');
			}
		}

		return isAsked && isAnswered;
	};

	const joinedAmong = (pairs: readonly Pair[]): readonly Pair[] => {
		const now = performance.now();
		const known = joined;
		joined = new Map(
			pairs.map(pair => {
				const key = keyOf(pair);
				const last = known.get(key);
				return [
					key,
					last && now < last.until
						? last
						: {until: now + millisecondsKept, isJoined: areJoined(pair)},
				];
			}),
		);
		return pairs.filter(pair => joined.get(keyOf(pair))!.isJoined);
	};

	const trafficOf = ({pid, startTimeTicks}: ProcessEntry): Traffic | undefined => {
		const text = readText(`${procRoot}/${pid}/io`);
		const io = isKnown(text) ? parseTaskIo(text) : undefined;
		return io && {io, startTimeTicks, readAtMilliseconds: performance.now()};
	};

	const write = (process: ProcessEntry, exchange: PipeExchange | undefined): void => {
		process.pipeExchange = exchange;
		process.dirty = true;
	};

	const peersIn = (pairs: readonly Pair[]): ReadonlyMap<ProcessEntry, readonly number[]> => {
		const peers = new Map<ProcessEntry, readonly number[]>();
		for (const {parent, child} of pairs) {
			peers.set(parent, [...(peers.get(parent) ?? []), child.pid]);
			peers.set(child, [...(peers.get(child) ?? []), parent.pid]);
		}

		return peers;
	};

	return {
		update(moved) {
			const peers = peersIn(joinedAmong(pairsOf(activityOf(moved))));
			const now = new Map<ProcessEntry, Traffic>();
			const telling = new Set<ProcessEntry>();
			for (const [process, peerPids] of peers) {
				const traffic = trafficOf(process);
				const last = before.get(process);
				if (!traffic) {
					continue;
				}

				now.set(process, traffic);
				const io =
					last?.startTimeTicks === traffic.startTimeTicks
						? ioBetween(
								last.io,
								traffic.io,
								(traffic.readAtMilliseconds - last.readAtMilliseconds) / 1000,
							)
						: undefined;
				if (io) {
					write(process, {...io, peerPids});
					telling.add(process);
				}
			}

			for (const process of told) {
				if (!telling.has(process)) {
					write(process, undefined);
				}
			}

			before = now;
			told = telling;
		},
	};
};
