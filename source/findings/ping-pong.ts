import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {WaitKind} from '../model/wait.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {cpuMicrosecondsPerSwitch, orZero, sharesOf, switchesOf} from './thread-facts.js';
import {areWaitsHidden} from './wait-facts.js';
import {roughText} from './words.js';

/** Below, a hand-over costs little; measured pairs wake each other 25,000 times a second and more. */
const fewestWakes = 3000;

/** CPU from one message to the next: measured 1 to 10 µs. */
const mostMicroseconds = 25;

/** Each wake of the one is a wake of the other. Some of one's switches may be involuntary: then the sums are equal. */
const mostDifference = {wakes: 0.15, switches: 0.05};

/** Where nobody may look at the waits: the rates must be equal to the eye. */
const mostDifferenceUnseen = {wakes: 0.03, switches: 0.02};

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

/** One process, or two that are parent and child or siblings: others talk to a server, which is its work. */
const areRelated = ({process: one}: Member, {process: other}: Member): boolean =>
	one.pid === other.pid ||
	one.parentPid === other.pid ||
	other.parentPid === one.pid ||
	(one.parentPid === other.parentPid && one.parentPid > 1);

const differenceOf = (one: number, other: number): number =>
	Math.abs(one - other) / Math.max(one, other);

const isPair = (one: Member, other: Member): boolean => {
	const most = one.hidden || other.hidden ? mostDifferenceUnseen : mostDifference;
	return (
		(differenceOf(one.wakes, other.wakes) <= most.wakes ||
			differenceOf(switchesOf(one.thread), switchesOf(other.thread)) <= most.switches) &&
		areRelated(one, other)
	);
};

const pairsOf = (members: readonly Member[]): readonly (readonly [Member, Member])[] => {
	const sorted = members.toSorted(
		(one, other) => switchesOf(other.thread) - switchesOf(one.thread),
	);
	const pairs: [Member, Member][] = [];
	const taken = new Set<Member>();
	for (const [index, one] of sorted.entries()) {
		const next = sorted.slice(index + 1, index + 1 + neighbours);
		const other = taken.has(one)
			? undefined
			: next.find(each => !taken.has(each) && isPair(one, each));
		if (other) {
			taken.add(one);
			taken.add(other);
			pairs.push([one, other]);
		}
	}

	return pairs;
};

/** Where the waits are refused, a third one that switches as much makes it something else: a lock that many want. */
const isOfCrowd = ([one, other]: readonly [Member, Member], members: readonly Member[]): boolean =>
	(one.hidden || other.hidden) &&
	members.some(
		each =>
			each !== one &&
			each !== other &&
			each.process.pid === one.process.pid &&
			each.wakes >= one.wakes / 2,
	);

const waysOf = (threads: readonly Thread[]): string => {
	const calls = threads.flatMap(thread =>
		sharesOf(thread).flatMap(({kind, call, target}) =>
			kind === 'running' ? [] : `${call ?? kind}${target ? ` on ${target}` : ''}`,
		),
	);
	return [...new Set(calls)].slice(0, 3).join(', ');
};

const toCandidate = (pair: readonly [Member, Member]): Candidate => {
	const [one, other] = pair;
	const threads = [one.thread, other.thread];
	const processes = [...new Set([one.process, other.process])];
	const {pid, name} = one.process;
	const hidden = one.hidden || other.hidden;
	const wakes = one.wakes + other.wakes;
	const ways = waysOf(threads);
	const inside = processes.length === 1;
	const between = inside ? `2 threads of ${name}` : `${name} and ${other.process.name}`;
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
  a socket, not in epoll_wait: that is an event loop with many clients.

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
			return process.threads.flatMap(thread => memberOf(moment, process, thread, hidden) ?? []);
		});
		return pairsOf(members)
			.filter(pair => !isOfCrowd(pair, members))
			.map(toCandidate);
	},
};
