import {type FutexUse, type FutexWaiter, futexLockId} from '../locks/futex-locks.js';
import {withStack} from '../locks/lock-by-stack.js';
import type {Lock} from '../model/lock.js';
import type {AddressSpaces} from '../observer/address-spaces.js';
import {nameGil} from '../observer/gil-lock.js';
import {createGilObserver} from '../observer/gil-observer.js';
import {createLockNames} from '../observer/lock-names.js';
import {createLockObserver} from '../observer/lock-observer.js';
import {createMemberNames} from '../observer/member-names.js';
import type {OwnThreadIds} from '../observer/own-thread-ids.js';
import type {PythonProcesses} from '../observer/python-processes.js';
import type {WaitReader} from '../observer/wait-reader.js';
import {createWorkBudget} from '../observer/work-budget.js';
import type {Places} from '../symbols/places.js';
import {createHolderShares} from './holder-shares.js';
import type {Subject} from './subject.js';
import {type Seen, seenMilliseconds} from './thread-tally.js';
import type {WaitSampler} from './wait-sampler.js';

/** Names the locks that a probe saw threads wait for. */
export type ProbeLocks = {
	/** A quick look at who holds those that are known. */
	look(): void;
	/** Learns which futex words are waited on, so that their holders are looked at from now on. */
	update(sampler: WaitSampler): void;
	/** All that is known about them at the end, most waited for first, and the GIL among them. */
	finish(sampler: WaitSampler): readonly Lock[];
};

export type ProbeLocksParts = {
	architecture: string;
	subject: Subject;
	spaces: AddressSpaces;
	waits: WaitReader;
	places: Places;
	ids: OwnThreadIds;
	pythons: PythonProcesses;
};

/** Of the budget of a probe of some seconds; what there is no time for has its turn the next time. */
const millisecondsForWords = 20;
const locksTold = 50;
const mostWords = 300;

type Word = {address: number; waiters: FutexWaiter[]; places: Seen[]; most: number};

const wordsOf = (sampler: WaitSampler): ReadonlyMap<number, Word> => {
	const words = new Map<number, Word>();
	for (const tally of sampler.tallies.values()) {
		const all = seenMilliseconds(tally);
		for (const place of tally.places.values()) {
			if (place.futexKey === 0 || all === 0) {
				continue;
			}

			let word = words.get(place.futexKey);
			if (!word) {
				word = {address: place.futexKey, waiters: [], places: [], most: 0};
				words.set(place.futexKey, word);
			}

			const percent = (place.milliseconds / all) * 100;
			word.places.push(place);
			const known = word.waiters.at(-1);
			if (known?.tid === tally.entry.tid && known.wait.futexAddress === place.wait.futexAddress) {
				known.percent += percent;
			} else {
				word.waiters.push({tid: tally.entry.tid, wait: place.wait, percent});
			}

			word.most = Math.max(word.most, percent);
		}
	}

	return words;
};

/** Of thousands of words, as where each thread has one of its own to sleep at, those that most threads wait at. */
const mostUsed = (words: readonly Word[]): readonly Word[] =>
	words.length <= mostWords
		? words
		: [...words].sort((a, b) => b.waiters.length - a.waiters.length).slice(0, mostWords);

/** By the stack that most of the waiting was seen in, of those that were read. */
const refine = (lock: Lock, places: readonly Seen[]): Lock =>
	withStack(
		lock,
		places.filter(({stack}) => stack).sort((a, b) => b.milliseconds - a.milliseconds)[0]?.stack
			?.names,
	);

export const createProbeLocks = ({
	architecture,
	subject,
	spaces,
	waits,
	places,
	ids,
	pythons,
}: ProbeLocksParts): ProbeLocks => {
	const {process, table} = subject;
	const budget = createWorkBudget(millisecondsForWords);
	const names = createLockNames(spaces, places);
	const observer = createLockObserver({
		architecture,
		spaces,
		names,
		members: createMemberNames(spaces, places),
		waits,
		ids,
		threads: table.threads,
		budget,
		postpone() {},
	});
	const gils = createGilObserver(pythons);
	const shares = createHolderShares();

	let words: ReadonlyMap<number, Word> = new Map();
	let wordsAt = -1;

	const observe = (sampler: WaitSampler) => {
		if (wordsAt !== sampler.looks) {
			words = wordsOf(sampler);
			wordsAt = sampler.looks;
		}

		const uses: FutexUse[] = mostUsed([...words.values()]).map(({address, waiters, most}) => ({
			address,
			waiters,
			contendedPercent: Math.min(100, Math.max(most, sampler.contendedPercent(address))),
		}));
		budget.refill();
		observer.beginTick();
		gils.beginTick();
		process.active = true;
		const gil = gils.observe(process, uses, true);
		const locks = nameGil(observer.locksOf(process, uses), gil);
		shares.add(locks);
		return locks;
	};

	return {
		look() {
			observer.look();
			gils.look();
		},
		update: sampler => void observe(sampler),
		finish(sampler) {
			const locks = observe(sampler);
			const told = locks.slice(0, locksTold);
			const ids = new Set(told.map(({id}) => id));
			const byId = new Map(
				[...words]
					.map(([key, {places}]) => [futexLockId(key), places] as const)
					.filter(([id]) => ids.has(id)),
			);
			return told.map(lock => refine(shares.applyTo(lock), byId.get(lock.id) ?? []));
		},
	};
};
