import {type FutexUse, type FutexWaiter, futexLockId} from '../locks/futex-locks.js';
import type {Gil, Runtime} from '../model/process.js';
import {applicationFrame} from '../model/runtime-frame.js';
import {classifyPythonFutex, sharedSemaphore} from '../runtimes/python/gil.js';
import {type GilLook, type GilReader, handOffsPerSecond} from '../runtimes/python/gil-state.js';
import type {PythonInterpreter} from '../runtimes/python/interpreter.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import {futexKey} from '../waits/futex.js';
import {createGilTally, type GilTally} from './gil-tally.js';
import {findPypyGil, type PypyGil} from './pypy-gil.js';
import type {PythonAttachment, PythonProcesses} from './python-processes.js';
import type {LockView} from './timeline-sampler.js';

/** What a runtime tells of its GIL. */
export type GilFacts = Pick<Runtime, 'gil' | 'otherGils' | 'withoutGil' | 'hint'>;

/** Finds out who waits for the GIL of Python processes, and where CPython tells it, who holds it. */
export type GilObserver = {
	/**
	The GIL as it was during the interval that the uses are of. Where nobody waits for it, it's told only of processes that somebody
	looks at.
	*/
	observe(process: ProcessEntry, uses: readonly FutexUse[], isInFocus: boolean): GilFacts;
	/** A quick look at who holds those GILs that somebody waits for or looks at. */
	look(): void;
	/** Who holds the GIL of a process that was observed, now: the same one that its facts name first. Undefined where nobody tells. */
	viewOf(process: ProcessEntry): LockView | undefined;
	/** Begins a new interval: what isn't observed in it isn't looked at any more. */
	beginTick(): void;
};

type Watched = {
	interpreterId: number;
	reader: GilReader;
	tally: GilTally;
	/** What it was at the last tick, and when. */
	counted: {look: GilLook; at: number} | undefined;
};

type Known = {
	attachment: PythonAttachment;
	watched: readonly Watched[];
	facts: GilFacts;
	isIdle: boolean;
};

/** Those who wait for one GIL, by the word that they wait on. */
type Found = {use: FutexUse; waiters: readonly FutexWaiter[]};

const millisecondsPerLook = 1;
const none: GilFacts = {};
/** Before, an interpreter may not be set up yet. */
const sweepsUntilStarted = 10;

const addressOf = ({wait}: FutexWaiter, use: FutexUse): number =>
	wait.futexAddress === undefined ? use.address : Number(wait.futexAddress);

/** What kind of waiting for a lock of Python's a thread does, by its system call. */
const classify = (interpreter: PythonInterpreter, use: FutexUse, waiter: FutexWaiter) => {
	const {wait} = waiter;
	return classifyPythonFutex(interpreter, {
		futex: {
			operation: wait.futexOperation ?? '',
			address: addressOf(waiter, use),
			value: wait.futexValue,
			timed: wait.timed ?? false,
			isPrivate: true,
		},
		timeoutMilliseconds: wait.timeoutMilliseconds,
		region: wait.region,
	});
};

const findUse = (
	uses: readonly FutexUse[],
	waits: (waiter: FutexWaiter, use: FutexUse) => boolean,
): Found | undefined => {
	for (const use of uses) {
		const waiters = use.waiters.filter(waiter => waits(waiter, use));
		if (waiters.length > 0) {
			return {use, waiters};
		}
	}

	return undefined;
};

/** Of a Python 2 whose state can't be read: those who wait for the heap semaphore that is most likely the GIL. */
const waitersBySemaphore = (
	interpreter: PythonInterpreter,
	uses: readonly FutexUse[],
): Found | undefined => {
	const candidates = uses.flatMap(use =>
		use.waiters
			.filter(waiter => classify(interpreter, use, waiter) === 'candidate')
			.map(waiter => ({tid: waiter.tid, address: use.address})),
	);
	const shared = sharedSemaphore(candidates);
	const use = uses.find(({address}) => address === shared?.address);
	return use && {use, waiters: use.waiters};
};

/** Those who wait for the GIL of the main interpreter: its own state names the word, or where it lies tells. */
const findWaiters = (
	{interpreter}: PythonAttachment,
	reader: GilReader | undefined,
	uses: readonly FutexUse[],
): Found | undefined =>
	interpreter &&
	(findUse(
		uses,
		(waiter, use) =>
			(reader?.isGilWord(addressOf(waiter, use)) ?? false) ||
			classify(interpreter, use, waiter) === 'gil',
	) ??
		(reader?.knowsGilWord ? undefined : waitersBySemaphore(interpreter, uses)));

/** What can't be told of a version whose structures aren't known. */
const hintFor = (
	{interpreter, python}: PythonAttachment,
	{pid, sweeps}: ProcessEntry,
): Pick<GilFacts, 'hint'> =>
	interpreter && python === undefined && sweeps > sweepsUntilStarted
		? {
				hint: `who holds the GIL and which lines run can't be read of this Python ${interpreter.version}; py-spy dump --pid ${pid} shows the lines`,
			}
		: {};

export const createGilObserver = (processes: PythonProcesses): GilObserver => {
	const known = new WeakMap<ProcessEntry, Known>();
	const ofPypy = new WeakMap<ProcessEntry, PypyGil>();
	let watched: {process: ProcessEntry; attachment: PythonAttachment; gil: Watched}[] = [];
	let next = 0;

	/** Its GILs; what was seen before the process slept is not counted together with what it does now. */
	const watch = (attachment: PythonAttachment, before: Known | undefined): readonly Watched[] =>
		(attachment.python?.gils() ?? []).map(({interpreterId, reader}) => {
			const seen = before?.watched.find(each => each.reader === reader);
			return {
				interpreterId,
				reader,
				tally: before?.isIdle || !seen ? createGilTally() : seen.tally,
				counted: seen?.counted,
			};
		});

	/** What CPython itself keeps about its GIL, and how often it went around since the last look. */
	const readState = (
		gil: Watched,
	): Pick<Gil, 'holderTid' | 'handOffsPerSecond' | 'holders' | 'freePercent'> => {
		const look = gil.reader.read();
		const before = gil.counted;
		const at = performance.now();
		gil.counted = look && {look, at};
		const handOffs =
			look && before && handOffsPerSecond(before.look, look, (at - before.at) / 1000);
		return {
			...(look?.holderTid !== undefined && {holderTid: look.holderTid}),
			...gil.tally.take(),
			...(handOffs !== undefined && {handOffsPerSecond: handOffs}),
		};
	};

	const describe = (
		{interpreter}: PythonAttachment,
		gil: Watched | undefined,
		found: Found | undefined,
		isOneOfMany: boolean,
	): Gil => ({
		...(gil && isOneOfMany && {interpreterId: gil.interpreterId}),
		...(gil && readState(gil)),
		waiters: (found?.waiters ?? []).reduce((sum, {percent}) => sum + percent, 0) / 100,
		waiterTids: (found?.waiters ?? []).map(({tid}) => tid),
		...(found && {lockId: futexLockId(found.use.address)}),
		region: found?.waiters[0]?.wait.region ?? interpreter?.region ?? '',
	});

	/** Each GIL, the one that most threads wait for first. */
	const describeAll = (
		attachment: PythonAttachment,
		gils: readonly Watched[],
		uses: readonly FutexUse[],
		isInFocus: boolean,
	): readonly Gil[] => {
		const [main, ...others] = gils;
		const found = findWaiters(attachment, main?.reader, uses);
		const all = [
			...(found || (isInFocus && main)
				? [describe(attachment, main, found, others.length > 0)]
				: []),
			...others.flatMap(gil => {
				const theirs = findUse(uses, (waiter, use) => gil.reader.isGilWord(addressOf(waiter, use)));
				return theirs || isInFocus ? [describe(attachment, gil, theirs, true)] : [];
			}),
		];
		return all.sort((one, other) => other.waiters - one.waiters);
	};

	const observePypy = (process: ProcessEntry, uses: readonly FutexUse[]): GilFacts => {
		const found = findPypyGil(uses);
		if (!found) {
			ofPypy.delete(process);
			return none;
		}

		ofPypy.set(process, found);
		return {gil: found.gil};
	};

	const observe = (
		process: ProcessEntry,
		uses: readonly FutexUse[],
		isInFocus: boolean,
	): GilFacts => {
		if (process.runtime?.name === 'pypy') {
			return observePypy(process, uses);
		}

		const attachment = processes.of(process);
		if (!attachment?.interpreter) {
			return none;
		}

		const before = known.get(process);
		const isKnown = before?.attachment === attachment;
		if (isKnown && before.isIdle && !process.active && isInFocus) {
			return before.facts;
		}

		if (attachment.python?.isWithoutGil()) {
			return {withoutGil: true};
		}

		const gils = watch(attachment, isKnown ? before : undefined);
		const [gil, ...otherGils] = describeAll(attachment, gils, uses, isInFocus);
		const facts = {
			...hintFor(attachment, process),
			...(gil && {gil}),
			...(otherGils.length > 0 && {otherGils}),
		};
		known.set(process, {attachment, watched: gils, facts, isIdle: !process.active});
		if (gil) {
			attachment.python?.refresh();
			watched.push(...gils.map(each => ({process, attachment, gil: each})));
		}

		return facts;
	};

	const lookAt = ({process, attachment, gil}: (typeof watched)[number]): void => {
		const look = process.threads.size === 0 ? undefined : gil.reader.read();
		if (look) {
			const frames = look.holder && attachment.python?.frames(look.holder);
			gil.tally.count(look.holderTid, applicationFrame(frames));
		}
	};

	return {
		observe,
		viewOf(process) {
			const pypy = ofPypy.get(process);
			if (pypy) {
				return {
					holderTid: () => undefined,
					isWord: address => pypy.words.has(futexKey(address)),
					recordsHolder: false,
				};
			}

			const {watched: gils = [], facts} = known.get(process) ?? {};
			const {interpreterId} = facts?.gil ?? {};
			const gil = gils.find(each => each.interpreterId === interpreterId) ?? gils[0];
			return (
				gil && {
					holderTid: () => gil.reader.read()?.holderTid,
					isWord: gil.reader.isGilWord,
					recordsHolder: true,
				}
			);
		},
		beginTick() {
			watched = [];
			next = 0;
		},
		look() {
			const startedAt = performance.now();
			for (let count = 0; count < watched.length; count++) {
				lookAt(watched[next]!);
				next = (next + 1) % watched.length;
				if (performance.now() - startedAt > millisecondsPerLook) {
					return;
				}
			}
		},
	};
};
