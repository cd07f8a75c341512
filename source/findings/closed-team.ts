import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {isHousekeeping} from './runtime-waits.js';
import {medianOf, orZero, switchesOf, wakesOf} from './thread-facts.js';

/** Of a thread beside the team: one that feeds it, or a scheduler's own, wakes more often or works more. */
const bystander = {wakesPerSecond: 30, cpuPercent: 3};

/**
From the median of the team. Who hands work out to three and more wakes as often as they do together. Measured in fights: up to 2.4 times
more and, with Java's locks, which let some in before others, 3.5 times less.
*/
const mostTimes = {wakesMore: 2.6, wakesLess: 5, cpu: 3, putAside: 3};

/** Below these they are as good as equal. */
const little = {cpuPercent: 1, putAside: 10};

const cpuOf = (thread: Thread): number => orZero(thread.cpuPercent) + little.cpuPercent;

const putAsideOf = (thread: Thread): number =>
	orZero(thread.involuntarySwitchesPerSecond) + little.putAside;

/**
The threads of a process that do all of its work, where all of them behave alike: nobody among them or beside them hands work out to
the others. Empty where somebody does, or where they are fewer or more than asked for. A virtual machine's own threads don't count.
*/
export const closedTeamOf = (
	process: Process,
	fewest: number,
	most = Number.POSITIVE_INFINITY,
): readonly Thread[] => {
	const active = process.threads.filter(
		thread =>
			(wakesOf(thread) >= bystander.wakesPerSecond ||
				orZero(thread.cpuPercent) >= bystander.cpuPercent ||
				switchesOf(thread) >= bystander.wakesPerSecond * 2) &&
			!isHousekeeping(process, thread),
	);
	if (active.length < fewest || active.length > most) {
		return [];
	}

	const isNear = (own: number, middle: number, more: number, less = more): boolean =>
		own * less >= middle && own <= middle * more;
	const wakes = medianOf(active, wakesOf);
	const cpu = medianOf(active, cpuOf);
	const putAside = medianOf(active, putAsideOf);
	const isLikeOthers = (thread: Thread): boolean =>
		isNear(wakesOf(thread), wakes, mostTimes.wakesMore, mostTimes.wakesLess) &&
		isNear(cpuOf(thread), cpu, mostTimes.cpu) &&
		isNear(putAsideOf(thread), putAside, mostTimes.putAside);
	return active.every(isLikeOthers) ? active : [];
};
