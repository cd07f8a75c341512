import type {Evidence} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {idlePercentButForUs} from './idle-cpus.js';
import type {LockFight} from './lock-fight-parts.js';
import {fact, procFile} from './parts.js';
import {orZero, sum} from './thread-facts.js';
import {threadsOf} from './where.js';
import {plural} from './words.js';

/** One at a time, though there is room for more. */
export const turnsEvidence = ({process, tids}: LockFight, latest: Snapshot): Evidence[] => {
	const threads = threadsOf(process, tids);
	const source = procFile([process], 'task/*/schedstat');
	return [
		fact(
			`CPU that ${plural(tids.length, 'thread')} get together: one at a time`,
			sum(threads, thread => orZero(thread.cpuPercent)),
			'%',
			source,
		),
		fact(
			'threads that wait for that CPU, on average',
			sum(threads, thread => orZero(thread.runQueueWaitPercent)) / 100,
			'threads',
			source,
		),
		fact('CPUs idle but for ctop', idlePercentButForUs(latest) ?? 0, '% of all', '/proc/stat'),
	];
};

/** Nobody but they themselves, and nothing that tells what they wait for. */
export const teamEvidence = (fight: LockFight, latest: Snapshot): Evidence[] => {
	const {process, tids, outside} = fight;
	const threads = threadsOf(process, tids);
	return [
		fact(
			`wakes of ${plural(tids.length, 'thread')} that all do the same`,
			sum(threads, thread => orZero(thread.voluntarySwitchesPerSecond)),
			'/s',
			procFile([process], 'task/*/status'),
		),
		fact(
			'timers that ran out on the machine, ticks among them',
			outside?.timers ?? 0,
			'/s',
			'/proc/interrupts',
		),
		fact(
			'packets that the machine received',
			outside?.packets ?? 0,
			'/s',
			'/proc/net/softnet_stat',
		),
		fact('wakes of all other threads', outside?.others ?? 0, '/s', '/proc/*/task/*/status'),
		fact('CPUs idle but for ctop', idlePercentButForUs(latest) ?? 0, '% of all', '/proc/stat'),
		fact('what they wait for', 'refused by the kernel', '', procFile([process], 'task/*/syscall')),
	];
};
