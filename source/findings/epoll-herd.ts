import type {Process} from '../model/process.js';
import type {System} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import type {ProcessGroup} from './group.js';
import {fewestMembers, type Herd, isNear, mostVariation} from './herd.js';
import type {Moment} from './rule.js';
import {
	microsecondsOf,
	orZero,
	sharesOf,
	someWait,
	sum,
	variationOf,
	wakesOf,
} from './thread-facts.js';
import {activeThreads} from './thread-marks.js';
import {areWaitsHidden, waitPercent} from './wait-facts.js';

const fewest = {wakes: 2000, wakesSeen: 1000, wakesPerConnection: 6, connections: 50};
const leastWaitPercent = 20;

/**
What a wake that finds nothing costs at most: in C 3 to 8 µs. Whose wakes are twice as many as the packets that the machine received were
woken for nothing, whatever a wake costs them.
*/
const mostMicroseconds = {any: 10, morePerPacket: 25};
const wakesPerPacket = 2;

/** Each connection wakes each of them once, all alike: what a loop in Python costs beside others, found nothing, is up to 25 µs, in Node 50. */
const onceForEach = {differ: 0.3, variation: 0.1, microseconds: 50};

/**
Seen to watch one socket together, each is woken for each connection: nothing but the work of the connections themselves makes a wake dearer
than the 45 to 55 µs of Node's loops on a busy machine. Where they wake for much else, the connections are the smaller part.
*/
const seenTogether = {microseconds: 80, wakesPerMember: 2};

/**
Clients on this machine make two segments for each that a server gets, at the least. With up to 12 for a connection, as for one request, it
wakes a server six times at most: measured 8 to 11 of 12 workers, with 10 segments.
*/
const localClients = {
	share: 0.9,
	segmentsPerConnection: 12,
	wakesPerPacket: 0.75,
	microseconds: 60,
};

const isEventWait = ({kind, call}: Wait): boolean =>
	kind === 'epoll' || kind === 'poll' || call === 'accept' || call === 'accept4';

const isWokenTogether = ({wokenTogether = 0}: Wait): boolean => wokenTogether >= fewestMembers;

/** What else wakes now and then in such a process, as a runtime's helpers do, is no event loop. */
const leastOfBusiest = 0.5;

const busiestOf = (threads: readonly Thread[]): readonly Thread[] => {
	const most = threads.reduce((wakes, thread) => Math.max(wakes, wakesOf(thread)), 0);
	return threads.filter(thread => wakesOf(thread) >= most * leastOfBusiest);
};

const loopsOf = (moment: Moment, process: Process, hidden: boolean): readonly Thread[] => {
	const threads = activeThreads(process.threads).filter(({tid}) => !moment.isExplained(tid));
	return hidden
		? busiestOf(threads)
		: threads.filter(thread => waitPercent(thread, isEventWait) >= leastWaitPercent);
};

/** Wakes of all that wait for events, against what could have caused them. */
type Rates = {
	members: number;
	wakes: number;
	wakesPerConnection: number;
	variation: number;
	microseconds: number;
};

const ratesOf = (threads: readonly Thread[], accepts: number): Rates => {
	const wakes = sum(threads, wakesOf);
	return {
		members: threads.length,
		wakes,
		wakesPerConnection: wakes / accepts,
		variation: variationOf(threads),
		microseconds: microsecondsOf(threads),
	};
};

/** Whether each connection wakes each of them, by nothing but the rates. */
const isOnceForEach = ({members, wakesPerConnection, variation}: Rates): boolean =>
	isNear(wakesPerConnection, members, onceForEach.differ) && variation <= onceForEach.variation;

/** More wakes than the packets of clients on this machine, with a request each, can have caused. */
const isMoreThanLocalClients = (rates: Rates, system: System): boolean => {
	const accepts = orZero(system.tcpAcceptsPerSecond);
	const packets = system.wakeSources?.receivedPacketsPerSecond;
	return (
		packets !== undefined &&
		orZero(system.tcpConnectsPerSecond) >= accepts * localClients.share &&
		packets <= accepts * localClients.segmentsPerConnection &&
		rates.wakes >= packets * localClients.wakesPerPacket
	);
};

const mostMicrosecondsOf = (rates: Rates, system: System): number => {
	const packets = system.wakeSources?.receivedPacketsPerSecond;
	const isOnce = isOnceForEach(rates);
	if (rates.wakes >= orZero(packets) * wakesPerPacket) {
		const most = packets === undefined ? mostMicroseconds.any : mostMicroseconds.morePerPacket;
		return isOnce ? onceForEach.microseconds : most;
	}

	return isOnce && isMoreThanLocalClients(rates, system)
		? localClients.microseconds
		: mostMicroseconds.any;
};

/** What they wait in; epoll_wait where that is refused. */
const calledBy = ([first]: readonly Thread[]): string =>
	(first && sharesOf(first).find(isEventWait)?.call) ?? 'epoll_wait';

/** Event loops that all wake for each connection. */
export const epollHerdOf = (moment: Moment, group: ProcessGroup): Herd | undefined => {
	const {system} = moment.latest;
	const accepts = orZero(system.tcpAcceptsPerSecond);
	if (accepts < fewest.connections) {
		return undefined;
	}

	const busy = group.processes.filter(
		process =>
			orZero(process.voluntarySwitchesPerSecond) * group.processes.length >= fewest.wakesSeen,
	);
	if (sum(busy, process => process.threads.length) < fewestMembers) {
		return undefined;
	}

	const hidden = busy.every(process => areWaitsHidden(moment.history, process));
	const loops = busy.flatMap(process => loopsOf(moment, process, hidden));
	const together = loops.filter(thread => someWait(thread, isWokenTogether));
	const isSeen = together.length >= fewestMembers;
	const threads = isSeen ? together : loops;
	if (threads.length < fewestMembers) {
		return undefined;
	}

	const rates = ratesOf(threads, accepts);
	const {wakes, wakesPerConnection, variation, microseconds, members} = rates;
	const most = isSeen ? seenTogether.microseconds : mostMicrosecondsOf(rates, system);
	return wakes >= (isSeen ? fewest.wakesSeen : fewest.wakes) &&
		wakesPerConnection >= fewest.wakesPerConnection &&
		(!isSeen || wakesPerConnection <= members * seenTogether.wakesPerMember) &&
		variation <= mostVariation &&
		microseconds <= most
		? {
				processes: busy,
				threads,
				call: calledBy(threads),
				waiting: sum(threads, thread => waitPercent(thread, isEventWait)) / 100,
				wakesPerConnection,
				...(isSeen && {wokenTogether: members}),
				...(hidden && {hidden}),
			}
		: undefined;
};
