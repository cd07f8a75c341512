import type {ThreadEntry} from '../sampler/task-entry.js';

/** Of a CPU that it has or waits for. */
const leastWantedPercent = 80;
/** Of less, ten clock ticks a second, the kernel's share is noise. */
const leastCpuPercent = 10;
/** Measured of loops around one system call: 64 to 75 % of their CPU in C and Go, 50 % in Python. */
const leastSystemShare = 0.4;
const mostSleepsPerSecond = 50;

/** Whether a thread burns a CPU, much of it in the kernel, and hardly sleeps: it works there, or it spins around a system call. */
export const burnsInKernel = ({
	cpuPercent,
	runQueueWaitPercent,
	systemCpuPercent,
	voluntarySwitchesPerSecond,
}: ThreadEntry): boolean => {
	const cpu = cpuPercent ?? 0;
	return (
		cpu >= leastCpuPercent &&
		cpu + (runQueueWaitPercent ?? 0) >= leastWantedPercent &&
		(systemCpuPercent ?? 0) >= cpu * leastSystemShare &&
		(voluntarySwitchesPerSecond ?? Infinity) <= mostSleepsPerSecond
	);
};
