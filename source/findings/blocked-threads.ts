import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitKind, WaitShare} from '../model/wait.js';
import type {ProcessGroup} from './group.js';
import {lastVersions} from './recent.js';
import type {Moment} from './rule.js';
import {orZero, sum} from './thread-facts.js';
import {activeThreads, isAnyBlocked, isAnyWaiting, waitingIn} from './thread-marks.js';
import {areWaitsHidden, waitPercent} from './wait-facts.js';

/** Threads of a service that sleep without interruption, on a disk or on a lock of the kernel. */
export type Blocked = {
	processes: readonly Process[];
	threads: readonly Thread[];
	/** Mean number of threads in such a wait. */
	mean: number;
	/** What they wait in, most often first. */
	waits: readonly WaitShare[];
	/** Whether the waits were refused, so that only the state D was seen. */
	hidden: boolean;
};

const isBlockedState = ({state}: Thread): boolean => state === 'D';

const none: Blocked = {processes: [], threads: [], mean: 0, waits: [], hidden: false};

const placeOf = (wait: WaitShare): string =>
	`${wait.call ?? wait.kind} ${wait.target ?? wait.fd ?? ''}`;

const sumUp = (shares: readonly WaitShare[]): readonly WaitShare[] => {
	const places = new Map<string, WaitShare>();
	for (const share of shares) {
		const known = places.get(placeOf(share));
		places.set(placeOf(share), {...share, percent: share.percent + (known?.percent ?? 0)});
	}

	return [...places.values()].sort((one, other) => other.percent - one.percent);
};

const blockedIn = (process: Process, kinds: readonly WaitKind[]): Blocked => {
	const threads = activeThreads(process.threads);
	const matches = ({kind}: Wait) => kinds.includes(kind);
	const blocked = threads.filter(thread => waitPercent(thread, matches) > 0);
	return {
		processes: [process],
		threads: blocked,
		mean: sum(blocked, thread => waitPercent(thread, matches)) / 100,
		waits: blocked.flatMap(({waits}) => (waits ?? []).filter(matches)),
		hidden: false,
	};
};

/** Of another user's process only the state at each reading. */
const blockedByState = (moment: Moment, newest: Process): Blocked => {
	const versions = lastVersions(moment.history, newest);
	const mean =
		sum(versions, ({threads}) => threads.filter(isBlockedState).length) /
		Math.max(1, versions.length);
	const tids = new Set(
		versions.flatMap(({threads}) => threads.filter(isBlockedState).map(({tid}) => tid)),
	);
	return {
		processes: [newest],
		threads: newest.threads.filter(({tid}) => tids.has(tid)),
		mean,
		waits: [],
		hidden: true,
	};
};

/** Who spends as much in the kernel may have been in its locks at another reading, though at this one every thread ran. */
const mayHaveBeenPercent = 15;

const wasBlocked = ({history}: Moment, process: Process): boolean =>
	orZero(process.systemCpuPercent) >= mayHaveBeenPercent &&
	lastVersions(history, process).some(({threads}) => isAnyBlocked(threads));

/** Sums up how many threads of a service wait in one of these ways, on average. */
export const blockedThreads = (
	moment: Moment,
	group: ProcessGroup,
	kinds: readonly WaitKind[],
): Blocked => {
	const wanted = waitingIn(...kinds);
	let total = none;
	for (const process of group.processes) {
		const {threads} = process;
		if (!isAnyBlocked(threads) && !isAnyWaiting(threads, wanted) && !wasBlocked(moment, process)) {
			continue;
		}

		// A fast disk answers in less than a look takes, so that a second's few looks say anything from a third of a thread to three.
		const blocked = areWaitsHidden(moment.history, process)
			? blockedByState(moment, process)
			: blockedIn(moment.overSeveralSeconds(process), kinds);
		if (blocked.mean > 0) {
			total = {
				processes: [...total.processes, ...blocked.processes],
				threads: [...total.threads, ...blocked.threads],
				mean: total.mean + blocked.mean,
				waits: [...total.waits, ...blocked.waits],
				hidden: total.hidden || blocked.hidden,
			};
		}
	}

	return {...total, waits: sumUp(total.waits)};
};
