import type {StackGroup} from '../model/probe.js';
import {type LockOf, lockTitle} from './lock-words.js';
import type {Seen, ThreadTally} from './thread-tally.js';

const tidsTold = 20;
const namesTold = 3;
const groupsTold = 400;

const identity = ({wait, stack, runtimeStack, futexKey}: Seen): string =>
	// Of an interpreter's frames only what they run counts: it comes to the same call by different ways.
	[
		wait.kind,
		wait.call ?? '',
		futexKey,
		runtimeStack === undefined ? stack?.names?.join('\n') : runtimeStack.join('\n'),
	].join('\0');

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

/** Threads by where they were at the last look, the largest groups first: what `thread apply all bt` tells, without its repetitions. */
export const stackGroups = (
	tallies: readonly ThreadTally[],
	lockOf: LockOf,
): readonly StackGroup[] => {
	const groups = new Map<string, {place: Seen; members: ThreadTally[]}>();
	for (const tally of tallies) {
		const {current: place, entry} = tally;
		if (!place || entry.dead) {
			continue;
		}

		const key = identity(place);
		const group = groups.get(key);
		if (group) {
			group.members.push(tally);
		} else {
			groups.set(key, {place, members: [tally]});
		}
	}

	return [...groups.values()]
		.sort((a, b) => b.members.length - a.members.length)
		.slice(0, groupsTold)
		.map(({place, members}): StackGroup => {
			const lock = lockOf(place);
			const {wait, stack, runtimeStack} = place;
			return {
				tids: members.slice(0, tidsTold).map(({entry}) => entry.tid),
				threadCount: members.length,
				names: commonNames(members.map(({entry}) => entry.name)),
				wait: lock ? {...wait, lockId: lock.id} : wait,
				...(lock && {lock: lockTitle(lock)}),
				...(stack?.names && {stack: stack.names}),
				...(runtimeStack && {runtimeStack}),
			};
		});
};
