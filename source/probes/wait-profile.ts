import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Lock} from '../model/lock.js';
import {probeBudget} from '../model/probe.js';
import {createAddressSpaces} from '../observer/address-spaces.js';
import {createFrameSources} from '../observer/frame-sources.js';
import {describeHost} from '../observer/host.js';
import {createJvmAttachments} from '../observer/jvm-attachments.js';
import {createOwnThreadIds} from '../observer/own-thread-ids.js';
import {createPythonProcesses} from '../observer/python-processes.js';
import {createRuntimeObserver} from '../observer/runtime-observer.js';
import {createWaitReader} from '../observer/wait-reader.js';
import {createWorkBudget} from '../observer/work-budget.js';
import {createPlaces} from '../symbols/places.js';
import {createProgramFiles} from '../symbols/program-file.js';
import {createStackReader} from '../symbols/stack-reader.js';
import {createSymbolSearch} from '../symbols/symbol-search.js';
import type {Target} from '../targets/target.js';
import type {RuntimeLook} from './cpu-profile.js';
import {
	countsSwitches,
	restAfterRound,
	restInFirstRound,
	restWithinBudget,
	type Spent,
	timeOfEnd,
	wholeTime,
} from './pace.js';
import {createProbeLocks} from './probe-locks.js';
import {createRuntimeStacks} from './runtime-stacks.js';
import {createSpending} from './spending.js';
import type {Subject} from './subject.js';
import {countSwitches, switchesReader} from './switches.js';
import type {ThreadTally} from './thread-tally.js';
import {createWaitSampler} from './wait-sampler.js';

/** What sampling the threads of a process gave, before it is told in tables. */
export type WaitProfile = {
	startedAt: string;
	seconds: number;
	/** When it ended, on the monotonic clock. */
	endSeconds: number;
	/** Looks at threads, all in all. */
	looks: number;
	ownCpuPercent: number;
	/** What it was allowed to take. */
	budgetPercent: number;
	tallies: readonly ThreadTally[];
	/** Threads that there was no time to look at. */
	unseen: number;
	runtimeLooks: readonly RuntimeLook[];
	locks: readonly Lock[];
	columnMilliseconds: number;
	/** How it ended before its time. */
	end: 'time' | 'ended' | 'cancelled';
	ranOtherProgram: boolean;
	/** Children that it has now more than at first. */
	newChildren: number;
};

export type WaitProfileOptions = {
	target: Target;
	subject: Subject;
	seconds: number;
	/** Told of how much of the time is over, from 0 to 1. */
	onProgress: (share: number) => void;
	/** Ends it early, with what was seen until then. */
	signal?: AbortSignal;
};

/** Others get a turn after so long. */
const millisecondsBetweenRests = 4;
const millisecondsBetweenChecks = 500;
/** Of the time between two checks so much may go into one. */
const shareOfChecks = 0.005;
const mostMillisecondsForSymbols = 10_000;
const millisecondsBetweenSymbols = 20;
/** A look in step with the program's own timers would always see the same. */
const jitter = 0.5;
const columns = 60;

/** Samples what every thread of a process waits for, with its lock and its stack, for some seconds and without stopping it. */
export const profileWaits = async ({
	target,
	subject,
	seconds,
	onProgress,
	signal,
}: WaitProfileOptions): Promise<WaitProfile> => {
	const began = performance.now();
	const clock = () => performance.now() - began;
	const spending = createSpending();
	const {architecture} = describeHost(target, 0);
	const spaces = createAddressSpaces(target.procRoot);
	const search = createSymbolSearch(spending.run);
	const files = createProgramFiles(target.procRoot, search);
	const places = createPlaces(files);
	const ids = createOwnThreadIds(target.procRoot);
	const pythons = createPythonProcesses(target.procRoot, spaces, ids, search);
	const attaching = createWorkBudget(Number.POSITIVE_INFINITY);
	const jvms = createJvmAttachments(target.procRoot, spaces, attaching);
	const frameSourceOf = createFrameSources({pythons, jvmOf: jvms.of, ids});
	const runtimes = createRuntimeObserver(target);
	spending.runOnce(() => {
		if (!subject.process.runtime) {
			runtimes.update(new Map([[subject.process.pid, subject.process]]));
		}

		subject.refreshThreads();
	});
	const waits = createWaitReader(subject.files, spaces, architecture);
	const readSwitches = switchesReader(`${target.procRoot}/${subject.pid}`);
	const columnMilliseconds = (seconds * 1000) / columns;
	const sampler = createWaitSampler({
		subject,
		architecture,
		spaces,
		waits,
		reader: createStackReader(files, places, architecture),
		columnMilliseconds,
		runtimeStacks: createRuntimeStacks(subject.process, frameSourceOf),
		readSwitches: entry =>
			countsSwitches(subject.process.threads.size, seconds) ? readSwitches(entry) : undefined,
	});
	const locks = createProbeLocks({architecture, subject, spaces, waits, places, ids, pythons});
	const startedAt = new Date().toISOString();
	const childrenAtFirst = spending.runOnce(subject.childCount);
	const wanted = seconds * 1000;
	let checkAt = millisecondsBetweenChecks;
	let checkMilliseconds = 0;
	let hasSeenAll = false;
	let end: WaitProfile['end'] = 'time';
	let ranOtherProgram = false;

	const spent = (): Spent => {
		const onceMilliseconds = spending.onceMilliseconds;
		const {usedMilliseconds} = spending;
		const {duty} = sampler;
		const endMilliseconds = timeOfEnd({
			threads: subject.process.threads.size,
			seconds,
			knowsNames: subject.knowsNames,
			checkMilliseconds,
		});
		const parts = {usedMilliseconds, onceMilliseconds, endMilliseconds, duty};
		return {
			...parts,
			elapsedMilliseconds: clock(),
			wholeMilliseconds: wholeTime(wanted, parts),
		};
	};

	const isOver = (): boolean => {
		const now = clock();
		const whole = Math.min(spent().wholeMilliseconds, wanted * probeBudget.mostTimesLonger);
		return now >= (hasSeenAll ? whole : wanted * probeBudget.mostTimesLonger);
	};

	/** Whether it is still there, and which threads it has now. */
	const check = (): boolean => {
		const condition = subject.condition();
		if (condition === 'ended') {
			return false;
		}

		if (condition === 'other-program' && !ranOtherProgram) {
			ranOtherProgram = true;
			sampler.forgetProgram();
			runtimes.update(new Map([[subject.process.pid, subject.process]]));
		}

		subject.refreshThreads();
		search.proceed();
		sampler.nameStacks();
		locks.update(sampler);
		return true;
	};

	/** False when it has ended. */
	const checkNowAndThen = (): boolean => {
		if (clock() < checkAt) {
			return true;
		}

		const result = spending.run(check);
		checkMilliseconds = spending.lastMilliseconds;
		checkAt = clock() + Math.max(millisecondsBetweenChecks, checkMilliseconds / shareOfChecks);
		return result;
	};

	/** Looks at all threads whose turn it is, with rests amidst as the budget asks for them; false when it has ended. */
	const runRound = async (): Promise<boolean> => {
		const work = sampler.round(clock);
		const isFirst = !hasSeenAll;
		const roundBegan = clock();
		let used = 0;
		for (;;) {
			const restedAt = performance.now();
			// The first look at each takes longer than all others, and comes once.
			const isDone = spending[isFirst ? 'runOnce' : 'run'](() => {
				let isThrough = false;
				while (!isThrough && performance.now() - restedAt < millisecondsBetweenRests) {
					isThrough = work.next().done === true;
				}

				return isThrough;
			});
			used += spending.lastMilliseconds;
			spending.run(locks.look);
			onProgress(Math.min(1, clock() / wanted));
			if (isDone) {
				hasSeenAll = true;
				sampler.endRound(used);
				return checkNowAndThen();
			}

			if (!checkNowAndThen()) {
				return false;
			}

			if (signal?.aborted || isOver()) {
				return true;
			}

			await sleep(
				isFirst ? restInFirstRound(used, clock() - roundBegan) : restWithinBudget(spent()),
			);
		}
	};

	while (!isOver()) {
		if (signal?.aborted) {
			end = 'cancelled';
			break;
		}

		const roundBegan = clock();
		if (!(await runRound())) {
			end = 'ended';
			break;
		}

		const state = spent();
		const pause =
			restAfterRound(clock() - roundBegan, state) * (1 + jitter * (Math.random() - 0.5));
		await sleep(Math.max(1, Math.min(pause, state.wholeMilliseconds - clock())));
	}

	const elapsed = clock();
	const endSeconds = Number(process.hrtime.bigint()) / 1e9;
	/** Rests until what was used and is to be used next is within the budget. */
	const afford = async (milliseconds = 0): Promise<void> => {
		const now = clock();
		const usedMilliseconds = spending.usedMilliseconds;
		const {duty} = sampler;
		const parts = {usedMilliseconds, onceMilliseconds: 0, endMilliseconds: milliseconds, duty};
		await sleep(wholeTime(now, parts) - now);
	};

	if (end !== 'ended') {
		spending.run(() => {
			sampler.finish(elapsed);
			countSwitches(sampler.tallies.values(), readSwitches);
		});
	}

	await afford(checkMilliseconds);
	spending.run(() => locks.update(sampler));
	while (spending.run(subject.readNames)) {
		await afford();
	}

	// Symbols are looked for in the background: those of a large program take a while.
	for (const since = performance.now(); performance.now() - since < mostMillisecondsForSymbols; ) {
		search.proceed();
		if (!spending.run(sampler.nameStacks)) {
			break;
		}

		await sleep(millisecondsBetweenSymbols);
		await afford();
	}

	await afford(checkMilliseconds);
	const seen = [...sampler.tallies.values()].filter(({looks}) => looks > 0);
	const found = spending.run(() => locks.finish(sampler));
	spaces.prune(() => false);
	return {
		startedAt,
		seconds: elapsed / 1000,
		endSeconds,
		looks: sampler.looks,
		ownCpuPercent: (spending.usedMilliseconds / clock()) * 100,
		budgetPercent: sampler.duty * 100,
		tallies: seen,
		unseen: sampler.tallies.size - seen.length,
		runtimeLooks: sampler.runtimeLooks,
		locks: found,
		columnMilliseconds,
		end: end !== 'ended' && subject.condition() === 'ended' ? 'ended' : end,
		ranOtherProgram,
		newChildren: Math.max(0, subject.childCount() - childrenAtFirst),
	};
};
