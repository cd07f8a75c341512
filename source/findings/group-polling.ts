import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {ProcessGroup} from './group.js';
import {isNearlyIdle, type PollingThread, pollingThreads} from './polling-thread.js';
import {orZero, sum, waitVisibility} from './thread-facts.js';

/** Threads nobody looked at count as their siblings do when nearly all of those poll. */
const alikeShare = 0.8;

/** The polling of all processes of a service. */
export type Polling = {
	group: ProcessGroup;
	/** Seen to poll. */
	seen: readonly PollingThread[];
	/** Not looked at, but as idle as those. */
	alike: readonly Thread[];
	processes: readonly Process[];
	wakesPerSecond: number;
	cpuPercent: number;
};

/** Sums up the polling of a service's threads that no cause explains yet; nothing when none was seen to poll. */
export const pollingOfGroup = (
	group: ProcessGroup,
	isExplained: (tid: number) => boolean,
): Polling | undefined => {
	const seen: PollingThread[] = [];
	const alike: Thread[] = [];
	const processes: Process[] = [];
	let looked = 0;
	for (const process of group.processes) {
		const polling = pollingThreads(process).filter(({thread}) => !isExplained(thread.tid));
		const idle = process.threads.filter(thread => isNearlyIdle(thread) && !isExplained(thread.tid));
		const unseen = idle.filter(thread => waitVisibility(thread) === 'unknown');
		looked += idle.length - unseen.length;
		seen.push(...polling);
		alike.push(...unseen);
		if (polling.length + unseen.length > 0) {
			processes.push(process);
		}
	}

	if (seen.length === 0) {
		return undefined;
	}

	const counted = seen.length >= looked * alikeShare ? alike : [];
	const threads = [...seen.map(({thread}) => thread), ...counted];
	return {
		group,
		seen,
		alike: counted,
		processes,
		wakesPerSecond: sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond)),
		cpuPercent: sum(threads, thread => orZero(thread.cpuPercent)),
	};
};
