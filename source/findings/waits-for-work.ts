import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {areParentAndChild, areSiblings} from './related.js';
import {isStill, someWait, sum, wakesOf} from './thread-facts.js';
import {meanWaiting} from './wait-facts.js';

const callsForWork = /^(?:epoll_p?wait2?|accept4?)$/;

/** Whether a thread in this call, such as `accept4`, waits for the next connection. */
export const isCallForWork = (call: string | undefined): boolean => callsForWork.test(call ?? '');

/**
Whether the holder of a lock waits for the next piece of work itself: of a crowd of equal threads one waits for a connection, with the lock,
and the others for their turn. So uWSGI's do, and Apache's where several listen.
*/
export const waitsForWork = (holder: Thread | undefined): boolean =>
	holder !== undefined &&
	isStill(holder) &&
	someWait(holder, ({call, timed}) => timed !== true && isCallForWork(call));

/** Whether processes may be such a crowd: children of one parent, or it and its children, under one name. */
export const areAlike = (one: Process, other: Process): boolean =>
	areSiblings(one, other) || (one.name === other.name && areParentAndChild(one, other));

/** One at a time, and most of the time: measured 0.9 to 1 with 180 connections a second and without any. */
const atOnce = {least: 0.5, most: 1.1};

/** Whether one of a service's processes waits for a connection at any time, and hardly ever a second one: a lock says whose turn it is. */
export const takeTurnsToAccept = (processes: readonly Process[]): boolean => {
	const waiting = meanWaiting(
		processes.flatMap(({threads}) => threads),
		({call}) => isCallForWork(call),
	);
	return waiting >= atOnce.least && waiting <= atOnce.most;
};

/** A connection brings three packets at least, and moves the lock on once or twice. */
const leastPacketsPerWake = 0.5;

/** Whether a crowd whose waits are refused may do the same: nothing moves it, or what comes through the machine's network. */
export const mayTakeTurnsToAccept = (
	processes: readonly Process[],
	{system: {wakeSources}}: Snapshot,
): boolean => {
	const wakes = sum(
		processes.flatMap(({threads}) => threads),
		wakesOf,
	);
	const packets = wakeSources?.receivedPacketsPerSecond ?? 0;
	return wakes < 1 || packets >= wakes * leastPacketsPerWake;
};
