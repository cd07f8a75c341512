import type {ClosedSet} from '../model/closed-set.js';
import type {DescriptorAccess} from '../procfs/fdinfo.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {
	circleThrough,
	closedAmong,
	closedFamilies,
	type Dependencies,
	pairAmong,
	wayTo,
} from '../waits/closure.js';
import {mayEndInsideOnly} from '../waits/inside-waits.js';
import type {ObjectHolder, ObjectHolders} from './object-holders.js';
import {mayBeHeldUnseen} from './unseen-holders.js';
import type {WaitNeeds} from './wait-needs.js';
import {createWorkBudget} from './work-budget.js';

/** Finds processes in which nobody is left to wake the others. What they have open is read once, while nothing of them moves. */
export type ClosedSets = {
	/** To be called once a tick, after the waits were read. */
	update(): void;
	/** As of the last update. */
	readonly found: readonly ClosedSet[];
};

export type ClosedSetParts = {
	processes: ReadonlyMap<number, ProcessEntry>;
	needsOf: (process: ProcessEntry) => WaitNeeds | undefined;
	holders: ObjectHolders;
};

/** What is known of a process as long as nothing of it moves; without needs: somebody outside may wake it. */
type Still = {threads: number; isRead: boolean; needs: WaitNeeds | undefined};

const millisecondsStill = 900;
/** Of one that was looked at before, and has moved since: those that rest between two pieces of work cost nothing. */
const millisecondsStillAgain = 10_000;
const millisecondsPerTick = 4;
/** All that rests is new then, and is looked for together. */
const atFirst = {ticks: 3, milliseconds: 20};

/** It is listed wherever other users' processes are; see hidepid in proc(5). */
const firstPid = 1;

const open: Still = {threads: 0, isRead: true, needs: undefined};

const ranAt = ({threads}: ProcessEntry): number => {
	let latest = 0;
	for (const {ranAtMilliseconds} of threads.values()) {
		latest = Math.max(latest, ranAtMilliseconds);
	}

	return latest;
};

/** Whether all its threads are in waits that may end inside only; undefined where some were not read yet. */
const isCandidate = ({threads}: ProcessEntry): boolean | undefined => {
	for (const {wait, settled} of threads.values()) {
		if (!settled || wait === undefined) {
			return undefined;
		}

		if (wait === null || !mayEndInsideOnly(wait)) {
			return false;
		}
	}

	return true;
};

const mayEnd = ({access}: ObjectHolder, wanted: DescriptorAccess): boolean =>
	wanted === 'both' || access === 'both' || access === wanted;

export const createClosedSets = ({processes, needsOf, holders}: ClosedSetParts): ClosedSets => {
	const budget = createWorkBudget(millisecondsPerTick, atFirst);
	const lookedAt = new WeakSet<ProcessEntry>();
	let still = new Map<ProcessEntry, Still>();
	let found: readonly ClosedSet[] = [];

	const forget = (process: ProcessEntry): void => {
		holders.forget(still.get(process)?.needs?.objects.keys() ?? []);
	};

	const begin = (process: ProcessEntry): Still | undefined => {
		const candidate = isCandidate(process);
		return candidate === undefined
			? undefined
			: {...open, threads: process.threads.size, isRead: !candidate};
	};

	/** Keeps those that have not moved, and takes up those that have just come to rest. */
	const updateStill = (): void => {
		const next = new Map<ProcessEntry, Still>();
		for (const process of processes.values()) {
			const {active, threads, kernelThread} = process;
			if (kernelThread || active || threads.size === 0) {
				continue;
			}

			const before = still.get(process);
			const now = before?.threads === threads.size ? before : begin(process);
			if (now) {
				next.set(process, now);
			}
		}

		for (const [process, before] of still) {
			if (next.get(process) !== before) {
				forget(process);
			}
		}

		still = next;
	};

	const readNeeds = (): void => {
		const now = performance.now();
		for (const [process, state] of still) {
			const least = lookedAt.has(process) ? millisecondsStillAgain : millisecondsStill;
			if (!state.isRead && now - ranAt(process) >= least && budget.mayBegin()) {
				state.needs = budget.spend(() => needsOf(process));
				state.isRead = true;
				lookedAt.add(process);
			}
		}
	};

	/** Who could end a wait at this by what it has of it. */
	const ableTo = (key: string, wanted: DescriptorAccess): readonly ObjectHolder[] =>
		holders.of(key)?.holders.filter(holder => mayEnd(holder, wanted)) ?? [];

	/** All that could end its waits; undefined where that is not known, or somebody may have been overlooked. */
	const endersOf = ({objects, pids}: WaitNeeds): ReadonlySet<number> | undefined => {
		const enders = new Set(pids);
		let isKnown = objects.size === 0 || processes.has(firstPid);
		// All are asked for, so that they are looked for together.
		for (const [key, wanted] of objects) {
			const who = holders.of(key);
			const able = ableTo(key, wanted);
			// Where nobody could, the wait would have ended: the one who can is out of sight.
			isKnown &&= who !== undefined && able.length > 0 && !mayBeHeldUnseen(who, processes);
			for (const {pid} of able) {
				enders.add(pid);
			}
		}

		return isKnown ? enders : undefined;
	};

	/** Those that are closed as far as they wait for each other's end: only of them it is worth looking for more. */
	const needsByPid = (): ReadonlyMap<number, WaitNeeds> => {
		const all = new Map<number, WaitNeeds>();
		for (const [{pid}, {needs}] of still) {
			if (needs) {
				all.set(pid, needs);
			}
		}

		const byEnds = closedAmong(new Map(Array.from(all, ([pid, {pids}]) => [pid, new Set(pids)])));
		return new Map([...all].filter(([pid]) => byEnds.has(pid)));
	};

	const dependenciesOf = (needs: ReadonlyMap<number, WaitNeeds>): Dependencies<number> => {
		const dependencies = new Map<number, ReadonlySet<number>>();
		for (const [pid, own] of needs) {
			const enders = endersOf(own);
			if (enders) {
				dependencies.set(pid, enders);
			}
		}

		return dependencies;
	};

	/** Who reads the pipes that it writes to. */
	const readersFor = ({objects}: WaitNeeds): readonly number[] =>
		[...objects].flatMap(([key, wanted]) =>
			wanted === 'read' ? ableTo(key, wanted).map(({pid}) => pid) : [],
		);

	/**
	Where several have a pipe, as children have that were forked later: who waits for the end of a child, and could meanwhile read the full pipe
	that this one, or whoever it waits for, writes to; or two that each write to a full pipe that the other could read.
	*/
	const fullPipeCircle = (
		pids: readonly number[],
		needs: ReadonlyMap<number, WaitNeeds>,
		dependencies: Dependencies<number>,
	): Pick<ClosedSet, 'circle' | 'otherReaders'> => {
		const readers = new Map(pids.map(pid => [pid, new Set(readersFor(needs.get(pid)!))]));
		const writersFor = (pid: number): ReadonlySet<number> =>
			new Set(pids.filter(other => other !== pid && readers.get(other)!.has(pid)));
		const ofParents = pids
			.filter(pid => needs.get(pid)!.pids.length > 0)
			.map(pid => wayTo(writersFor(pid), pid, dependencies));
		const circle = ofParents.find(way => way !== undefined) ?? pairAmong(pids, readers);
		const able = new Set(circle?.flatMap(pid => [...readers.get(pid)!]));
		const otherReaders = [...able].filter(pid => !circle?.includes(pid)).length;
		return {...(circle && {circle}), ...(otherReaders > 0 && {otherReaders})};
	};

	/** As libstdc++'s atomics, latches and semaphores wait, at words in private memory too. */
	const waitsAsIfShared = ({threads}: ProcessEntry): boolean =>
		[...threads.values()].some(({wait}) => wait?.futexShared === true);

	/** That all is private to a process shows in its waits; but of a thread alone not that no signal's handler may end its wait. */
	const showsInWaits = (pids: readonly number[]): boolean =>
		pids.some(pid => {
			const process = processes.get(pid)!;
			return process.threads.size > 1 && !waitsAsIfShared(process);
		});

	const describe = (
		pids: readonly number[],
		needs: ReadonlyMap<number, WaitNeeds>,
		dependencies: Dependencies<number>,
	): readonly ClosedSet[] => {
		const keys = new Set(pids.flatMap(pid => [...needs.get(pid)!.objects.keys()]));
		if (keys.size === 0 && showsInWaits(pids)) {
			return [];
		}

		const moved = Math.max(...pids.map(pid => ranAt(processes.get(pid)!)));
		const circle = circleThrough(pids, dependencies);
		return [
			{
				pids: pids.toSorted((a, b) => a - b),
				objects: keys.size,
				processesLookedThrough: Math.max(
					0,
					...[...keys].map(key => holders.of(key)?.processes ?? 0),
				),
				seconds: (performance.now() - moved) / 1000,
				...(circle ? {circle} : fullPipeCircle(pids, needs, dependencies)),
			},
		];
	};

	return {
		get found() {
			return found;
		},
		update() {
			budget.refill();
			updateStill();
			readNeeds();
			const needs = needsByPid();
			const dependencies = dependenciesOf(needs);
			found = closedFamilies(dependencies).flatMap(pids => describe(pids, needs, dependencies));
		},
	};
};
