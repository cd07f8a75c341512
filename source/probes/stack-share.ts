import {dutyFor, type LookCosts, leastDuty, stackChance} from './pace.js';

/** Chooses the threads whose stacks are read, by what they were measured to cost. */
export type StackShare = {
	readonly costs: LookCosts;
	/** Whether there is time for the stacks of all. */
	readonly isForAll: boolean;
	/** At a thread's first look: whether it is one of the first of its kind, which is the same for those that wait in alike places. */
	isRare(kind: string): boolean;
	/** At a look after which a stack would be welcome: whether it gets one. Chosen by lot, so that no thread is always passed over. */
	isItsTurn(): boolean;
	/** Such a look needed none: its stack was known. */
	pass(): void;
	/** A stack was read in so much time. */
	countStack(milliseconds: number): void;
	/** A round is over that took so much CPU for so many looks, at so many threads that ran lately among others. */
	endRound(usedMilliseconds: number, looks: number, movers: number): void;
};

/** Of alike ones so many tell whether they are. */
const stacksOfEachKind = 8;
/** Before anything was measured: what they take on a machine that is not the fastest. */
const presumed = {look: 0.02, stack: 0.15};
/** One that takes longer read tables that later ones find ready, or was kept from its CPU. */
const longestStack = 1;
const weightOfNewest = 0.2;

/** Rounds of fewer looks say as much less about what one takes. */
const looksThatTell = 100;

const mix = (before: number, newest: number, weight = weightOfNewest): number =>
	before + (newest - before) * weight;

export const createStackShare = (threads: number, random = Math.random): StackShare => {
	const costs = {
		...presumed,
		looksPerRound: threads,
		wantedPerRound: threads,
		duty: leastDuty,
	};
	const taken = new Map<string, number>();
	let chance = stackChance(costs);
	let wanted = 0;
	let stackMilliseconds = 0;
	let rounds = 0;
	return {
		costs,
		get isForAll() {
			return chance >= 1;
		},
		isRare(kind) {
			const count = (taken.get(kind) ?? 0) + 1;
			taken.set(kind, count);
			return count <= stacksOfEachKind;
		},
		isItsTurn() {
			wanted++;
			return random() < chance;
		},
		pass() {
			// Else there would be time for all of them, all at once, and then for none again.
			wanted++;
		},
		countStack(milliseconds) {
			stackMilliseconds += milliseconds;
			costs.stack = mix(costs.stack, Math.min(milliseconds, longestStack));
		},
		endRound(usedMilliseconds, looks, movers) {
			if (looks > 0) {
				const each = Math.max(0, usedMilliseconds - stackMilliseconds) / looks;
				const weight = weightOfNewest * Math.min(1, looks / looksThatTell);
				// The first round is no measure: it finds all threads new.
				costs.look = rounds === 0 ? costs.look : mix(costs.look, each, weight);
			}

			costs.looksPerRound = mix(costs.looksPerRound, looks);
			costs.wantedPerRound = mix(costs.wantedPerRound, wanted);
			// What was granted isn't taken back: it was spent.
			costs.duty = Math.max(costs.duty, dutyFor(movers, costs));
			chance = stackChance(costs);
			wanted = 0;
			stackMilliseconds = 0;
			rounds++;
		},
	};
};
