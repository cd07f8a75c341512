import type {AddressSpaces} from '../observer/address-spaces.js';
import type {WaitReader} from '../observer/wait-reader.js';
import {isGone} from '../procfs/descriptor.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {StackReader} from '../symbols/stack-reader.js';
import {createContention} from './contention.js';
import type {RuntimeLook} from './cpu-profile.js';
import {createMovers} from './movers.js';
import {isClose, restOfSleeper} from './pace.js';
import type {RuntimeStacks} from './runtime-stacks.js';
import {shuffled} from './shuffled.js';
import {createStackShare} from './stack-share.js';
import {createStackStore} from './stack-store.js';
import type {Subject} from './subject.js';
import type {ReadSwitches} from './switches.js';
import {createThreadLooker} from './thread-looker.js';
import {
	createThreadTally,
	credit,
	creditMove,
	creditRest,
	creditStill,
	isAsleepIn,
	isGlanceEnough,
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
	One look at each thread whose turn it is, with its stack as far as there is time for it; yields now and then. `clock`: milliseconds
	since the probe began.
	*/
	round(clock: () => number): Generator<void, void, void>;
	/** Share of one CPU that it may take: the more threads run, the more. */
	readonly duty: number;
	/** The round that was begun last is over and took so much CPU. */
	endRound(usedMilliseconds: number): void;
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
	/** Voluntary switches of a thread since it began; undefined when it is gone or there is no time to read them. */
	readSwitches: ReadSwitches;
};

/** A thread that didn't run for so many looks is asked no more whether it sleeps. */
const quietLooksToRest = 4;
const threadsBetweenYields = 16;
/** From one sleep to the next it runs once. */
const slicesOfMove = 1;
const buffer = Buffer.allocUnsafe(4096);
const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};

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
	const contention = createContention();
	const share = createStackShare(process.threads.size);
	const movers = createMovers(share.costs);
	let order: readonly ThreadTally[] = [];
	let orderVersion = -1;
	let looksAtBegin = 0;
	let rounds = 0;
	let looks = 0;

	const countLook = (place: Seen): void => {
		place.looks++;
		if (place.futexKey !== 0) {
			contention.count(place.futexKey);
		}
	};

	const note = (tally: ThreadTally, place: Seen, hasRun: boolean, now: number): void => {
		const {last, current, lookedAt} = tally;
		const slices = counters.slices - last.slices;
		countLook(place);
		place.arrivals += hasRun ? 1 : 0;
		if (last.runNanoseconds < 0) {
			Object.assign(tally.first, counters);
			tally.firstVoluntarySwitches = readSwitches(tally.entry);
		}

		Object.assign(last, counters);
		const isProven =
			!current && isAsleepIn(place) && subject.ranSince(tally.entry, counters) === false;
		const isKnown = isProven || isClose(now - lookedAt);
		tally.closelyKnownMilliseconds += isKnown ? now - lookedAt : 0;
		const hasMoved = hasRun && slices === slicesOfMove && isAsleepIn(current) && isAsleepIn(place);
		(hasMoved ? creditMove : credit)(tally, place, now, columnMilliseconds);
	};

	const rest = (tally: ThreadTally, isQuiet: boolean, now: number): void => {
		tally.quietLooks = isQuiet ? tally.quietLooks + 1 : 0;
		tally.entry.activeSweeps = isQuiet ? tally.entry.activeSweeps : tally.entry.activeSweeps + 1;
		tally.quietSince = isQuiet ? tally.quietSince : now;
		tally.dueAt = now + restOfSleeper(now - tally.quietSince, process.threads.size, share.costs);
	};

	/**
	Whether a thread that hasn't run since the last look still sleeps: one that was woken may wait for a CPU. Where there isn't time for
	all stacks nobody asks: that would take several times as long as the look.
	*/
	const isAsleepStill = ({quietLooks, entry}: ThreadTally): boolean =>
		!share.isForAll || quietLooks >= quietLooksToRest || looker.isAsleep(entry);

	/** Of a thread that was just found asleep. */
	const learnStack = (tally: ThreadTally): void => {
		const began = performance.now();
		const better = looker.withStack(tally);
		share.countStack(performance.now() - began);
		if (better) {
			learnPlace(tally, better);
		}
	};

	/** A thread that is where it was: its stack may not be known yet. */
	const lookAgain = (tally: ThreadTally, current: Seen, now: number): void => {
		tally.stillUntil = now;
		tally.stillLooks++;
		if (current.futexKey !== 0) {
			contention.count(current.futexKey);
		}

		rest(tally, true, now);
		if (current.stack === undefined && share.isItsTurn() && looker.isAsleep(tally.entry)) {
			learnStack(tally);
		}
	};

	/** A thread that is new, or that ran since. */
	const lookAnew = (tally: ThreadTally, hasRun: boolean, now: number): void => {
		const isNew = tally.current === undefined;
		if (isNew ? subject.ranSince(tally.entry, counters) : hasRun) {
			movers.add(tally);
		}

		const isWhole = share.isForAll && share.isItsTurn();
		const began = performance.now();
		const place = looker.place(tally, isWhole);
		if (place) {
			note(tally, place, hasRun, now);
		}

		rest(tally, false, now);
		if (isWhole) {
			share.countStack(performance.now() - began);
			return;
		}

		const isChosen = () => (isNew ? share.isRare(looker.waitKind()) : share.isItsTurn());
		if (place?.stack) {
			share.pass();
		} else if (isAsleepIn(place) && isChosen()) {
			learnStack(tally);
		}
	};

	/** A look at where it is alone, without its counters, which take nearly half of a look. */
	const glance = (tally: ThreadTally, now: number): void => {
		creditStill(tally, columnMilliseconds);
		const place = looker.place(tally, false);
		if (!place) {
			return;
		}

		looks++;
		tally.looks++;
		tally.glances++;
		countLook(place);
		tally.closelyKnownMilliseconds += isClose(now - tally.lookedAt) ? now - tally.lookedAt : 0;
		credit(tally, place, now, columnMilliseconds);
	};

	const look = (tally: ThreadTally, now: number): void => {
		// Where there isn't time for all stacks there isn't for all counters.
		if (!share.isForAll && isGlanceEnough(tally)) {
			glance(tally, now);
			return;
		}

		tally.glances = 0;
		const {entry, current, last} = tally;
		const length = files.read(entry, 'schedstatDescriptor', buffer, true);
		if (length < 0 || !parseSchedstat(buffer, length, counters)) {
			if (isGone(length)) {
				subject.remove(entry);
			}

			return;
		}

		looks++;
		tally.looks++;
		const hasRun = counters.slices !== last.slices || last.runNanoseconds < 0;
		if (!hasRun && current && isAsleepIn(current) && isAsleepStill(tally)) {
			lookAgain(tally, current, now);
		} else {
			creditStill(tally, columnMilliseconds);
			lookAnew(tally, hasRun, now);
		}
	};

	/** Whether it ran since the last look is read once more, so that it is known what it did until the end. */
	const lookLast = (tally: ThreadTally, now: number): void => {
		const {entry, current, last} = tally;
		const isRecent = isClose(now - Math.max(tally.lookedAt, tally.stillUntil));
		const length =
			isRecent || !current ? 0 : files.read(entry, 'schedstatDescriptor', buffer, false);
		if (length > 0 && parseSchedstat(buffer, length, counters)) {
			looks++;
			tally.looks++;
			if (counters.slices === last.slices && isAsleepIn(current)) {
				tally.stillUntil = now;
				tally.stillLooks++;
			}

			Object.assign(last, counters);
		}

		creditStill(tally, columnMilliseconds);
		tally.closelyKnownMilliseconds += isClose(now - tally.lookedAt) ? now - tally.lookedAt : 0;
		creditRest(tally, now, columnMilliseconds);
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
		get duty() {
			return share.costs.duty;
		},
		*round(clock) {
			rounds++;
			contention.beginRound();
			looksAtBegin = looks;
			looker.beginRound(process.threads.get(process.pid));
			if (orderVersion !== subject.version) {
				orderVersion = subject.version;
				const now = clock();
				order = shuffled(process.threads.values()).map(entry => tallyOf(entry, now));
			}

			let now = clock();
			let sinceYield = 0;
			for (const tally of order) {
				if (tally.dueAt > now || tally.entry.dead) {
					continue;
				}

				now = clock();
				look(tally, now);
				if (++sinceYield % threadsBetweenYields === 0) {
					for (const mover of movers.due(now)) {
						look(mover, now);
					}

					yield;
				}
			}

			stacks.release();
		},
		endRound(usedMilliseconds) {
			share.endRound(usedMilliseconds, looks - looksAtBegin, movers.size);
		},
		finish(now) {
			for (const tally of tallies.values()) {
				if (!tally.entry.dead) {
					lookLast(tally, now);
				}
			}
		},
		contendedPercent: contention.percent,
		nameStacks: stacks.name,
		forgetProgram() {
			process.generation++;
			stacks.forget();
		},
	};
};
