import {countText} from '../model/count-text.js';
import type {Evidence, NextStep, Severity} from '../model/finding.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import {fileLockWaits} from './file-lock-waits.js';
import type {ProcessGroup} from './group.js';
import {teamEvidence, turnsEvidence} from './hidden-fight-evidence.js';
import {busyPoolOf, isOfLibuv} from './libuv-pool.js';
import {lockFightOf} from './lock-fight.js';
import {foughtLock, type LockFight, processesIn, type Shape} from './lock-fight-parts.js';
import {lockFixesOf} from './lock-fixes.js';
import {asRoot, costOf, fact, ofProcesses, procFile, stackStep, threadText} from './parts.js';
import {postgresLockWaits} from './postgres-locks.js';
import type {Candidate, Moment, Rule} from './rule.js';
import {sharedLockFightsOf} from './shared-lock-fight.js';
import {orZero, sum, switchesOf} from './thread-facts.js';
import {inFrame, threadsOf, whereEvidence} from './where.js';
import {plural, roughText} from './words.js';

const critical = {waiters: 8, switches: 50_000};

const severityOf = (fights: readonly LockFight[]): Severity => {
	const waiters = sum(fights, fight => fight.waiters);
	const switches = sum(fights, fight => switchesOf(fight.process));
	const sure = fights.some(fight => fight.confidence === 'certain');
	return sure && (waiters >= critical.waiters || switches >= critical.switches)
		? 'critical'
		: 'warning';
};

const nameOf = (fight: LockFight): string => {
	const lock = foughtLock(fight);
	const region = fight.place?.wait.region;
	if (lock) {
		return `${lock.kind === 'futex' ? 'lock' : lock.kind} ${lock.name}`;
	}

	// All of the C library's own locks lie in its data: the one that threads fight for is malloc's.
	return region === undefined ? (fight.lockText ?? 'one lock') : `a lock in ${region}`;
};

const words: Readonly<Record<Shape, string>> = {
	convoy: 'Lock convoy',
	hot: 'Hot lock',
	computing: 'Lock held for long',
	asleep: 'Lock held for long, by a thread that sleeps',
};

const titleOf = (fights: readonly LockFight[], group: ProcessGroup): string => {
	const [worst] = fights;
	const {shape} = worst!;
	// Who waits waits for somebody, whom no look may have seen at the lock.
	const threads = plural(
		sum(fights, fight => Math.max(2, fight.tids.length)),
		'thread',
	);
	const where = ofProcesses(fights.flatMap(processesIn).length, group.name);
	const switches = roughText(
		sum(fights, fight => orZero(fight.process.voluntarySwitchesPerSecond)),
	);
	if (shape === 'convoy') {
		return `${words[shape]}${where}: ${threads} hand ${nameOf(worst!)} around, ${switches} switches a second`;
	}

	if (shape === 'hot') {
		const cpu = sum(fights, ({process}) => orZero(process.cpuPercent));
		const system = sum(fights, ({process}) => orZero(process.systemCpuPercent));
		return `${words[shape]}${where}: ${threads} ask the kernel for ${nameOf(worst!)} all the time, ${Math.round((system / Math.max(1, cpu)) * 100)} % of their CPU`;
	}

	const waiting = countText(Math.max(1, Math.round(sum(fights, fight => fight.waiters))));
	return `${words[shape]}${where}: ${waiting} of ${threads} wait for ${nameOf(worst!)}`;
};

const heldEvidence = (fight: LockFight): Evidence[] => {
	const lock = foughtLock(fight);
	const source = `/proc/${fight.process.pid}/mem`;
	const evidence: Evidence[] = [];
	if (lock && isKnown(lock.holderTid)) {
		const holder = fight.process.threads.find(({tid}) => tid === lock.holderTid);
		evidence.push(
			fact(
				'held at the moment by thread',
				`${threadText(lock.holderTid, holder)}${inFrame(fight.process, lock.holderTid)}`,
				'',
				source,
			),
		);
	} else if (lock?.holderNote !== undefined) {
		evidence.push(fact('holder', lock.holderNote, '', source));
	}

	const doing = lock?.heldWhile?.[0];
	if (doing) {
		evidence.push(
			fact('its holders meanwhile', `${doing.what}, ${Math.round(doing.percent)} %`, '', source),
		);
	}

	return evidence;
};

const otherWaits = ({process, tids}: LockFight): string | undefined => {
	const calls = new Map<string, number>();
	for (const {tid, waits} of process.threads) {
		for (const wait of tids.includes(tid) ? (waits ?? []) : []) {
			if (wait.kind !== 'running' && wait.kind !== 'futex' && wait.kind !== 'lock') {
				const call = wait.call ?? wait.kind;
				calls.set(call, (calls.get(call) ?? 0) + wait.percent);
			}
		}
	}

	return [...calls].sort((one, other) => other[1] - one[1])[0]?.[0];
};

const evidenceOf = (fights: readonly LockFight[], latest: Snapshot): Evidence[] => {
	const processes = fights.flatMap(processesIn);
	const [worst] = fights;
	const evidence: Evidence[] = [];
	if (worst!.by === 'turns') {
		evidence.push(...turnsEvidence(worst!, latest));
	} else if (worst!.by === 'team') {
		evidence.push(...teamEvidence(worst!, latest));
	} else if (worst!.by !== 'rates') {
		const seen = {
			lock: 'threads waiting for a lock, on average',
			futex: 'threads waiting without a time limit on one word, on average',
			semaphore: 'threads waiting for a semaphore that they share, on average',
			park: 'threads parked until somebody wakes them, on average',
			stack:
				"threads asleep that were seen in the runtime's function for taking a lock, on average",
		}[worst!.by];
		evidence.push(
			fact(
				seen,
				sum(fights, fight => fight.waiters),
				'threads',
				procFile(processes, 'task/*/syscall'),
			),
		);
	}

	evidence.push(...heldEvidence(worst!));
	const taking = fights.flatMap(({process, tids}) => threadsOf(process, tids));
	evidence.push(...whereEvidence('the lines that take it', taking, processes));
	const meanwhile = worst!.shape === 'asleep' ? otherWaits(worst!) : undefined;
	if (meanwhile !== undefined) {
		evidence.push(
			fact('the threads sleep meanwhile in', meanwhile, '', procFile(processes, 'task/*/syscall')),
		);
	}

	const switches = sum(processes, switchesOf);
	const cpu = sum(processes, process => orZero(process.cpuPercent));
	evidence.push(
		fact('switches, all threads', switches, '/s', procFile(processes, 'task/*/status')),
		fact('CPU used', cpu, '%', procFile(processes, 'task/*/schedstat')),
	);
	if (switches > 0) {
		evidence.push(
			fact(
				'CPU from one switch to the next',
				(cpu * 10_000) / switches,
				'µs',
				procFile(processes, 'task/*/schedstat'),
			),
		);
	}

	return evidence;
};

const nextOf = (fights: readonly LockFight[]): NextStep[] => {
	const [worst] = fights;
	const {process, by} = worst!;
	return [
		...(by === 'rates' || by === 'turns' || by === 'team' ? [asRoot(process.pid)] : []),
		stackStep(process, 'see which code takes the lock'),
		{
			what: 'see where it burns CPU: a spin before the sleep, or the work under the lock',
			command: `perf top -p ${process.pid}`,
			needs: 'root',
		},
	];
};

const toCandidate = (
	fights: readonly LockFight[],
	group: ProcessGroup,
	latest: Snapshot,
): Candidate => {
	const sorted = fights.toSorted((one, other) => other.waiters - one.waiters);
	const processes = sorted.flatMap(processesIn);
	return {
		subject: group.key,
		severity: severityOf(sorted),
		confidence: sorted.some(fight => fight.confidence === 'certain')
			? 'certain'
			: sorted[0]!.confidence,
		pid: processes[0]!.pid,
		pids: processes.map(process => process.pid),
		tids: sorted.flatMap(fight => fight.tids),
		title: titleOf(sorted, group),
		evidence: evidenceOf(sorted, latest),
		cost: costOf(processes),
		fixes: lockFixesOf(sorted, latest.host.cpus),
		next: nextOf(sorted),
	};
};

const explanation = `Lock contention: threads wait for one lock, again and again

What it is
  A convoy: the lock is held for a moment, but so many threads want it that it changes
  hands all the time, and each hand-over costs two switches: 10,000 to 100,000 a second.
  A hot lock: it is free again before the kernel has put to sleep who wants it. Few switches,
  but a call for each try, and half of the CPU in the kernel.
  A lock held for long: each holder computes, or sleeps on a disk, a socket or a timer,
  while it has the lock, and all others wait. CPUs may be idle meanwhile.
  Also a lock on a file (flock, fcntl), and a row lock of PostgreSQL.

How ctop knows
  The system call that a thread sleeps in tells: glibc waits for a mutex by futex WAIT with
  the value 2 and no time limit, for a rwlock by the values 2 and 3, and nothing idle does.
  From half a thread that waits on average, over three seconds. That is certain.
  Semaphores and locks of other kinds wait as idle pools do. They are told when three and
  more threads use one word, 5,000 switches a second and more, little CPU for each, and
  more threads want to run than there are CPUs: a pool in that state would not sleep.
  Python's locks are semaphores: three and more threads that take turns at one word.
  Locks that processes share (multiprocessing.Lock, PTHREAD_PROCESS_SHARED) are known by the
  place of their word in the shared memory, semop's by their set, and are told for all of the
  service's processes together. A semaphore is one where all but one wait for it, that one
  computes or sleeps of itself, each gets its turn, and nobody else of the service is at work
  who could hand out jobs by it: likely.
  Ruby's threads sleep each at a word of its own: stacks with rb_mutex_lock tell.
  Java's threads park each on a word of its own: the JVM's own tables tell which monitor or
  ReentrantLock each one wants, of what class it is, and which thread has it: certain.
  Another user's process, without root: threads that sleep and wake all the time and share
  one CPU evenly, wait for it as long as they have it, and leave another CPU idle; or a rate
  of switches that no healthy program is known to have; or thousands of sleeps a second by
  threads that nearly all want to run all the time; or threads that are all alike and can only
  have been woken by one another, since the machine received no packets, few timers ran out
  (/proc/interrupts) and nobody else woke as often, and that sleep though there is work for
  more of them than there are CPUs, work one at a time though a CPU is idle, or put one another
  aside at each wake though the machine rests. That is possible.

What does not fool it
  Pools at rest and at work, condition variables, event loops, servers with many switches.
  Threads that get work in bursts, such as for each frame: the same for each, at one beat.
  Threads that fight for Python's GIL are told as that, and those of libuv's pool that meet at
  the lock of its queue as a full pool. A lock that says whose turn it is to wait for the next
  connection: its holder is in accept or epoll_wait, as in Apache and uWSGI.

What /proc can't tell
  Of another user's process, a fair lock of Java or one that is held for a few microseconds:
  threads at a barrier or a small queue, or that pass one message on, have the same rates.
  Go's mutexes (its threads sleep as if idle: use pprof), spin locks (use perf).
  Whose turn it is with Python's locks and Ruby's: neither records who has it where ctop reads.
  The line of a Java thread that runs: HotSpot records where it is only when it leaves Java
  code (to sleep, to wait). Its row says 'running Java code: no frame recorded'.

How to fix it
  Hold it for less: no I/O, no logging, no allocation under a lock. Split it. Fewer threads.
  Readers that only look: copy on write, RCU, atomics. malloc: jemalloc or tcmalloc, arenas.
  PostgreSQL: end the transaction that holds the row, take rows in one order.

Further reading
  man 2 futex, man 3 pthread_mutex_lock, man 5 proc_locks, man 3 mallopt
`;

/** The threads of a pool that is never at rest meet at its queue's own lock: that follows from the jobs, and the pool is what is told. */
const isOfBusyPool = (fight: LockFight): boolean =>
	isOfLibuv(foughtLock(fight)?.name ?? '') && busyPoolOf(fight.process) !== undefined;

/** What processes share is told of all of them together. */
const isOneOf = (sharedIds: ReadonlySet<string | undefined>, fight: LockFight): boolean => {
	const sharedId = foughtLock(fight)?.sharedId;
	return sharedId !== undefined && sharedIds.has(sharedId);
};

/** Threads that wait for one lock, again and again. */
export const lockContention: Rule = {
	name: 'lock-contention',
	summary: 'threads wait for one lock again and again: a convoy, or a lock held for long',
	explanation,
	find: (moment: Moment) => {
		const {latest, groups} = moment;
		const inside = groups.flatMap(group => {
			const shared = sharedLockFightsOf(moment, group);
			const sharedIds = new Set(shared.map(fight => foughtLock(fight)?.sharedId));
			const ofEach = group.processes
				.flatMap(process => lockFightOf(moment, process, latest.host) ?? [])
				.filter(fight => !isOfBusyPool(fight) && !isOneOf(sharedIds, fight));
			const fights = [...shared, ...ofEach];
			return fights.length > 0 ? [toCandidate(fights, group, latest)] : [];
		});
		return [
			...inside,
			...fileLockWaits(moment),
			...moment.groups.flatMap(group => postgresLockWaits(group, moment)),
		];
	},
};
