import {shareOfPausedLoop} from '../model/kernel-work.js';
import type {ThreadEntry} from '../sampler/task-entry.js';

/** Of a CPU that it has or waits for. */
const leastWantedPercent = 80;
/** Of less, ten clock ticks a second, the kernel's share is noise. */
const leastCpuPercent = 10;
/**
Measured of loops around epoll_wait: 85 % in Java, 24 to 31 % in Python's asyncio, which calls back in each round. Much that computes has as
much, so that of such a thread something else must be known as well.
*/
const leastSystemShareOfLoop = 0.2;
const mostSleepsPerSecond = 50;

const burns = (
	{cpuPercent, runQueueWaitPercent, systemCpuPercent, voluntarySwitchesPerSecond}: ThreadEntry,
	leastSystemShare: number,
): boolean => {
	const cpu = cpuPercent ?? 0;
	return (
		cpu >= leastCpuPercent &&
		cpu + (runQueueWaitPercent ?? 0) >= leastWantedPercent &&
		// In the first interval it isn't known yet: what is read then serves as the beginning of the next.
		(systemCpuPercent ?? cpu) >= cpu * leastSystemShare &&
		(voluntarySwitchesPerSecond ?? Infinity) <= mostSleepsPerSecond
	);
};

/** Whether a thread burns a CPU, much of it in the kernel, and hardly sleeps: it works there, or it spins around a system call. */
export const burnsInKernel = (entry: ThreadEntry): boolean => burns(entry, shareOfPausedLoop);

/** Whether a thread burns a CPU, hardly sleeps, and is in the kernel as much as a loop around epoll_wait at least. */
export const mayBurnInLoop = (entry: ThreadEntry): boolean => burns(entry, leastSystemShareOfLoop);
