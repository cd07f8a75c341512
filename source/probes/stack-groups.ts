import type {StackGroup, StackPlace} from '../model/probe.js';
import type {LastRun} from './last-runs.js';
import {type LockOf, lockTitle} from './lock-words.js';
import type {Seen, ThreadTally} from './thread-tally.js';

const tidsTold = 20;
const namesTold = 3;
const groupsTold = 400;

export type StackGroupsParts = {
	tallies: readonly ThreadTally[];
	lockOf: LockOf;
	/** When the probe was over, in milliseconds since it began. */
	endMilliseconds: number;
	/** What threads ran at last, as far as perf saw them. */
	lastRuns: ReadonlyMap<number, LastRun>;
};

type Group = {
	place: Seen;
	asleep: Seen | undefined;
	lastRun: LastRun | undefined;
	members: ThreadTally[];
};

const identity = (place: Seen, lockOf: LockOf): string => {
	const {wait, stack, runtimeStack} = place;
	const lock = lockOf(place);
	// Of an interpreter's frames only what they run counts: it comes to the same call by different ways.
	return [
		wait.kind,
		wait.call ?? '',
		// Each with a condition of its own are in the same place all the same.
		lock === undefined ? '' : lockTitle(lock),
		runtimeStack === undefined ? stack?.names?.join('\n') : runtimeStack.join('\n'),
	].join('\0');
};

const commonNames = (names: readonly string[]): readonly string[] => {
	const counts = new Map<string, number>();
	for (const name of names) {
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}

	return [...counts]
		.sort(([, one], [, other]) => other - one)
		.slice(0, namesTold)
		.map(([name]) => name);
};

const placeOf = (
	{wait, futexKey, stack, runtimeStack}: Seen,
	lockOf: LockOf,
	secondsBeforeEnd: number,
): StackPlace => {
	const lock = lockOf({futexKey});
	return {
		wait: lock ? {...wait, lockId: lock.id} : wait,
		...(lock && {lock: lockTitle(lock)}),
		...(stack?.names && stack.names.length > 0 && {stack: stack.names}),
		...(runtimeStack && {runtimeStack}),
		secondsBeforeEnd,
	};
};

/** The longest of some times before the end. Milliseconds; seconds with three places. */
const longest = (milliseconds: readonly number[]): number =>
	Math.round(milliseconds.reduce((most, each) => Math.max(most, each), 0)) / 1000;

const collect = ({tallies, lockOf, lastRuns}: StackGroupsParts): Group[] => {
	const groups = new Map<string, Group>();
	for (const tally of tallies) {
		const {current: place, entry} = tally;
		if (!place || entry.dead) {
			continue;
		}

		const isRunning = place.wait.kind === 'running';
		const asleep = isRunning ? tally.asleep?.place : undefined;
		const lastRun = isRunning && !asleep ? lastRuns.get(entry.tid) : undefined;
		const key = [
			identity(place, lockOf),
			asleep ? identity(asleep, lockOf) : '',
			lastRun?.stack.join('\n') ?? '',
		].join('\0\0');
		const group = groups.get(key);
		if (group) {
			group.members.push(tally);
		} else {
			groups.set(key, {place, asleep, lastRun, members: [tally]});
		}
	}

	return [...groups.values()];
};

/**
Threads by where they were at the last look, the largest groups first: what `thread apply all bt` tells, without its repetitions. The
kernel tells the stacks of threads that sleep; those that run are told by where they slept last, else by what perf saw them run.
*/
export const stackGroups = (parts: StackGroupsParts): readonly StackGroup[] => {
	const {lockOf, endMilliseconds, lastRuns} = parts;
	const placeSeen = (
		place: Seen,
		members: readonly ThreadTally[],
		seenAt: (tally: ThreadTally) => number,
	): StackPlace =>
		placeOf(place, lockOf, longest(members.map(tally => endMilliseconds - seenAt(tally))));

	return collect(parts)
		.sort((a, b) => b.members.length - a.members.length)
		.slice(0, groupsTold)
		.map(
			({place, asleep, lastRun, members}): StackGroup => ({
				tids: members.slice(0, tidsTold).map(({entry}) => entry.tid),
				threadCount: members.length,
				names: commonNames(members.map(({entry}) => entry.name)),
				...placeSeen(place, members, ({lookedAt}) => lookedAt),
				...(asleep && {
					lastAsleep: placeSeen(asleep, members, tally => tally.asleep!.milliseconds),
				}),
				...(lastRun && {
					lastRun: {
						stack: lastRun.stack,
						secondsBeforeEnd: longest(
							members.map(({entry}) => lastRuns.get(entry.tid)!.secondsBeforeEnd * 1000),
						),
					},
				}),
			}),
		);
};
