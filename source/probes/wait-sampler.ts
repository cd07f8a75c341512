import type {AddressSpaces} from '../observer/address-spaces.js';
import type {WaitReader} from '../observer/wait-reader.js';
import {isGone} from '../procfs/descriptor.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {StackReader} from '../symbols/stack-reader.js';
import type {RuntimeLook} from './cpu-profile.js';
import type {RuntimeStacks} from './runtime-stacks.js';
import {createStackShare} from './stack-share.js';
import {createStackStore} from './stack-store.js';
import type {Subject} from './subject.js';
import {createThreadLooker} from './thread-looker.js';
import {
	createThreadTally,
	credit,
	creditMove,
	creditRest,
	learnPlace,
	type Seen,
	type ThreadTally,
} from './thread-tally.js';

/** Looks at the threads of one process, round by round. */
export type WaitSampler = {
	readonly tallies: ReadonlyMap<ThreadEntry, ThreadTally>;
	/** Looks at what threads ran in their runtime's code, in order of time. */
	readonly runtimeLooks: readonly RuntimeLook[];
	/** Looks so far, at all threads. */
	readonly looks: number;
	/**
	One look at each thread whose turn it is, of a crowd mostly at its wait alone; yields now and then the share of the threads that it is
	through with. `clock`: milliseconds since the probe began.
	*/
	round(clock: () => number, isCrowd: boolean): Generator<number, void, void>;
	/** The probe is over: what threads were seen in last was theirs until then. */
	finish(now: number): void;
	/** Share of rounds in which a thread was seen to wait at a futex word, by its key. */
	contendedPercent(key: number): number;
	/** Takes the symbols that were found meanwhile; whether some are still looked for. */
	nameStacks(): boolean;
	/** It runs another program: nothing that was learnt about its memory holds. */
	forgetProgram(): void;
};

export type WaitSamplerParts = {
	subject: Subject;
	architecture: string;
	spaces: AddressSpaces;
	waits: WaitReader;
	reader: StackReader;
	columnMilliseconds: number;
	runtimeStacks: RuntimeStacks;
	/** Voluntary switches of a thread since it began; undefined when it is gone. Not asked for those of a crowd. */
	readSwitches: (entry: ThreadEntry) => number | undefined;
};

/** A thread that didn't run for so many looks needs no proof that it sleeps. */
const quietLooksToRest = 4;
/** It is looked at less often the longer it sleeps: what it goes to next is seen late by no more than a part of that. */
const quietLooksOfRest = 4;
/** A thread that rests is looked at in each so manieth round: what it did meanwhile is known as long as it didn't run. */
const mostRoundsOfRest = 8;
const threadsBetweenYields = 16;
/** From one sleep to the next it runs once. */
const slicesOfMove = 1;
const buffer = Buffer.allocUnsafe(4096);
const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};

const isAsleepIn = (place: Seen | undefined): boolean =>
	place !== undefined && place.wait.kind !== 'running';

export const createWaitSampler = ({
	subject,
	architecture,
	spaces,
	waits,
	reader,
	columnMilliseconds,
	runtimeStacks,
	readSwitches,
}: WaitSamplerParts): WaitSampler => {
	const {process, files} = subject;
	const tallies = new Map<ThreadEntry, ThreadTally>();
	const stacks = createStackStore(process, spaces, reader);
	const looker = createThreadLooker({files, architecture, waits, stacks, runtimeStacks});
	const contended = new Map<number, {rounds: number; lastRound: number}>();
	const share = createStackShare();
	let rounds = 0;
	let looks = 0;

	const countContended = (key: number): void => {
		const known = contended.get(key);
		if (!known) {
			contended.set(key, {rounds: 1, lastRound: rounds});
		} else if (known.lastRound !== rounds) {
			known.rounds++;
			known.lastRound = rounds;
		}
	};

	const note = (
		tally: ThreadTally,
		place: Seen,
		{hasRun, isCrowd}: {hasRun: boolean; isCrowd: boolean},
		now: number,
	): void => {
		const {last, current} = tally;
		const slices = counters.slices - last.slices;
		place.looks++;
		place.arrivals += hasRun ? 1 : 0;
		if (last.runNanoseconds < 0) {
			Object.assign(tally.first, counters);
			tally.firstVoluntarySwitches = isCrowd ? undefined : readSwitches(tally.entry);
		}

		Object.assign(last, counters);
		const hasMoved = hasRun && slices === slicesOfMove && isAsleepIn(current) && isAsleepIn(place);
		(hasMoved ? creditMove : credit)(tally, place, now, columnMilliseconds);
		if (place.futexKey !== 0) {
			countContended(place.futexKey);
		}
	};

	const rest = (tally: ThreadTally, isQuiet: boolean, isCrowd: boolean): void => {
		tally.quietLooks = isQuiet ? tally.quietLooks + 1 : 0;
		tally.entry.activeSweeps = isQuiet ? tally.entry.activeSweeps : tally.entry.activeSweeps + 1;
		// Rounds over a crowd take long.
		const wait = isCrowd ? 1 : Math.floor(tally.quietLooks / quietLooksOfRest);
		tally.dueRound = rounds + Math.max(1, Math.min(wait, mostRoundsOfRest));
	};

	/**
	Whether a thread that hasn't run since the last look still sleeps: one that was woken may wait for a CPU. Of a crowd nobody asks: that
	would take as long again.
	*/
	const isAsleepStill = ({quietLooks, entry}: ThreadTally, isCrowd: boolean): boolean =>
		isCrowd || quietLooks >= quietLooksToRest || looker.isAsleep(entry);

	/** Of a thread that was just found asleep. */
	const learnStack = (tally: ThreadTally): void => {
		const better = looker.withStack(tally);
		if (better) {
			learnPlace(tally, better);
		}
	};

	/** A thread that is where it was: its stack may not be known yet. */
	const lookAgain = (tally: ThreadTally, current: Seen, now: number, isCrowd: boolean): void => {
		note(tally, current, {hasRun: false, isCrowd}, now);
		rest(tally, true, isCrowd);
		if (current.stack === undefined && share.isItsTurn() && looker.isAsleep(tally.entry)) {
			learnStack(tally);
		}
	};

	/** A thread that is new, or that ran since. */
	const lookAnew = (tally: ThreadTally, hasRun: boolean, now: number, isCrowd: boolean): void => {
		const isNew = tally.current === undefined;
		const place = looker.place(tally, !isCrowd);
		if (place) {
			note(tally, place, {hasRun, isCrowd}, now);
		}

		rest(tally, false, isCrowd);
		if (isCrowd && place && place.wait.kind !== 'running') {
			const isChosen = isNew ? share.isRare(looker.waitKind()) : share.isItsTurn();
			if (isChosen) {
				learnStack(tally);
			}
		}
	};

	const look = (tally: ThreadTally, now: number, isCrowd: boolean): void => {
		const {entry, current, last} = tally;
		const length = files.read(entry, 'schedstatDescriptor', buffer, true);
		if (length < 0 || !parseSchedstat(buffer, length, counters)) {
			if (isGone(length)) {
				subject.table.remove(entry);
			}

			return;
		}

		looks++;
		tally.looks++;
		const hasRun = counters.slices !== last.slices || last.runNanoseconds < 0;
		if (!hasRun && current && isAsleepIn(current) && isAsleepStill(tally, isCrowd)) {
			lookAgain(tally, current, now, isCrowd);
		} else {
			lookAnew(tally, hasRun, now, isCrowd);
		}
	};

	/** Those of new threads begin now; the others were there when the probe began. */
	const tallyOf = (entry: ThreadEntry, now: number): ThreadTally => {
		let tally = tallies.get(entry);
		if (!tally) {
			tally = createThreadTally(entry, rounds === 1 ? 0 : now);
			tallies.set(entry, tally);
		}

		return tally;
	};

	return {
		tallies,
		runtimeLooks: looker.runtimeLooks,
		get looks() {
			return looks;
		},
		*round(clock, isCrowd) {
			rounds++;
			looker.beginRound(process.threads.get(process.pid));
			const all = process.threads.size;
			let through = 0;
			let sinceYield = 0;
			for (const entry of process.threads.values()) {
				const now = clock();
				const tally = tallyOf(entry, now);
				through++;
				if (tally.dueRound <= rounds) {
					look(tally, now, isCrowd);
					if (++sinceYield % threadsBetweenYields === 0) {
						yield through / all;
					}
				}
			}

			stacks.release();
		},
		finish(now) {
			for (const tally of tallies.values()) {
				if (!tally.entry.dead) {
					creditRest(tally, now, columnMilliseconds);
				}
			}
		},
		contendedPercent: key => ((contended.get(key)?.rounds ?? 0) / Math.max(1, rounds)) * 100,
		nameStacks: stacks.name,
		forgetProgram() {
			process.generation++;
			stacks.forget();
		},
	};
};
