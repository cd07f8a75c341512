import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Host} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import type {WaitKind, WaitShare} from '../model/wait.js';
import {areLoopsOfOneExchange, differ, isEventLoop, watchesFew} from './exchanging-loops.js';
import {areServerAndLoneClient} from './lone-client.js';
import {areParentAndChild, areSiblings} from './related.js';
import type {Moment} from './rule.js';
import {
	cpuMicrosecondsPerSwitch,
	isInKernel,
	orZero,
	sharesOf,
	someWait,
	switchesOf,
	wantedCpuPercent,
} from './thread-facts.js';
import {areWaitsHidden, isRunning, isSemaphoreCall} from './wait-facts.js';

/** Below, a hand-over costs little; measured pairs wake each other 25,000 times a second and more. */
const fewestWakes = 3000;

/** CPU from one message to the next: measured 1 to 10 µs. */
const mostMicroseconds = 25;

/**
In Python it takes 15 to 30 µs. Such two are told where only one of them works at a time, as who waits for an answer does: together they
have one CPU's time, each a good part of it. Two that move blocks as large as a pipe alternate as well; that is the kernel's work alone,
0.97 to 1 of their CPU, where Python's messages are 0.4 to 0.7, and those of a shell and its awk 0.63 and 0.86.
*/
const alternating = {
	microseconds: 45,
	togetherPercent: {least: 80, most: 110},
	mostPercent: 75,
	systemShare: 0.92,
};

/** Each wake of the one is a wake of the other. Some of one's switches may be involuntary: then the sums are equal. */
const mostDifference = {wakes: 0.15, switches: 0.05};

/** Where nobody may look at the waits: the rates must be equal to the eye. */
const mostDifferenceUnseen = {wakes: 0.03, switches: 0.02};

/** And the kernel must have its part in it: measured 0.58 to 1, in two that fight for a lock 0.25. */
const leastSystemShareUnseen = 0.45;

/** Two threads that were seen waiting for messages, each on a CPU of its own: one finds its answer there before it sleeps, now and then. */
const mostDifferenceOnTwoCpus = {wakes: 0.5, switches: 0.5};

/** A wait that was seen less often is none of an exchange's. */
const leastWaitPercent = 5;

/** In the order of their switches the two stand beside each other; between them only such as switch as often. */
const neighbours = 32;

/** Sleeps and disks are nobody's answer. */
const noAnswer: ReadonlySet<WaitKind> = new Set(['sleep', 'disk', 'kernel-lock', 'page-fault']);

/** One that wakes for messages. `hidden`: what it waits for was refused. `isLoop`: it is an event loop that watches hardly anything. */
export type Member = {
	process: Process;
	thread: Thread;
	wakes: number;
	hidden: boolean;
	isLoop: boolean;
};

/** Waits that say nothing of an exchange: an event loop waits for many, unless it was seen to watch hardly anything. */
const isNoAnswer = (share: WaitShare): boolean =>
	noAnswer.has(share.kind) || (share.kind === 'epoll' && !watchesFew(share));

const memberOf = (
	moment: Moment,
	process: Process,
	thread: Thread,
	hidden: boolean,
): Member | undefined => {
	const wakes = orZero(thread.voluntarySwitchesPerSecond);
	const perSwitch = cpuMicrosecondsPerSwitch(thread);
	if (
		switchesOf(thread) < fewestWakes ||
		perSwitch === undefined ||
		perSwitch > alternating.microseconds ||
		moment.isExplained(thread.tid) ||
		sharesOf(thread).some(share => share.percent >= leastWaitPercent && isNoAnswer(share))
	) {
		return undefined;
	}

	return {process, thread, wakes, hidden, isLoop: isEventLoop(thread)};
};

const waitsOnPipe = ({thread}: Member): boolean =>
	sharesOf(thread).some(({kind}) => kind === 'pipe');

/**
One process, or two that are parent and child, or children of one parent that are alike or joined by pipes: others talk to a
server, which is its work.
*/
const areRelated = (one: Member, other: Member): boolean => {
	const [first, second] = [one.process, other.process];
	return (
		first.pid === second.pid ||
		areParentAndChild(first, second) ||
		(first.parentPid === second.parentPid &&
			first.parentPid > 1 &&
			(first.name === second.name || (waitsOnPipe(one) && waitsOnPipe(other))))
	);
};

/** Kinds of wait that a message ends. In a futex more than two may as well fight for a lock. */
const messageKinds: ReadonlySet<WaitKind> = new Set(['pipe', 'socket']);

const waitsForMessages = ({thread, hidden}: Member): boolean =>
	!hidden && sharesOf(thread).some(({kind}) => messageKinds.has(kind));

/** More are a server's threads, each with a connection of its own. */
const areOnlyTwo = ({threads}: Process): boolean =>
	threads.filter(thread => orZero(thread.voluntarySwitchesPerSecond) >= fewestWakes / 4).length ===
	2;

const mostDifferenceOf = (one: Member, other: Member) => {
	if (one.hidden || other.hidden) {
		return mostDifferenceUnseen;
	}

	return one.process.pid === other.process.pid &&
		waitsForMessages(one) &&
		waitsForMessages(other) &&
		areOnlyTwo(one.process)
		? mostDifferenceOnTwoCpus
		: mostDifference;
};

const isQuick = ({thread}: Member): boolean =>
	(cpuMicrosecondsPerSwitch(thread) ?? Number.POSITIVE_INFINITY) <= mostMicroseconds;

/** Whether one of the two works at a time, on a machine where both could. */
const doAlternate = (one: Member, other: Member, {cpus}: Host): boolean => {
	const [first, second] = [one.thread, other.thread].map(thread => wantedCpuPercent(thread) ?? 0);
	const together = first! + second!;
	return (
		cpus > 1 &&
		[one, other].every(
			member =>
				(member.hidden || waitsForMessages(member)) &&
				!isInKernel(member.process, alternating.systemShare),
		) &&
		together >= alternating.togetherPercent.least &&
		together <= alternating.togetherPercent.most &&
		Math.max(first!, second!) <= alternating.mostPercent
	);
};

const isPair = (one: Member, other: Member, latest: Snapshot): boolean => {
	const hasLoop = one.isLoop || other.isLoop;
	if (hasLoop && areServerAndLoneClient(one, other, latest)) {
		return true;
	}

	// Who is put aside at each wake of the other one, and hardly sleeps, need not wait for an answer.
	if (Math.min(one.wakes, other.wakes) < fewestWakes) {
		return false;
	}

	if (hasLoop) {
		return areLoopsOfOneExchange(one, other, latest);
	}

	const most = mostDifferenceOf(one, other);
	return (
		((isQuick(one) && isQuick(other)) || doAlternate(one, other, latest.host)) &&
		(!differ(one.wakes, other.wakes, most.wakes) ||
			!differ(switchesOf(one.thread), switchesOf(other.thread), most.switches)) &&
		areRelated(one, other)
	);
};

/** Pairs; where many that wait for messages wake equally often, all of them together: nobody could tell which are the pairs. */
const exchangesOf = (
	members: readonly Member[],
	latest: Snapshot,
): readonly (readonly Member[])[] => {
	const sorted = members.toSorted(
		(one, other) => switchesOf(other.thread) - switchesOf(one.thread),
	);
	const exchanges: Member[][] = [];
	const taken = new Set<Member>();
	for (const [index, one] of sorted.entries()) {
		if (taken.has(one)) {
			continue;
		}

		const alike = sorted
			.slice(index + 1, index + 1 + neighbours)
			.filter(each => !taken.has(each) && isPair(one, each, latest));
		const together = alike.filter(each => waitsForMessages(one) && waitsForMessages(each));
		const others = together.length > 1 ? together : alike.slice(0, 1);
		if (others.length > 0) {
			exchanges.push([one, ...others]);
			for (const each of [one, ...others]) {
				taken.add(each);
			}
		}
	}

	return exchanges;
};

/**
Where the waits are refused, or are for a semaphore, a third one that switches as much makes it something else: a lock that many want. It is
another thread of the same process, or another child where the two are children of one parent themselves.
*/
const isOfCrowd = (exchange: readonly Member[], members: readonly Member[]): boolean => {
	const [first] = exchange as [Member, ...Member[]];
	const isSibling = ({process}: Member): boolean => areSiblings(process, first.process);
	const areAllSiblings = exchange.every(isSibling);
	return (
		exchange.some(({hidden, thread}) => hidden || someWait(thread, isSemaphoreCall)) &&
		members.some(
			each =>
				!exchange.includes(each) &&
				(each.process.pid === first.process.pid || (areAllSiblings && isSibling(each))) &&
				each.wakes >= first.wakes / 2,
		)
	);
};

/**
Whether it is known what they wait for, or that it is refused. Those that happened to run whenever somebody looked, as two of another user's may,
tell neither.
*/
const isJudged = (exchange: readonly Member[]): boolean =>
	exchange.some(({hidden, thread}) => hidden || sharesOf(thread).some(share => !isRunning(share)));

/** Threads that wake each other for each message, two and more of each exchange. */
export const messageExchangesOf = (moment: Moment): readonly (readonly Member[])[] => {
	const members = moment.latest.processes.flatMap(process => {
		if (process.kernelThread || switchesOf(process) < fewestWakes) {
			return [];
		}

		const hidden = areWaitsHidden(moment.history, process);
		if (hidden && !isInKernel(process, leastSystemShareUnseen)) {
			return [];
		}

		return process.threads.flatMap(thread => memberOf(moment, process, thread, hidden) ?? []);
	});
	return exchangesOf(members, moment.latest).filter(
		exchange => isJudged(exchange) && !isOfCrowd(exchange, members),
	);
};
