import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {areParentAndChild} from './related.js';
import {orZero, sharesOf, switchesOf, wakesOf, wantedCpuPercent} from './thread-facts.js';

/*
Two event loops with one message on its way between them. An event loop mostly serves many: these two watch next to nothing besides each
other, and one sleeps while the other works.
*/

/** They wake themselves by these, and by signals. */
const itsOwn: ReadonlySet<string> = new Set(['eventfd', 'signalfd', 'timerfd', 'inotify']);

/** The other one; a pipe or a pair of sockets by which it wakes itself; a socket that listens. */
const mostWatched = 4;

/** Each wake of the one is a wake of the other. Of those that find the next message before they sleep the switches are equal. */
const mostDifference = {wakes: 0.03, switches: 0.02};

/**
One at a time: measured 56 to 78 % of a CPU together, and with the time that they waited for one 75 to 165 %, the more the busier the
machine. Two that had work at the same time would use more than one CPU, of two that wait for somebody else both would sleep.
*/
const together = {mostCpuPercent: 110, leastWantedPercent: 55, mostMicroseconds: 45};

/** Who wakes for connections has a segment for each wake, at the least. */
const mostSegmentsPerWake = 0.3;

const isEpoll = ({kind}: Wait): boolean => kind === 'epoll';

const countOf = (watches: Readonly<Record<string, number>>): number => {
	let watched = 0;
	for (const [kind, count] of Object.entries(watches)) {
		watched += itsOwn.has(kind) ? 0 : count;
	}

	return watched;
};

/** Whether an event loop watches so little that it can have one partner; false where that wasn't looked at. */
export const watchesFew = ({watches}: Wait): boolean =>
	watches !== undefined && countOf(watches) <= mostWatched;

/** How many open files an event loop watches besides those by which it wakes itself. */
export const watchedOf = (thread: Thread): number =>
	countOf(sharesOf(thread).find(isEpoll)?.watches ?? {});

/** Whether a thread was seen to wait as event loops do. */
export const isEventLoop = (thread: Thread): boolean => sharesOf(thread).some(isEpoll);

const socketsOf = (thread: Thread): number =>
	sharesOf(thread).find(isEpoll)?.watches?.['socket'] ?? 0;

type Loop = {process: Process; thread: Thread};

/** Parent and child; or two threads without a socket, which no client can wake. Siblings may be a server's workers, each with its clients. */
const areOfOneProgram = (one: Loop, other: Loop): boolean => {
	const [first, second] = [one.process, other.process];
	return first.pid === second.pid
		? socketsOf(one.thread) + socketsOf(other.thread) === 0
		: areParentAndChild(first, second);
};

/** Whether two rates are further apart than by a share of the larger. */
export const differ = (one: number, other: number, most: number): boolean =>
	Math.abs(one - other) > Math.max(one, other) * most;

/** Whether one of the two works while the other sleeps, on a machine where both could. */
export const takeTurns = (threads: readonly Thread[], {host}: Snapshot): boolean => {
	let cpuPercent = 0;
	let wantedPercent = 0;
	let switches = 0;
	for (const thread of threads) {
		cpuPercent += orZero(thread.cpuPercent);
		wantedPercent += wantedCpuPercent(thread) ?? 0;
		switches += switchesOf(thread);
	}

	return (
		host.cpus > 1 &&
		cpuPercent <= together.mostCpuPercent &&
		wantedPercent >= together.leastWantedPercent &&
		cpuPercent * 10_000 <= switches * together.mostMicroseconds
	);
};

/** Whether two, one of them an event loop at least, answer each other and nobody else. */
export const areLoopsOfOneExchange = (one: Loop, other: Loop, latest: Snapshot): boolean => {
	const threads = [one.thread, other.thread];
	const [wakes, othersWakes] = threads.map(wakesOf) as [number, number];
	const [switches, othersSwitches] = threads.map(switchesOf) as [number, number];
	return (
		areOfOneProgram(one, other) &&
		(!differ(wakes, othersWakes, mostDifference.wakes) ||
			!differ(switches, othersSwitches, mostDifference.switches)) &&
		(latest.system.tcpSegmentsReceivedPerSecond ?? 0) <= wakes * mostSegmentsPerWake &&
		takeTurns(threads, latest)
	);
};
