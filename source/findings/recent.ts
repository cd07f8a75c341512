import type {Process} from '../model/process.js';
import {isKnown, type Reading} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import type {System, WakeSources} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import type {WaitShare} from '../model/wait.js';
import {mergeRuntime} from './merge-runtime.js';
import {rateNames, sum} from './thread-facts.js';
import {mean, type Weighted} from './weighted.js';

/** Below this, ten looks a second are too few to tell what a thread waits for. */
const enoughSeconds = 0.9;

type Rates = {[Name in (typeof rateNames)[number]]?: Reading<number>};

/** The mean of one rate over the versions that know it; 0 seconds of that means that the newest alone is known. */
const meanRate = <Item extends Rates>(
	versions: readonly Weighted<Item>[],
	rate: (typeof rateNames)[number],
): Reading<number> => {
	let total = 0;
	let seconds = 0;
	for (const version of versions) {
		const value = version.value[rate];
		if (isKnown(value)) {
			total += value * version.seconds;
			seconds += version.seconds;
		}
	}

	return seconds > 0 ? total / seconds : versions.at(-1)?.value[rate];
};

/** The newest one's rates become means; a rate that the newest doesn't have stays refused or missing. */
const withMeanRates = <Item extends Rates>(versions: readonly Weighted<Item>[]): Item => {
	const newest = {...versions.at(-1)!.value};
	for (const rate of rateNames) {
		if (isKnown(newest[rate])) {
			newest[rate] = meanRate(versions, rate) as Item[typeof rate];
		}
	}

	return newest;
};

/** Two shares are the same wait when all that they say is, but for how often, and the time limit. */
const isSameWait = (one: WaitShare, other: WaitShare): boolean =>
	one.kind === other.kind &&
	one.call === other.call &&
	one.futexAddress === other.futexAddress &&
	one.futexOperation === other.futexOperation &&
	one.futexValue === other.futexValue &&
	one.timed === other.timed &&
	one.region === other.region &&
	one.fd === other.fd &&
	one.target === other.target &&
	one.lockId === other.lockId;

const mergeWaits = (versions: readonly Weighted<Thread>[]): readonly WaitShare[] | undefined => {
	let seconds = 0;
	for (const version of versions) {
		seconds += version.value.waits === undefined ? 0 : version.seconds;
	}

	if (seconds === 0) {
		return undefined;
	}

	// A thread has a few waits: to look through them is quicker than to make a key of each.
	const merged: {share: WaitShare; percent: number; limit: number}[] = [];
	for (const version of versions) {
		for (const share of version.value.waits ?? []) {
			const percent = (share.percent * version.seconds) / seconds;
			const limit = share.timeoutMilliseconds ?? 0;
			const known = merged.find(each => isSameWait(each.share, share));
			if (known === undefined) {
				merged.push({share, percent, limit});
			} else {
				known.percent += percent;
				known.limit = Math.max(known.limit, limit);
			}
		}
	}

	return merged
		.map(({share, percent, limit}) =>
			limit > 0 ? {...share, percent, timeoutMilliseconds: limit} : {...share, percent},
		)
		.sort((one, other) => other.percent - one.percent);
};

const mergeThread = (versions: readonly Weighted<Thread>[]): Thread => {
	const newest = versions.at(-1)!.value;
	if (versions.every(({value}) => value === newest)) {
		return newest;
	}

	const waits = mergeWaits(versions);
	return waits === undefined ? withMeanRates(versions) : {...withMeanRates(versions), waits};
};

/** Finds the same thread among those of an older version: mostly at the same place. */
const finderAmong = (threads: readonly Thread[]) => {
	let byTid: ReadonlyMap<number, Thread> | undefined;
	const at = ({tid}: Thread, index: number): Thread | undefined => {
		if (threads[index]?.tid === tid) {
			return threads[index];
		}

		byTid ??= new Map(threads.map(thread => [thread.tid, thread]));
		return byTid.get(tid);
	};

	return (thread: Thread, index: number): Thread | undefined => {
		const found = at(thread, index);
		return found?.startTimeTicks === thread.startTimeTicks ? found : undefined;
	};
};

const mergeProcess = (versions: readonly Weighted<Process>[]): Process => {
	const newest = versions.at(-1)!.value;
	if (versions.every(({value}) => value === newest)) {
		return newest;
	}

	const older = versions.slice(0, -1).map(({value, seconds}) => ({
		find: finderAmong(value.threads),
		seconds,
	}));
	const {seconds} = versions.at(-1)!;
	const threads = newest.threads.map((thread, index) => {
		const alike: Weighted<Thread>[] = [];
		for (const version of older) {
			const value = version.find(thread, index);
			if (value !== undefined) {
				alike.push({value, seconds: version.seconds});
			}
		}

		alike.push({value: thread, seconds});
		return mergeThread(alike);
	});
	const runtime = mergeRuntime(versions);
	return {...withMeanRates(versions), ...(runtime && {runtime}), threads};
};

/** The last Snapshots with rates, newest last, until they cover so much time. */
const takeLast = (history: readonly Snapshot[], enough: number): readonly Snapshot[] => {
	let seconds = 0;
	const taken: Snapshot[] = [];
	for (let index = history.length - 1; index >= 0 && seconds < enough; index--) {
		const snapshot = history[index]!;
		if (snapshot.intervalSeconds === undefined) {
			break;
		}

		taken.unshift(snapshot);
		seconds += snapshot.intervalSeconds;
	}

	return taken;
};

const byPids = new WeakMap<Snapshot, ReadonlyMap<number, Process>>();

/** Processes of a Snapshot by their pid; made once, since each rule asks for many of them. */
export const processesByPid = (snapshot: Snapshot): ReadonlyMap<number, Process> => {
	let byPid = byPids.get(snapshot);
	if (byPid === undefined) {
		byPid = new Map(snapshot.processes.map(process => [process.pid, process]));
		byPids.set(snapshot, byPid);
	}

	return byPid;
};

/** The same process in each of the Snapshots that have it, with the time that each covers. */
const versionsOf = (taken: readonly Snapshot[], process: Process): readonly Weighted<Process>[] =>
	taken.flatMap(snapshot => {
		const value = processesByPid(snapshot).get(process.pid);
		return value?.startTimeTicks !== process.startTimeTicks
			? []
			: [{value, seconds: snapshot.intervalSeconds!}];
	});

/** Waits that are seen in few looks only need more of them than a second has. */
const severalSeconds = 2.7;

/** The process with its rates and waits over about the last three seconds. */
export const overSeveralSeconds = (history: readonly Snapshot[], process: Process): Process => {
	const versions = versionsOf(takeLast(history, severalSeconds), process);
	return versions.length > 0 ? mergeProcess(versions) : process;
};

/** The process as it was in each of the Snapshots of about the last three seconds, newest last. */
export const lastVersions = (history: readonly Snapshot[], process: Process): readonly Process[] =>
	versionsOf(takeLast(history, severalSeconds), process).map(({value}) => value);

/** Stacks of its threads that were read in those seconds, each innermost first. */
export const recentStacks = (
	history: readonly Snapshot[],
	process: Process,
): readonly {tid: number; stack: readonly string[]}[] =>
	lastVersions(history, process).flatMap(({threads}) =>
		threads.flatMap(({tid, stack}) => (stack ? [{tid, stack}] : [])),
	);

/** The newest machine, with what woke threads from outside over the same time as the threads' own rates. */
const withMeanWakeSources = (taken: readonly Snapshot[]): System => {
	const {system} = taken.at(-1)!;
	if (system.wakeSources === undefined) {
		return system;
	}

	const over = (name: keyof WakeSources) =>
		mean(
			taken.map(({system: {wakeSources}, intervalSeconds}) => ({
				value: wakeSources?.[name],
				seconds: intervalSeconds!,
			})),
		) ?? undefined;
	const timerInterruptsPerSecond = over('timerInterruptsPerSecond');
	const receivedPacketsPerSecond = over('receivedPacketsPerSecond');
	return {
		...system,
		wakeSources: {
			...(timerInterruptsPerSecond !== undefined && {timerInterruptsPerSecond}),
			...(receivedPacketsPerSecond !== undefined && {receivedPacketsPerSecond}),
		},
	};
};

/**
The newest Snapshot with rates, waits and interpreter locks over at least about a
second: itself when its interval is that long, else with the means of the last ones.
Processes and threads are those of the newest.
*/
export const lastSecond = (history: readonly Snapshot[]): Snapshot => {
	const newest = history.at(-1)!;
	const taken = takeLast(history, enoughSeconds);
	if (taken.length < 2) {
		return newest;
	}

	const byPid = taken.map(snapshot => ({
		processes: processesByPid(snapshot),
		seconds: snapshot.intervalSeconds!,
	}));
	const processes = newest.processes.map(process =>
		mergeProcess(
			byPid.flatMap(version => {
				const value = version.processes.get(process.pid);
				return value?.startTimeTicks === process.startTimeTicks
					? [{value, seconds: version.seconds}]
					: [];
			}),
		),
	);
	const intervalSeconds = sum(taken, snapshot => snapshot.intervalSeconds ?? 0);
	return {...newest, intervalSeconds, system: withMeanWakeSources(taken), processes};
};
