import {countText} from '../model/count-text.js';
import type {Evidence, Fix} from '../model/finding.js';
import {processName} from './group.js';
import {type BusyPool, busyPoolOf} from './libuv-pool.js';
import {oneForService} from './one-for-service.js';
import {costOf, fact} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {orZero, sum, wantedCpuPercent} from './thread-facts.js';
import {plural} from './words.js';

/** CPUs that the pool's threads want, on average. */
const wantedCpus = ({threads}: BusyPool): number =>
	sum(threads, thread => wantedCpuPercent(thread) ?? 0) / 100;

const queuedText = ({process}: BusyPool): string => {
	const {queuedJobs = 0, queueIsLonger} = process.runtime?.threadPool ?? {};
	return queueIsLonger ? `${countText(queuedJobs)} and more jobs` : plural(queuedJobs, 'job');
};

const titleOf = (pool: BusyPool): string => {
	const {process, size, trouble, isRead} = pool;
	const {queuedLookups = 0, queuedJobs = 0} = process.runtime?.threadPool ?? {};
	if (trouble === 'lookups') {
		return `Name lookups queue up in ${processName(process)}: ${plural(queuedLookups, 'lookup')} wait until one of ${plural(Math.ceil(size / 2), 'thread')} has its answer`;
	}

	const all = `All ${countText(size)} threads of libuv's pool in ${processName(process)} are busy`;
	return isRead && queuedJobs > 0
		? `${all}, ${queuedText(pool)} queued: files, DNS and crypto wait`
		: `${all}: files, DNS and crypto queue up`;
};

/** What libuv keeps about its pool; nothing where that wasn't read. */
const counters = ({process, trouble}: BusyPool): Evidence[] => {
	const {pid, runtime} = process;
	const pool = runtime?.threadPool;
	if (!pool) {
		return [];
	}

	const source = `/proc/${pid}/mem`;
	return [
		fact('threads with a job, on average', pool.busyThreads, `of ${pool.threadCount}`, source),
		...(trouble === 'lookups'
			? [fact('of these, threads that look up a name', pool.lookupThreads, 'threads', source)]
			: []),
		...(pool.queuedJobs === undefined
			? []
			: [fact('jobs that wait for a thread', pool.queuedJobs, 'jobs', source)]),
		...(pool.queuedLookups
			? [fact('of these, name lookups', pool.queuedLookups, 'jobs', source)]
			: []),
		fact('time in which jobs wait', pool.queuedPercent, '%', source),
	];
};

const evidenceOf = (pool: BusyPool): Evidence[] => {
	const {process, threads, size, calls, isRead} = pool;
	const {pid} = process;
	const main = process.threads.find(({tid}) => tid === pid);
	return [
		...(isRead
			? counters(pool)
			: [
					fact(
						'threads of the pool that are busy',
						`${size} of ${size}`,
						'',
						`/proc/${pid}/task/*/stat`,
					),
				]),
		fact(
			'CPUs that they want, on average',
			wantedCpus(pool),
			'CPUs',
			`/proc/${pid}/task/*/schedstat`,
		),
		fact(
			'CPU that they use',
			sum(threads, thread => orZero(thread.cpuPercent)),
			'%',
			`/proc/${pid}/task/*/schedstat`,
		),
		...(calls.length > 0
			? [fact('else they wait in', calls.join(', '), '', `/proc/${pid}/task/*/syscall`)]
			: []),
		fact(
			'wakes of the loop',
			orZero(main?.voluntarySwitchesPerSecond),
			'/s',
			`/proc/${pid}/task/${pid}/status`,
		),
	];
};

const largerPool = (size: number, cpus: number): Fix => {
	const larger = Math.max(2 * size, cpus);
	return {
		what: `A larger pool: ${countText(larger)} threads instead of ${countText(size)}`,
		why: 'its threads wait for disks or name servers, so more of them wait at the same time',
		command: `UV_THREADPOOL_SIZE=${larger} node …`,
	};
};

const lookupFixes = (size: number, cpus: number): Fix[] => [
	{
		what: 'Look up names without the pool, or not each time: dns.resolve4, a cache, connections that are kept open',
		why: 'dns.lookup, which fetch, http and every client use, occupies a thread until the name server answers; at most half of the pool may do that',
		command: 'new http.Agent({keepAlive: true, lookup: cacheable.lookup})  // cacheable-lookup',
	},
	{
		what: 'A name server nearby that answers at once: systemd-resolved, dnsmasq, nscd',
		why: 'a server of /etc/resolv.conf that does not answer costs 5 s for each lookup',
		command: 'time getent ahosts NAME; cat /etc/resolv.conf',
	},
	largerPool(size, cpus),
];

const fixesOf = (pool: BusyPool, cpus: number): Fix[] => {
	const {size, trouble} = pool;
	if (trouble === 'lookups') {
		return lookupFixes(size, cpus);
	}

	const computes = wantedCpus(pool) >= size * 0.5;
	return [
		computes
			? {
					what: `Less at a time: the pool computes on ${plural(cpus, 'CPU')}, more threads will not be faster`,
					why: 'a queue in the program (p-limit, a job server) leaves threads for files and DNS in between',
					command: `const limit = pLimit(${Math.max(1, Math.min(size, cpus) - 1)})`,
				}
			: largerPool(size, cpus),
		{
			what: 'Keep slow calls out of it: dns.resolve instead of dns.lookup, hashing in a worker thread, files by stream',
			why: 'fs, dns.lookup, zlib and crypto of the whole process share these few threads',
		},
	];
};

const toCandidate = (pool: BusyPool, cpus: number): Candidate => {
	const {process, threads, isRead} = pool;
	const {pid} = process;
	const isNamed = threads.some(thread => thread.name.startsWith('libuv'));
	return {
		subject: `${pid}:${process.startTimeTicks}`,
		severity: 'warning',
		confidence: isRead ? 'certain' : isNamed ? 'likely' : 'possible',
		pid,
		pids: [pid],
		tids: threads.map(({tid}) => tid),
		title: titleOf(pool),
		evidence: evidenceOf(pool),
		cost: costOf(threads),
		fixes: fixesOf(pool, cpus),
		next: [
			{
				what: 'see what the pool is doing',
				command: `gdb -p ${pid} -batch -ex 'thread apply all bt 8'`,
				needs: 'root or the same user',
			},
		],
	};
};

const explanation = `Pool saturated: jobs of Node.js wait for the threads of libuv's pool

What it is
  Node.js does files, dns.lookup, zlib and much of crypto in a pool of four threads. When all
  four are busy, the next call waits, be it a tiny file behind four slow password hashes. Of
  name lookups, as many as half of the threads may run at once: the others wait for these.

How ctop knows
  libuv counts its threads, those at rest, and the jobs in its queue. As root or the same
  user, ctop reads that: three of four threads busy, and jobs that wait half of the time, are
  told as certain.
  Where it can't be read (another user's process, a libuv without symbols, as Debian's): every
  thread of the pool (named libuv-worker from Node.js 22 on, before that by its place among
  the threads) runs, wants to run or waits for a disk for 60 % of the time and more, or gets
  work 2,000 times a second; and the loop hears from it.

What does not fool it
  V8's own four threads, and worker threads that compute. A pool with one thread at rest. A
  busy pool that no job waits for, where that could be read.

What /proc can't tell
  Which JavaScript asked for the jobs. Pools of other runtimes: their waiting threads look
  like any others.

How to fix it
  UV_THREADPOOL_SIZE, when its threads wait; a limit on work at a time, when they compute.
  dns.resolve or a cache for lookups, worker threads, streams.

Further reading
  nodejs.org/api/cli.html#uv_threadpool_sizesize, docs.libuv.org/en/v1.x/threadpool.html
`;

/** libuv's pool without a thread at rest, or with lookups that wait for each other. */
export const poolSaturated: Rule = {
	name: 'pool-saturated',
	summary: "all threads of Node's (libuv's) pool are busy",
	explanation,
	find: moment =>
		oneForService(
			moment.latest.processes.flatMap(process => {
				const pool = busyPoolOf(process);
				return pool ? [toCandidate(pool, moment.latest.host.cpus)] : [];
			}),
			moment,
		),
};
