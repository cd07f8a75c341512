import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {WaitShare} from '../model/wait.js';
import {costOf, fact} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {mainWait, orZero, sum, wantedCpuPercent} from './thread-facts.js';
import {activeThreads, waitPercent} from './wait-facts.js';
import {countText, plural} from './words.js';

/** Busy nearly all the time, or handed new work thousands of times a second. */
const busy = {percent: 60, wakes: 2000};

/** libuv's default, see UV_THREADPOOL_SIZE. */
const defaultPool = 4;

/** Before Node.js 22 its threads have no names: the first seven are its main thread, the inspector's and V8's. */
const ownThreads = 7;

/** The loop must hear of what the pool has done; threads that compute for themselves tell it nothing. */
const fewestLoopWakes = 5;

const poolOf = (process: Process): readonly Thread[] => {
	const named = process.threads.filter(({name}) => name.startsWith('libuv-worker'));
	if (named.length > 0 || process.threads.some(({name}) => name.startsWith('V8Worker'))) {
		return named;
	}

	return process.threads
		.toSorted((one, other) => one.tid - other.tid)
		.slice(ownThreads, ownThreads + defaultPool);
};

const isWork = ({kind}: WaitShare): boolean =>
	kind !== 'running' && kind !== 'futex' && kind !== 'lock' && kind !== 'epoll';

const isBusy = (thread: Thread): boolean =>
	(wantedCpuPercent(thread) ?? 0) + (wantsDisk(thread) ? 100 : 0) >= busy.percent ||
	orZero(thread.voluntarySwitchesPerSecond) >= busy.wakes;

const wantsDisk = (thread: Thread): boolean =>
	thread.state === 'D' || waitPercent(thread, isWork) >= busy.percent;

const toCandidate = (process: Process, pool: readonly Thread[], cpus: number): Candidate => {
	const {pid, name} = process;
	const size = Math.max(2 * pool.length, cpus);
	const cpu = sum(pool, thread => orZero(thread.cpuPercent));
	const wanted = sum(pool, thread => wantedCpuPercent(thread) ?? 0) / 100;
	const main = process.threads.find(({tid}) => tid === pid);
	const calls = [...new Set(pool.flatMap(thread => mainWait(thread)?.call ?? []))].slice(0, 3);
	const computes = wanted >= pool.length * 0.5;
	return {
		subject: `${pid}:${process.startTimeTicks}`,
		severity: 'warning',
		confidence: pool.some(thread => thread.name.startsWith('libuv')) ? 'likely' : 'possible',
		pid,
		pids: [pid],
		tids: pool.map(({tid}) => tid),
		title: `All ${countText(pool.length)} threads of libuv's pool in ${name} are busy: files, DNS and crypto queue up`,
		evidence: [
			fact(
				'threads of the pool that are busy',
				`${pool.length} of ${pool.length}`,
				'',
				`/proc/${pid}/task/*/stat`,
			),
			fact('CPUs that they want, on average', wanted, 'CPUs', `/proc/${pid}/task/*/schedstat`),
			fact('CPU that they use', cpu, '%', `/proc/${pid}/task/*/schedstat`),
			...(calls.length > 0
				? [fact('else they wait in', calls.join(', '), '', `/proc/${pid}/task/*/syscall`)]
				: []),
			fact(
				'wakes of the loop',
				orZero(main?.voluntarySwitchesPerSecond),
				'/s',
				`/proc/${pid}/task/${pid}/status`,
			),
		],
		cost: costOf(pool),
		fixes: [
			computes
				? {
						what: `Less at a time: the pool computes on ${plural(cpus, 'CPU')}, more threads will not be faster`,
						why: 'a queue in the program (p-limit, a job server) leaves threads for files and DNS in between',
						command: `const limit = pLimit(${Math.max(1, Math.min(pool.length, cpus) - 1)})`,
					}
				: {
						what: `A larger pool: ${countText(size)} threads instead of ${countText(pool.length)}`,
						why: 'its threads wait for disks or name servers, so more of them wait at the same time',
						command: `UV_THREADPOOL_SIZE=${size} node …`,
					},
			{
				what: 'Keep slow calls out of it: dns.resolve instead of dns.lookup, hashing in a worker thread, files by stream',
				why: 'fs, dns.lookup, zlib and crypto of the whole process share these few threads',
			},
		],
		next: [
			{
				what: 'see what the pool is doing',
				command: `gdb -p ${pid} -batch -ex 'thread apply all bt 8'`,
				needs: 'root or the same user',
			},
		],
	};
};

const explanation = `Pool saturated: all threads of libuv's pool are busy

What it is
  Node.js does files, dns.lookup, zlib and much of crypto in a pool of four threads. When all
  four are busy, the next call waits, be it a tiny file behind four slow password hashes.

How ctop knows
  Every thread of the pool (named libuv-worker from Node.js 22 on, before that by its place
  among the threads) runs, wants to run or waits for a disk for 60 % of the time and more,
  or gets work 2,000 times a second; and the loop hears from it.

What does not fool it
  V8's own four threads, and worker threads that compute. A pool with one thread at rest.

What /proc can't tell
  How long the queue in front of the pool is. Pools of other runtimes: their waiting threads
  look like any others.

How to fix it
  UV_THREADPOOL_SIZE, when its threads wait; a limit on work at a time, when they compute.
  dns.resolve, worker threads, streams.

Further reading
  nodejs.org/api/cli.html#uv_threadpool_sizesize, docs.libuv.org/en/v1.x/threadpool.html
`;

/** libuv's pool without a thread at rest. */
export const poolSaturated: Rule = {
	name: 'pool-saturated',
	summary: "all threads of Node's (libuv's) pool are busy",
	explanation,
	find: ({latest}) =>
		latest.processes.flatMap(process => {
			if (process.runtime?.name !== 'node' || activeThreads(process.threads).length < 2) {
				return [];
			}

			const pool = poolOf(process);
			const main = process.threads.find(({tid}) => tid === process.pid);
			return pool.length >= defaultPool &&
				pool.every(isBusy) &&
				orZero(main?.voluntarySwitchesPerSecond) >= fewestLoopWakes
				? [toCandidate(process, pool, latest.host.cpus)]
				: [];
		}),
};
