import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {watchedOf} from './exchanging-loops.js';
import {type Member, messageExchangesOf} from './message-exchanges.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {cpuMicrosecondsPerSwitch, sharesOf, sum} from './thread-facts.js';
import {plural, roughText} from './words.js';

const many = {warning: 5000, critical: 200_000};

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
	const loops = exchange.filter(({isLoop}) => isLoop);
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
			...(loops.length === 0
				? []
				: [
						fact(
							'what their event loops watch besides themselves, each at most',
							Math.max(...loops.map(({thread}) => watchedOf(thread))),
							'files',
							procFile(
								loops.map(({process}) => process),
								'fdinfo/*',
							),
						),
					]),
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
  second and more, with at most 25 µs of CPU a switch, or 45 where one works at a time (the
  two have the time of one CPU together, of two or more) and not in the kernel alone. They
  sleep in read, in a futex or on a socket. In epoll_wait only where the event loop watches
  four files at most besides what it wakes itself by, the two work one at a time, and no TCP
  segments could have woken them: Node's child processes and its MessagePort, asyncio. Else
  that is an event loop with many clients. Another user's, without root: nearly equal rates,
  and half of the CPU in the kernel and more. Possible.

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
	find: moment => messageExchangesOf(moment).map(toCandidate),
};
