import type {Evidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {eventLoopRole, nodeWorkerRole} from '../model/thread-role.js';
import type {ProcessGroup} from './group.js';
import {costOf, fact, procFile} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {orZero, sum, wantedCpuPercent} from './thread-facts.js';
import {plural} from './words.js';

/** The thread of the loop runs all the time, or would if it got a CPU. */
const fullPercent = 90;

/** A worker thread that does something. */
const runningPercent = 10;

/** A loop that still waits for events now and then has room for them. */
const fewestSleeps = 50;

/** One that sleeps for so little of the time waits for its helpers, as for those that collect garbage with it, not for events. */
const noRoom = {percent: 98, sleeps: 300};

/** With less than that it's others who take the CPU: with one of its own it may have room enough. */
const leastCpuPercent = 45;

type Loop = {process: Process; thread: Thread};

const busyLoop = (process: Process): Loop | undefined => {
	const runs = process.runtime?.name === 'node' || process.runtime?.eventLoop !== undefined;
	const thread = runs
		? (process.threads.find(({role}) => role === eventLoopRole) ??
			process.threads.find(({tid}) => tid === process.pid))
		: undefined;
	const wanted = (thread && wantedCpuPercent(thread)) ?? 0;
	const mostSleeps = wanted >= noRoom.percent ? noRoom.sleeps : fewestSleeps;
	return thread &&
		wanted >= fullPercent &&
		orZero(thread.cpuPercent) >= leastCpuPercent &&
		orZero(thread.voluntarySwitchesPerSecond) < mostSleeps
		? {process, thread}
		: undefined;
};

/** What a Node.js process has for work that takes long, and whether that is in use while its loop computes by itself. */
const besideTheLoop = ({process}: Loop): Evidence[] => {
	const {pid, threads, runtime} = process;
	const pool = runtime?.threadPool;
	const workers = threads.filter(({role}) => role === nodeWorkerRole);
	const running = workers.filter(worker => (wantedCpuPercent(worker) ?? 0) >= runningPercent);
	return [
		...(pool && pool.threadCount > 0
			? [
					fact(
						"threads of libuv's pool that have a job meanwhile",
						pool.busyThreads,
						`of ${pool.threadCount}`,
						`/proc/${pid}/mem`,
					),
				]
			: []),
		...(workers.length > 0
			? [
					fact(
						'worker threads that compute meanwhile',
						running.length,
						`of ${workers.length}`,
						`/proc/${pid}/task/*/schedstat`,
					),
				]
			: []),
	];
};

const toCandidate = (group: ProcessGroup, loops: readonly Loop[], cpus: number): Candidate => {
	const processes = loops.map(({process}) => process);
	const threads = loops.map(({thread}) => thread);
	const {pid, runtime} = processes[0]!;
	const isNode = runtime?.name === 'node';
	const cpu = sum(threads, thread => orZero(thread.cpuPercent));
	return {
		subject: group.key,
		severity: 'warning',
		confidence: 'likely',
		pid,
		pids: processes.map(process => process.pid),
		tids: threads.map(({tid}) => tid),
		title:
			loops.length === 1
				? `Event loop of ${group.name} is busy all the time: everything else in it waits`
				: `Event loops of ${plural(loops.length, 'process')} of ${group.name} are busy all the time`,
		evidence: [
			fact(
				'CPU used by the thread of the loop',
				cpu / loops.length,
				'%',
				procFile(processes, 'task/*/schedstat'),
			),
			fact(
				'times that it sleeps',
				sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond)) / loops.length,
				'/s',
				procFile(processes, 'task/*/status'),
			),
			...(loops.length === 1 ? besideTheLoop(loops[0]!) : []),
			fact(
				'runtime',
				[runtime?.name, runtime?.version, runtime?.eventLoop].filter(Boolean).join(' '),
				'',
				procFile(processes, 'exe'),
			),
		],
		cost: costOf(threads),
		fixes: [
			{
				what: 'Take what computes off the loop: a worker thread, a process, or pieces that let others in between',
				why: 'one thread serves all connections; while it computes, timers, answers and new connections wait',
				command: isNode
					? "new Worker(new URL('./job.js', import.meta.url))"
					: 'await loop.run_in_executor(process_pool, compute)',
			},
			{
				what: `More loops: one process for each of the ${plural(cpus, 'CPU')}`,
				why: 'a loop uses one CPU at most',
				command: isNode ? `pm2 start app.js -i ${cpus}` : `uvicorn app:app --workers ${cpus}`,
			},
		],
		next: [
			isNode
				? {
						what: 'see which functions run: start it with the profiler, or attach to it',
						command: `kill -USR1 ${pid}  # opens the inspector: chrome://inspect, Profiler`,
						needs: 'the same user',
					}
				: {
						what: 'see which Python code runs',
						command: `py-spy top --pid ${pid}`,
						needs: 'root or the same user',
					},
		],
	};
};

const explanation = `Event loop busy: the one thread that serves everything computes all the time

What it is
  Node.js, and Python's asyncio, serve all connections and timers in one thread. When that
  one computes without a break (a large JSON, a template, a regular expression, encryption
  without the pool), everything else waits, however many CPUs are idle.

How ctop knows
  The thread of a Node.js process that runs its event loop, or the main thread of a Python
  process with an epoll descriptor and no fight for the GIL, wants a CPU for 90 % of the time
  and more, and sleeps less than 50 times a second (300 from 98 % on: a loop sleeps for a
  moment when it collects garbage with helpers). That is likely: a batch job in Node.js looks
  the same, and is well.

What does not fool it
  Loops with much traffic that still find time to wait. Worker threads that compute.

How to fix it
  Worker threads or processes for what computes; streams instead of one large piece;
  setImmediate between pieces. More processes: cluster, pm2 -i, uvicorn --workers.

Further reading
  nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop
  docs.python.org/3/library/asyncio-dev.html (running blocking code)
`;

/** A loop that computes all the time. */
export const eventLoopBusy: Rule = {
	name: 'event-loop-busy',
	summary: "Node's or asyncio's event loop computes all the time",
	explanation,
	find: ({groups, latest, isExplained}) =>
		groups.flatMap(group => {
			const loops = group.processes.flatMap(process => {
				const loop = busyLoop(process);
				return loop && !isExplained(loop.thread.tid) ? [loop] : [];
			});
			return loops.length > 0 ? [toCandidate(group, loops, latest.host.cpus)] : [];
		}),
};
