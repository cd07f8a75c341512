import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Lock} from '../model/lock.js';
import {createAddressSpaces} from '../observer/address-spaces.js';
import {createFrameSources} from '../observer/frame-sources.js';
import {describeHost} from '../observer/host.js';
import {createJvmAttachments} from '../observer/jvm-attachments.js';
import {createOwnThreadIds} from '../observer/own-thread-ids.js';
import {createPythonProcesses} from '../observer/python-processes.js';
import {createRuntimeObserver} from '../observer/runtime-observer.js';
import {createWaitReader} from '../observer/wait-reader.js';
import {createWorkBudget} from '../observer/work-budget.js';
import {readText} from '../procfs/read-text.js';
import {runInSlices} from '../sampler/time-slices.js';
import {createPlaces} from '../symbols/places.js';
import {createProgramFiles} from '../symbols/program-file.js';
import {createStackReader} from '../symbols/stack-reader.js';
import {createSymbolSearch} from '../symbols/symbol-search.js';
import type {Target} from '../targets/target.js';
import type {RuntimeLook} from './cpu-profile.js';
import {createProbeLocks} from './probe-locks.js';
import {createRuntimeStacks} from './runtime-stacks.js';
import type {Subject} from './subject.js';
import type {ThreadTally} from './thread-tally.js';
import {createWaitSampler} from './wait-sampler.js';

/** What sampling the threads of a process gave, before it is told in tables. */
export type WaitProfile = {
	startedAt: string;
	seconds: number;
	/** Looks at threads, all in all. */
	looks: number;
	ownCpuPercent: number;
	tallies: readonly ThreadTally[];
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

/** Share of one CPU that the looks may take. */
const duty = 0.1;
const shortestMilliseconds = 10;
const longestMilliseconds = 50;
/** With very many threads that all run: better seldom than expensive. */
const mostMilliseconds = 500;
const leastRounds = 2;
const millisecondsBetweenChecks = 500;
const mostMillisecondsForSymbols = 10_000;
const millisecondsBetweenSymbols = 20;
/** A look in step with the program's own timers would always see the same. */
const jitter = 0.5;
const columns = 60;

const ownCpuMilliseconds = (): number => {
	const {user, system} = process.cpuUsage();
	return (user + system) / 1000;
};

/** Voluntary switches of a thread since it began; undefined when it is gone. */
const voluntarySwitches = (folder: string, tid: number): number | undefined => {
	const text = readText(`${folder}/task/${tid}/status`);
	const found = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(text ?? '')?.[1];
	return found === undefined ? undefined : Number(found);
};

/** Samples what every thread of a process waits for, with its lock and its stack, for some seconds and without stopping it. */
export const profileWaits = async ({
	target,
	subject,
	seconds,
	onProgress,
	signal,
}: WaitProfileOptions): Promise<WaitProfile> => {
	const {architecture} = describeHost(target, 0);
	const spaces = createAddressSpaces(target.procRoot);
	const search = createSymbolSearch();
	const files = createProgramFiles(target.procRoot, search);
	const places = createPlaces(files);
	const ids = createOwnThreadIds(target.procRoot);
	const pythons = createPythonProcesses(target.procRoot, spaces, ids, search);
	const attaching = createWorkBudget(Number.POSITIVE_INFINITY);
	const jvms = createJvmAttachments(target.procRoot, spaces, attaching);
	const frameSourceOf = createFrameSources({pythons, jvmOf: jvms.of, ids});
	const runtimes = createRuntimeObserver(target);
	runtimes.update(new Map([[subject.process.pid, subject.process]]));
	const waits = createWaitReader(subject.files, spaces, architecture);
	const columnMilliseconds = (seconds * 1000) / columns;
	const sampler = createWaitSampler({
		subject,
		architecture,
		spaces,
		waits,
		reader: createStackReader(files, places, architecture),
		columnMilliseconds,
		runtimeStacks: createRuntimeStacks(subject.process, frameSourceOf),
	});
	const locks = createProbeLocks({architecture, subject, spaces, waits, places, ids, pythons});
	const folder = `${target.procRoot}/${subject.pid}`;
	const startedAt = new Date().toISOString();
	const began = performance.now();
	const clock = () => performance.now() - began;
	const milliseconds = seconds * 1000;
	const childrenAtFirst = subject.childCount();
	let checkedAt = Number.NEGATIVE_INFINITY;
	let end: WaitProfile['end'] = 'time';
	let ranOtherProgram = false;
	let busy = 0;

	const countSwitches = (isFirst: boolean): void => {
		for (const tally of sampler.tallies.values()) {
			if (isFirst ? tally.firstVoluntarySwitches === undefined : !tally.entry.dead) {
				const count = voluntarySwitches(folder, tally.entry.tid);
				tally.voluntarySwitches = count;
				tally.firstVoluntarySwitches ??= count;
			}
		}
	};

	/** False when it has ended. */
	const check = (): boolean => {
		checkedAt = clock();
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
		countSwitches(true);
		search.proceed();
		sampler.nameStacks();
		locks.update(sampler);
		return true;
	};

	// The time between two looks is what is told: with very many threads the first round alone may take all of it.
	for (let rounds = 0; clock() < milliseconds || rounds < leastRounds; rounds++) {
		if (signal?.aborted) {
			end = 'cancelled';
			break;
		}

		// CPU, not time: on a machine that is overloaded a round takes long and costs little.
		const usedBefore = ownCpuMilliseconds();
		await runInSlices(sampler.round(clock));
		const took = ownCpuMilliseconds() - usedBefore;
		busy += took;
		locks.look();
		onProgress(Math.min(1, clock() / milliseconds));
		if (clock() - checkedAt > millisecondsBetweenChecks && !check()) {
			end = 'ended';
			break;
		}

		// The first round reads symbols and tables that later ones find ready.
		const wanted = rounds === 0 ? 0 : took / duty;
		const pause = Math.min(
			mostMilliseconds,
			Math.max(wanted, wanted > longestMilliseconds ? longestMilliseconds : shortestMilliseconds),
		);
		await sleep(Math.max(1, pause * (1 + jitter * (Math.random() - 0.5))));
	}

	const elapsed = clock();
	if (end !== 'ended') {
		countSwitches(false);
	}

	// Symbols are looked for in the background: those of a large program take a while.
	locks.update(sampler);
	for (const since = performance.now(); performance.now() - since < mostMillisecondsForSymbols; ) {
		search.proceed();
		if (!sampler.nameStacks()) {
			break;
		}

		await sleep(millisecondsBetweenSymbols);
	}

	const found = locks.finish(sampler);
	spaces.prune(() => false);
	return {
		startedAt,
		seconds: elapsed / 1000,
		looks: sampler.looks,
		ownCpuPercent: (busy / elapsed) * 100,
		tallies: [...sampler.tallies.values()],
		runtimeLooks: sampler.runtimeLooks,
		locks: found,
		columnMilliseconds,
		end: end !== 'ended' && subject.condition() === 'ended' ? 'ended' : end,
		ranOtherProgram,
		newChildren: Math.max(0, subject.childCount() - childrenAtFirst),
	};
};
