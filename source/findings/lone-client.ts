import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {WaitKind} from '../model/wait.js';
import {differ, takeTurns, watchesFew} from './exchanging-loops.js';
import {orZero, sharesOf, wakesOf} from './thread-facts.js';

/*
A server that has one client, which asks for one thing at a time and waits for the answer, over TCP. Both wake once for each segment: measured
with Redis and a program in Ruby to within 0.1 %.
*/

/** Of the wakes of one the wakes of the other, and of those of both the segments of the whole machine: nobody else sends any. */
const mostDifference = {wakes: 0.03, segments: 0.05};
/** Who connects for each request wakes for that too. */
const mostAcceptsPerWake = 0.01;
/** What a client waits in. */
const clientKinds: ReadonlySet<WaitKind> = new Set(['socket', 'poll', 'epoll']);
const leastWaitPercent = 5;

type Side = {process: Process; thread: Thread};

const isServer = ({thread}: Side): boolean =>
	sharesOf(thread).some(share => share.kind === 'epoll' && watchesFew(share));

const isClient = ({thread}: Side): boolean =>
	sharesOf(thread).some(
		share =>
			share.percent >= leastWaitPercent &&
			clientKinds.has(share.kind) &&
			(share.kind !== 'epoll' || watchesFew(share)),
	);

/** Whether the one is a server whose only client the other is, and one of them works at a time. */
export const areServerAndLoneClient = (one: Side, other: Side, latest: Snapshot): boolean => {
	const {tcpSegmentsReceivedPerSecond: segments, tcpAcceptsPerSecond: accepts} = latest.system;
	const wakes = wakesOf(one.thread) + wakesOf(other.thread);
	return (
		one.process.pid !== other.process.pid &&
		((isServer(one) && isClient(other)) || (isServer(other) && isClient(one))) &&
		!differ(wakesOf(one.thread), wakesOf(other.thread), mostDifference.wakes) &&
		!differ(wakes, segments ?? 0, mostDifference.segments) &&
		orZero(accepts) <= wakes * mostAcceptsPerWake &&
		takeTurns([one.thread, other.thread], latest)
	);
};
