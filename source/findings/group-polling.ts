import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {ProcessGroup} from './group.js';
import {pollersByRates} from './polling-signature.js';
import {idleThreads, type PollingThread} from './polling-thread.js';
import {areWaitsRefused, orZero, sum} from './thread-facts.js';

/** Threads nobody looked at count as their siblings do when nearly all of those poll. */
const alikeShare = 0.8;

/** The polling of all processes of a service. */
export type Polling = {
	group: ProcessGroup;
	/** Seen to poll. */
	seen: readonly PollingThread[];
	/** Not looked at, but as idle as those. */
	alike: readonly Thread[];
	/** Of processes that may not be looked into: they wake as a timer would wake them. */
	guessed: readonly Thread[];
	/** All of these, each once. */
	threads: readonly Thread[];
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
	const guessed: Thread[] = [];
	const alike: Thread[] = [];
	const processes: Process[] = [];
	let looked = 0;
	for (const process of group.processes) {
		const idle = idleThreads(process, isExplained);
		looked += idle.looked;
		seen.push(...idle.polling);
		alike.push(...idle.unseen);
		const byRates = areWaitsRefused(process) ? pollersByRates(process, isExplained) : [];
		guessed.push(...byRates);
		if (idle.polling.length + idle.unseen.length + byRates.length > 0) {
			processes.push(process);
		}
	}

	if (seen.length + guessed.length === 0) {
		return undefined;
	}

	const counted = seen.length > 0 && seen.length >= looked * alikeShare ? alike : [];
	const threads = [...new Set([...seen.map(({thread}) => thread), ...counted, ...guessed])];
	return {
		group,
		seen,
		alike: counted,
		guessed,
		threads,
		processes,
		wakesPerSecond:
			sum(seen, thread => thread.wakesPerSecond) +
			sum([...counted, ...guessed], thread => orZero(thread.voluntarySwitchesPerSecond)),
		cpuPercent: sum(threads, thread => orZero(thread.cpuPercent)),
	};
};
