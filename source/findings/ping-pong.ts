import type {Evidence, Fix, NextStep} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {watchedOf} from './exchanging-loops.js';
import {carriedByAny, oneForGoroutines, wakesOfBoth} from './goroutine-messages.js';
import {type HiddenExchange, hiddenExchangesOf} from './hidden-exchange.js';
import {type Member, messageExchangesOf} from './message-exchanges.js';
import {asRoot, costOf, fact, graded, procFile} from './parts.js';
import {type PipedMessages, pipedMessagesOf} from './piped-messages.js';
import {areParentAndChild} from './related.js';
import type {Candidate, Rule} from './rule.js';
import {cpuMicrosecondsPerSwitch, orZero, sharesOf, sum, wakesOf} from './thread-facts.js';
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

const bothOnOneCpu = (pid: number): Fix => ({
	what: 'If it has to be so: both on one CPU',
	why: 'a wake on the same CPU needs no interrupt to another one and keeps the data in the cache',
	command: `taskset -acp 0 ${pid}`,
});

const fixesOf = (pid: number, inside: boolean): Candidate['fixes'] => [
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
	bothOnOneCpu(pid),
];

const askForMany: Fix = {
	what: 'Ask for many things at once: a pipeline, MGET, one query for all rows instead of one for each',
	why: 'the server is asked the next thing only when its answer has arrived: most of the time goes into waking the other one',
	command: 'redis.pipelined { |all| keys.each { |key| all.get(key) } }  # Redis: MGET key…',
};

/** A server and its client have to be two. Those of one pipeline are told by their pipes. */
const areServerAndClient = ([one, other]: readonly Member[]): boolean =>
	one !== undefined &&
	other !== undefined &&
	!areParentAndChild(one.process, other.process) &&
	one.process.name !== other.process.name &&
	![one, other].some(({thread}) => sharesOf(thread).some(({kind}) => kind === 'pipe'));

const seeMessages = (pid: number): NextStep => ({
	what: 'see the messages (slows it down while it runs)',
	command: `timeout 2 strace -f -p ${pid} -e trace=read,write,futex,sendto,recvfrom`,
	needs: 'root or the same user',
});

const toCandidate = (exchange: readonly Member[]): Candidate => {
	const [one, other] = exchange as [Member, Member];
	const threads = exchange.map(({thread}) => thread);
	const processes = [...new Set(exchange.map(({process}) => process))];
	const {pid} = one.process;
	const hidden = exchange.some(each => each.hidden);
	const wakes = wakesOfBoth(exchange);
	const ways = waysOf(threads);
	const inside = processes.length === 1;
	const between = betweenText(exchange, processes);
	const loops = exchange.filter(({isLoop}) => isLoop);
	return {
		subject: carriedByAny(exchange)
			? `${pid} goroutines`
			: threads
					.map(({tid}) => tid)
					.sort((first, second) => first - second)
					.join(' '),
		severity: hidden ? 'notice' : graded(wakes, many.warning, many.critical),
		confidence: hidden ? 'possible' : 'likely',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title: `Ping-pong: ${between} wake each other for each message, ${roughText(Math.max(...exchange.map(each => each.wakes)))} times a second`,
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
		fixes: areServerAndClient(exchange) ? [askForMany, bothOnOneCpu(pid)] : fixesOf(pid, inside),
		next: [...(hidden ? [asRoot(pid)] : []), seeMessages(pid)],
	};
};

const wakesFact = (process: Process): Evidence =>
	fact(
		`wakes of all threads of ${process.name} ${process.pid}`,
		orZero(process.voluntarySwitchesPerSecond),
		'/s',
		procFile([process], 'task/*/status'),
	);

/** What is said of processes that exchange messages by whichever threads are free, however it is known. */
const partsOfProcesses = (processes: readonly Process[]) => {
	const [parent, ...children] = processes as [Process, ...Process[]];
	const fewest = Math.min(...processes.map(process => orZero(process.voluntarySwitchesPerSecond)));
	const answerers =
		children.length === 1 ? `its child ${children[0]!.name}` : `${children.length} children`;
	return {
		subject: `${parent.pid} pipes`,
		severity: graded(fewest, many.warning, many.critical),
		pid: parent.pid,
		pids: processes.map(({pid}) => pid),
		tids: processes.flatMap(({threads}) =>
			threads.filter(thread => wakesOf(thread) > 0).map(({tid}) => tid),
		),
		title: `Ping-pong: ${parent.name} and ${answerers} wake each other for each message, ${roughText(fewest)} times a second`,
		cost: costOf(processes),
		fixes: fixesOf(parent.pid, false),
		next: [seeMessages(parent.pid)],
	} satisfies Partial<Candidate>;
};

const toPipedCandidate = ({
	processes,
	messagesPerSecond,
	bytesPerMessage,
	bytesPerAnswer,
	microseconds,
}: PipedMessages): Candidate => {
	const io = procFile(processes, 'io');
	return {
		...partsOfProcesses(processes),
		confidence: 'likely',
		evidence: [
			fact('messages that it writes, each read by itself', messagesPerSecond, '/s', io),
			fact('their size', bytesPerMessage, 'bytes', io),
			fact('size of the answers, as many', bytesPerAnswer, 'bytes', io),
			...processes.map(wakesFact),
			fact(
				'CPU of both sides for a message and its answer',
				microseconds,
				'µs',
				procFile(processes, 'task/*/schedstat'),
			),
		],
	};
};

const toHiddenCandidate = (processes: HiddenExchange): Candidate => {
	const parts = partsOfProcesses(processes);
	return {
		...parts,
		severity: 'notice',
		confidence: 'possible',
		evidence: [
			...processes.map(wakesFact),
			fact(
				'CPU of both together, who work by turns',
				sum(processes, ({cpuPercent}) => orZero(cpuPercent)),
				'%',
				procFile(processes, 'task/*/schedstat'),
			),
			fact(
				'of that in the kernel',
				sum(processes, ({systemCpuPercent}) => orZero(systemCpuPercent)),
				'%',
				procFile(processes, 'task/*/stat'),
			),
			fact('what they read and write', 'refused by the kernel', '', procFile(processes, 'io')),
		],
		next: [asRoot(parts.pid), ...parts.next],
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
  that is an event loop with many clients. A server and its only client over TCP: both
  switch equally often, to 3 %, and the segments of the whole machine are as many as these
  switches, to 5 %, with one of the two at work at a time. Another user's, without root:
  nearly equal rates, and half of the CPU in the kernel and more. Possible.
  Parent and child of which any thread takes the next message, as Go's do: a pipe in either
  direction, and by /proc/PID/io as many messages one way as the other, 3,000 a second and
  more, of at most 4 KiB, each read by itself, with under 100 µs of CPU for both.

What does not fool it
  Servers and their many clients (nginx, Redis, PostgreSQL). Pipelines that move large blocks:
  there each switch does work. Streams of small messages: several are read at a time.
  Fights for a lock, which are told as that.

What /proc can't tell
  Goroutines and channels, fibers: their hand-overs happen inside the program. What another
  user's process reads and writes: of Go's two processes that they wake about equally often
  then, and have one CPU between them, half of it in the kernel and more. Possible.

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
	find(moment) {
		const piped = pipedMessagesOf(moment);
		const told = new Set(piped.flatMap(({processes}) => processes.map(({pid}) => pid)));
		// Some of their threads may happen to wake equally often.
		const others = messageExchangesOf(moment).filter(
			exchange => !exchange.every(({process: {pid}}) => told.has(pid)),
		);
		return [
			...oneForGoroutines(others).map(toCandidate),
			...piped.map(toPipedCandidate),
			...hiddenExchangesOf(moment).map(toHiddenCandidate),
		];
	},
};
