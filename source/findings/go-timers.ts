import type {Process} from '../model/process.js';
import type {Wait} from '../model/wait.js';
import {cpuMicrosecondsPerSwitch, sum, wakesOf} from './thread-facts.js';
import {marks, threadsMarked} from './thread-marks.js';
import {meanWaiting} from './wait-facts.js';

/**
Whether it's a Go program by its runtime, or by how its threads sleep: Go calls futex itself and expects 0 in the word; glibc's locks
expect 2, its condition variables use WAIT_BITSET.
*/
export const looksLikeGo = (process: Process): boolean =>
	process.runtime?.name === 'go' ||
	(process.runtime === undefined &&
		process.threads.length >= 2 &&
		threadsMarked(process.threads, marks.goWait).length >= 2);

/** Go's monitor thread sleeps 20 µs to 10 ms at a time as long as the program has work. */
export const isGoMonitor = ({kind, call, timeoutMilliseconds = 0}: Wait): boolean =>
	kind === 'sleep' && call === 'nanosleep' && timeoutMilliseconds <= 10.5;

/** Go keeps all timers in one place: whichever of its threads waits there, in epoll_pwait or futex, has the next one's limit. */
const goTimers = {
	longestMilliseconds: 250,
	leastWaiting: 0.4,
	mostOtherEvents: 0.1,
	mostMicroseconds: 80,
	/** Its server's answers, and what it asked others for, come in packets: each wakes it as well. */
	mostSegmentsPerWake: 0.15,
};

const isShortLimit = ({kind, timed, timeoutMilliseconds}: Wait): boolean =>
	(kind === 'epoll' || kind === 'futex') &&
	timed === true &&
	(timeoutMilliseconds ?? Number.POSITIVE_INFINITY) <= goTimers.longestMilliseconds;

const isOtherEvent = (wait: Wait): boolean =>
	(wait.kind === 'epoll' && !isShortLimit(wait)) || wait.kind === 'socket' || wait.kind === 'disk';

/** Whether timers are what wakes a program that looks like Go: one thread waits for the next, and none for anything else. */
export const isWokenByGoTimers = (process: Process, tcpSegmentsPerSecond: number): boolean => {
	const {threads} = process;
	return (
		tcpSegmentsPerSecond <= sum(threads, wakesOf) * goTimers.mostSegmentsPerWake &&
		(cpuMicrosecondsPerSwitch(process) ?? 0) <= goTimers.mostMicroseconds &&
		meanWaiting(threads, isShortLimit) >= goTimers.leastWaiting &&
		meanWaiting(
			threads.filter(thread => (thread.voluntarySwitchesPerSecond ?? 0) > 0),
			isOtherEvent,
		) <= goTimers.mostOtherEvents
	);
};
