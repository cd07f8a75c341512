import type {Lock} from '../model/lock.js';
import type {JavaThread, Jvm} from '../runtimes/jvm/jvm.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {TidOf} from './jvm-tally.js';

/*
The JVM wakes each thread by a word of its own: that many wait at the same monitor (`Object.wait`) or the same condition of
java.util.concurrent, only the JVM knows. It is asked where so many wake so often that they may be a herd.
*/

const suspicion = {threads: 8, wakes: 4000, wakesOfEach: 20};
/** Each takes some microseconds, and a herd of thousands is told by some of it. */
const mostThreads = 256;
/** Of a thread that wakes meanwhile the stack can't be read. */
const triesForStack = 4;

const conditionClass = /\.Abstract(?:Queued|QueuedLong)Synchronizer\$ConditionObject$/;

type Waiting = {id: string; name: string; tids: number[]; threads: JavaThread[]};

const threadsThatWake = (process: ProcessEntry): ReadonlySet<number> => {
	const tids = new Set<number>();
	let wakes = 0;
	for (const {tid, voluntarySwitchesPerSecond: rate} of process.threads.values()) {
		if ((rate ?? 0) >= suspicion.wakesOfEach) {
			tids.add(tid);
			wakes += rate ?? 0;
		}
	}

	return tids.size >= suspicion.threads && wakes >= suspicion.wakes ? tids : new Set();
};

/** The monitor or condition that a thread waits at to be woken; it has given up the lock meanwhile. */
const conditionOf = (jvm: Jvm, thread: JavaThread): {id: string; name: string} | undefined => {
	const {pending, waiting} = jvm.waitOf(thread);
	if (waiting !== 0) {
		return {id: `wait-set:0x${waiting.toString(16)}`, name: jvm.monitorName(waiting) ?? 'monitor'};
	}

	const blocker = pending === 0 ? jvm.blockerOf(thread) : undefined;
	return blocker && conditionClass.test(blocker.className)
		? {id: `java:0x${blocker.object.toString(16)}`, name: 'Condition'}
		: undefined;
};

const describe = (jvm: Jvm, {id, name, tids, threads}: Waiting): Lock => {
	let place: ReturnType<Jvm['placeOf']>;
	for (const thread of threads.slice(0, triesForStack)) {
		place ??= jvm.placeOf(thread);
	}

	return {
		id,
		kind: 'condition',
		name,
		...(place && {wantedIn: place.where, wakers: place.wakers}),
		waiterTids: tids,
		waitersAverage: tids.length,
		contendedPercent: 100,
		confidence: 'certain',
	};
};

/** Conditions of a JVM that eight threads and more wait at and wake from all the time, as one look saw them; hardly ever any. */
export const readJvmConditions = (
	process: ProcessEntry,
	jvm: Jvm,
	tidOf: TidOf,
): readonly Lock[] => {
	const suspects = threadsThatWake(process);
	if (suspects.size === 0) {
		return [];
	}

	const found = new Map<string, Waiting>();
	let asked = 0;
	for (const thread of jvm.threads()) {
		const tid = tidOf(thread.ownTid);
		if (tid === undefined || !suspects.has(tid) || asked === mostThreads) {
			continue;
		}

		asked++;
		const condition = conditionOf(jvm, thread);
		if (condition) {
			const known = found.get(condition.id) ?? {...condition, tids: [], threads: []};
			found.set(condition.id, known);
			known.tids.push(tid);
			known.threads.push(thread);
		}
	}

	return [...found.values()]
		.filter(({tids}) => tids.length >= suspicion.threads)
		.map(waiting => describe(jvm, waiting));
};
