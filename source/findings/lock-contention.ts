import {countText} from '../model/count-text.js';
import type {Evidence, NextStep, Severity} from '../model/finding.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import {fileLockWaits} from './file-lock-waits.js';
import type {ProcessGroup} from './group.js';
import {teamEvidence, turnsEvidence} from './hidden-fight-evidence.js';
import {busyPoolOf, isOfLibuv} from './libuv-pool.js';
import {lockContentionExplanation} from './lock-contention-explanation.js';
import {lockFightOf} from './lock-fight.js';
import {foughtLock, type LockFight, processesIn, type Shape} from './lock-fight-parts.js';
import {lockFixesOf} from './lock-fixes.js';
import {asRoot, costOf, fact, ofProcesses, procFile, stackStep, threadText} from './parts.js';
import {postgresLockWaits} from './postgres-locks.js';
import {retriedLockWaits} from './retried-lock-waits.js';
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
	explanation: lockContentionExplanation,
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
			...retriedLockWaits(moment),
			...moment.groups.flatMap(group => postgresLockWaits(group, moment)),
		];
	},
};
