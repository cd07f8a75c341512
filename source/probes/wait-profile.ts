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
import type {ThreadEntry} from '../sampler/task-entry.js';
import {createPlaces} from '../symbols/places.js';
import {createProgramFiles} from '../symbols/program-file.js';
import {createStackReader} from '../symbols/stack-reader.js';
import {createSymbolSearch} from '../symbols/symbol-search.js';
import type {Target} from '../targets/target.js';
import type {RuntimeLook} from './cpu-profile.js';
import {isCrowd, restAfterRound, restInRound} from './pace.js';
import {createProbeLocks} from './probe-locks.js';
import {createRuntimeStacks} from './runtime-stacks.js';
import type {Subject} from './subject.js';
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

/** Each thread is seen, also where the machine is so busy that this takes longer than it should; and what moves is seen to. */
const leastRounds = (isCrowded: boolean): number => (isCrowded ? 1 : 2);
/** Others get a turn after so long. */
const millisecondsBetweenRests = 8;
const millisecondsBetweenChecks = 500;
/** Of the time between two checks of a crowd so much may go into one. */
const shareOfChecks = 0.03;
const mostMillisecondsForSymbols = 10_000;
const millisecondsBetweenSymbols = 20;
/** A look in step with the program's own timers would always see the same. */
const jitter = 0.5;
const columns = 60;

const ownCpuMilliseconds = (): number => {
	const {user, system} = process.cpuUsage();
	return (user + system) / 1000;
};

/** Reads the voluntary switches of a thread since it began; undefined when it is gone. */
const switchesReader = (folder: string) => (entry: ThreadEntry) => {
	const text = readText(`${folder}/task/${entry.tid}/status`);
	const found = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(text ?? '')?.[1];
	return found === undefined ? undefined : Number(found);
};

/** Voluntary switches in the end, of those whose switches are known from the beginning. */
const countSwitches = (
	tallies: Iterable<ThreadTally>,
	read: ReturnType<typeof switchesReader>,
): void => {
	for (const tally of tallies) {
		if (!tally.entry.dead && tally.firstVoluntarySwitches !== undefined) {
			tally.voluntarySwitches = read(tally.entry);
		}
	}
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
		readSwitches,
	});
	const locks = createProbeLocks({architecture, subject, spaces, waits, places, ids, pythons});
	const startedAt = new Date().toISOString();
	const began = performance.now();
	const clock = () => performance.now() - began;
	const milliseconds = seconds * 1000;
	const childrenAtFirst = subject.childCount();
	let checkAt = 0;
	let end: WaitProfile['end'] = 'time';
	let ranOtherProgram = false;
	let busy = 0;

	/** Runs a part of the work, and counts what it took. */
	const spend = <Result>(work: () => Result): {result: Result; used: number} => {
		const before = ownCpuMilliseconds();
		const result = work();
		const used = ownCpuMilliseconds() - before;
		busy += used;
		return {result, used};
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

		const {result, used} = spend(check);
		checkAt = clock() + Math.max(millisecondsBetweenChecks, used / shareOfChecks);
		return result;
	};

	/** Looks at all threads whose turn it is; at a crowd with rests, until the time is over. Milliseconds of CPU. */
	const runRound = async (round: number, isCrowded: boolean): Promise<number> => {
		const work = sampler.round(clock, isCrowded);
		let usedAll = 0;
		for (let isDone = false; !isDone; ) {
			const restedAt = performance.now();
			let share = 0;
			const {used} = spend(() => {
				while (!isDone && performance.now() - restedAt < millisecondsBetweenRests) {
					const step = work.next();
					isDone = step.done === true;
					share = step.value ?? 1;
				}
			});
			usedAll += used;
			locks.look();
			const over = clock() / milliseconds;
			onProgress(Math.min(1, over));
			if (signal?.aborted || (over >= 1 && round >= leastRounds(isCrowded))) {
				break;
			}

			if (!isDone) {
				const elapsedMilliseconds = performance.now() - restedAt;
				const slice = {round, share, over, usedMilliseconds: used, elapsedMilliseconds};
				await sleep(isCrowded ? restInRound(slice) : 0);
			}
		}

		return usedAll;
	};

	for (let rounds = 0; ; rounds++) {
		const isCrowded = isCrowd(subject.process.threads.size, seconds);
		if (clock() >= milliseconds && rounds >= leastRounds(isCrowded)) {
			break;
		}

		if (signal?.aborted) {
			end = 'cancelled';
			break;
		}

		// CPU, not time: on a machine that is overloaded a round takes long and costs little.
		const used = await runRound(rounds, isCrowded);
		if (!checkNowAndThen()) {
			end = 'ended';
			break;
		}

		const pause = restAfterRound(rounds, used) * (1 + jitter * (Math.random() - 0.5));
		await sleep(Math.max(1, Math.min(pause, milliseconds - clock())));
	}

	const elapsed = clock();
	const endSeconds = Number(process.hrtime.bigint()) / 1e9;
	if (end !== 'ended') {
		sampler.finish(elapsed);
		countSwitches(sampler.tallies.values(), readSwitches);
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
		endSeconds,
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
