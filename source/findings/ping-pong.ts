import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {WaitKind} from '../model/wait.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {cpuMicrosecondsPerSwitch, orZero, sharesOf, sum, switchesOf} from './thread-facts.js';
import {areWaitsHidden} from './wait-facts.js';
import {plural, roughText} from './words.js';

/** Below, a hand-over costs little; measured pairs wake each other 25,000 times a second and more. */
const fewestWakes = 3000;

/** CPU from one message to the next: measured 1 to 10 µs. */
const mostMicroseconds = 25;

/** Each wake of the one is a wake of the other. Some of one's switches may be involuntary: then the sums are equal. */
const mostDifference = {wakes: 0.15, switches: 0.05};

/** Where nobody may look at the waits: the rates must be equal to the eye. */
const mostDifferenceUnseen = {wakes: 0.03, switches: 0.02};

/** And the kernel must have its part in it: measured 0.58 to 1, in two that fight for a lock 0.25. */
const leastSystemShareUnseen = 0.45;
const isMostlyKernel = ({systemCpuPercent, cpuPercent}: Process): boolean =>
	orZero(systemCpuPercent) >= orZero(cpuPercent) * leastSystemShareUnseen;

/** Two threads that were seen waiting for messages, each on a CPU of its own: one finds its answer there before it sleeps, now and then. */
const mostDifferenceOnTwoCpus = {wakes: 0.5, switches: 0.5};

const many = {warning: 5000, critical: 200_000};

/** In the order of their switches the two stand beside each other; between them only such as switch as often. */
const neighbours = 32;

/** An event loop waits for many; sleeps and disks are nobody's answer. */
const noAnswer: ReadonlySet<WaitKind> = new Set([
	'epoll',
	'sleep',
	'disk',
	'kernel-lock',
	'page-fault',
]);

type Member = {process: Process; thread: Thread; wakes: number; hidden: boolean};

const memberOf = (
	moment: Moment,
	process: Process,
	thread: Thread,
	hidden: boolean,
): Member | undefined => {
	const wakes = orZero(thread.voluntarySwitchesPerSecond);
	const perSwitch = cpuMicrosecondsPerSwitch(thread);
	if (
		wakes < fewestWakes ||
		perSwitch === undefined ||
		perSwitch > mostMicroseconds ||
		moment.isExplained(thread.tid) ||
		sharesOf(thread).some(({kind, percent}) => noAnswer.has(kind) && percent >= 5)
	) {
		return undefined;
	}

	return {process, thread, wakes, hidden};
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
		first.parentPid === second.pid ||
		second.parentPid === first.pid ||
		(first.parentPid === second.parentPid &&
			first.parentPid > 1 &&
			(first.name === second.name || (waitsOnPipe(one) && waitsOnPipe(other))))
	);
};

const differenceOf = (one: number, other: number): number =>
	Math.abs(one - other) / Math.max(one, other);

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

const isPair = (one: Member, other: Member): boolean => {
	const most = mostDifferenceOf(one, other);
	return (
		(differenceOf(one.wakes, other.wakes) <= most.wakes ||
			differenceOf(switchesOf(one.thread), switchesOf(other.thread)) <= most.switches) &&
		areRelated(one, other)
	);
};

/** Pairs; where many that wait for messages wake equally often, all of them together: nobody could tell which are the pairs. */
const exchangesOf = (members: readonly Member[]): readonly (readonly Member[])[] => {
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
			.filter(each => !taken.has(each) && isPair(one, each));
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

/** Where the waits are refused, a third one that switches as much makes it something else: a lock that many want. */
const isOfCrowd = (exchange: readonly Member[], members: readonly Member[]): boolean =>
	exchange.some(({hidden}) => hidden) &&
	members.some(
		each =>
			!exchange.includes(each) &&
			each.process.pid === exchange[0]!.process.pid &&
			each.wakes >= exchange[0]!.wakes / 2,
	);

const waysOf = (threads: readonly Thread[]): string => {
	const calls = threads.flatMap(thread =>
		sharesOf(thread).flatMap(({kind, call, target}) =>
			kind === 'running' ? [] : `${call ?? kind}${target ? ` on ${target}` : ''}`,
		),
	);
	return [...new Set(calls)].slice(0, 3).join(', ');
};

const betweenText = (exchange: readonly Member[], processes: readonly Process[]): string => {
	const {name} = processes[0]!;
	if (processes.length === 1) {
		return `${plural(exchange.length, 'thread')} of ${name}`;
	}

	return processes.length === 2
		? `${name} and ${processes[1]!.name}`
		: `${plural(processes.length, 'process')} of ${name}`;
};

const toCandidate = (exchange: readonly Member[]): Candidate => {
	const [one, other] = exchange as [Member, Member];
	const threads = exchange.map(({thread}) => thread);
	const processes = [...new Set(exchange.map(({process}) => process))];
	const {pid} = one.process;
	const hidden = exchange.some(each => each.hidden);
	const wakes = sum(exchange, each => each.wakes);
	const ways = waysOf(threads);
	const inside = processes.length === 1;
	const between = betweenText(exchange, processes);
	return {
		subject: threads
			.map(({tid}) => tid)
			.sort((first, second) => first - second)
			.join(' '),
		severity: hidden ? 'notice' : graded(wakes, many.warning, many.critical),
		confidence: hidden ? 'possible' : 'likely',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title: `Ping-pong: ${between} wake each other for each message, ${roughText(one.wakes)} times a second`,
		evidence: [
			fact(
				`wakes of thread ${one.thread.tid}`,
				one.wakes,
				'/s',
				procFile(processes, 'task/*/status'),
			),
			fact(
				`wakes of thread ${other.thread.tid}`,
				other.wakes,
				'/s',
				procFile(processes, 'task/*/status'),
			),
			fact(
				'CPU from one switch to the next',
				cpuMicrosecondsPerSwitch(one.thread) ?? 0,
				'µs',
				procFile(processes, 'task/*/schedstat'),
			),
			...(ways === ''
				? []
				: [fact('they wait in', ways, '', procFile(processes, 'task/*/syscall'))]),
		],
		cost: costOf(threads),
		fixes: [
			{
				what: 'Send many at a time: a batch, a larger buffer, a queue that is emptied at each wake',
				why: 'each message costs a wake, two switches and a system call on either side; of ten in one go nine are free',
			},
			{
				what: inside
					? 'Do the work in the thread that has it, if the other only answers'
					: 'One process, or shared memory with a ring, if the other only answers',
				why: 'they never work at the same time: the one waits while the other works',
			},
			{
				what: 'If it has to be so: both on one CPU',
				why: 'a wake on the same CPU needs no interrupt to another one and keeps the data in the cache',
				command: `taskset -acp 0 ${pid}`,
			},
		],
		next: [
			...(hidden ? [asRoot(pid)] : []),
			{
				what: 'see the messages (slows it down while it runs)',
				command: `timeout 2 strace -f -p ${pid} -e trace=read,write,futex,sendto,recvfrom`,
				needs: 'root or the same user',
			},
		],
	};
};

const explanation = `Ping-pong: two threads or processes wake each other for each message

What it is
  One sends and sleeps, the other wakes, answers and sleeps: tens to hundreds of thousands of
  switches a second, nearly all of the CPU in the kernel, and never both at work.

How ctop knows
  Two threads of one process, or of parent and child, wake equally often, 3,000 times a
  second and more, with at most 25 µs of CPU a switch. They sleep in read, in a futex or on
  a socket, not in epoll_wait: that is an event loop with many clients. Another user's, without
  root: nearly equal rates, and half of the CPU in the kernel and more. Possible.

What does not fool it
  Servers and their clients (nginx, Redis, PostgreSQL). Pipelines that move large blocks:
  there each switch does work. Fights for a lock, which are told as that.

What /proc can't tell
  Goroutines and channels, fibers: their hand-overs happen inside the program.

How to fix it
  Batches. Asynchronous sends. One thread for both halves. Shared memory with a ring buffer.

Further reading
  man 7 pipe, man 2 futex, man 7 sched
`;

/** Pairs that wake each other for each message. */
export const pingPong: Rule = {
	name: 'ping-pong',
	summary: 'two threads or processes wake each other for each message',
	explanation,
	find: moment => {
		const members = moment.latest.processes.flatMap(process => {
			if (process.kernelThread || orZero(process.voluntarySwitchesPerSecond) < fewestWakes) {
				return [];
			}

			const hidden = areWaitsHidden(moment.history, process);
			if (hidden && !isMostlyKernel(process)) {
				return [];
			}

			return process.threads.flatMap(thread => memberOf(moment, process, thread, hidden) ?? []);
		});
		return exchangesOf(members)
			.filter(exchange => !isOfCrowd(exchange, members))
			.map(toCandidate);
	},
};
