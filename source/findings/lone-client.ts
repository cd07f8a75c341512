import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import type {WaitKind} from '../model/wait.js';
import {differ, takeTurns, watchesFew} from './exchanging-loops.js';
import {orZero, sharesOf, switchesOf} from './thread-facts.js';

/*
A server that has one client, which asks for one thing at a time and waits for the answer, over TCP. Both have a turn for each segment: measured
with Redis and a program in Ruby to within 0.1 %.
*/

/**
Of the turns of one those of the other, and of both the segments of the whole machine: nobody else sends any. On one CPU the one that is woken puts
the other aside before that can sleep: measured with redis-benchmark, 43,000 of 45,000 times.
*/
const mostDifference = {turns: 0.03, segments: 0.05};
/** Who connects for each request wakes for that too. */
const mostAcceptsPerTurn = 0.01;
/** What a client waits in. */
const clientKinds: ReadonlySet<WaitKind> = new Set(['socket', 'poll', 'epoll']);
const leastWaitPercent = 5;

type Side = {process: Process; thread: Thread};

const isServer = ({thread}: Side): boolean =>
	sharesOf(thread).some(share => share.kind === 'epoll' && watchesFew(share));

const isClient = ({thread}: Side): boolean =>
	sharesOf(thread).some(share => share.percent >= leastWaitPercent && clientKinds.has(share.kind));

/** Whether the one is a server whose only client the other is, and one of them works at a time. */
export const areServerAndLoneClient = (one: Side, other: Side, latest: Snapshot): boolean => {
	const {tcpSegmentsReceivedPerSecond: segments, tcpAcceptsPerSecond: accepts} = latest.system;
	const [turns, othersTurns] = [switchesOf(one.thread), switchesOf(other.thread)];
	const ofBoth = turns + othersTurns;
	return (
		one.process.pid !== other.process.pid &&
		((isServer(one) && isClient(other)) || (isServer(other) && isClient(one))) &&
		!differ(turns, othersTurns, mostDifference.turns) &&
		!differ(ofBoth, segments ?? 0, mostDifference.segments) &&
		orZero(accepts) <= ofBoth * mostAcceptsPerTurn &&
		takeTurns([one.thread, other.thread], latest)
	);
};
