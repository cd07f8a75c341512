import {isExclusive} from '../locks/futex-locks.js';
import type {Lock} from '../model/lock.js';
import type {LockTimeline} from '../model/lock-timeline.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import type {TaskFiles} from '../sampler/task-files.js';
import {decodeFutex, futexKey} from '../waits/futex.js';
import {syscallName} from '../waits/syscall-numbers.js';
import type {WaitReader} from './wait-reader.js';

/** Looks many times a second at who has a process's lock and what its other threads do meanwhile; costs nothing while it follows none. */
export type TimelineSampler = {
	/** Follows a process from now on, or none. */
	follow(pid: number | undefined): void;
	readonly isFollowing: boolean;
	/** One look at all its threads. */
	sample(): void;
	/** When the next look is due: so late that all of them stay within their share of a CPU. */
	readonly millisecondsUntilNext: number;
	/** To be called once a tick, after locks were read: chooses lock and threads, and tells what was seen in the last seconds. */
	tick(): LockTimeline | undefined;
};

/** Ways to see a lock: who has it now, and whether a thread at an address waits for it. */
export type LockView = {
	holderTid(): number | undefined;
	/** Whether a thread that sleeps at a futex word waits for the lock. */
	isWord(address: number, tid: number): boolean;
	recordsHolder: boolean;
};

export type TimelineParts = {
	architecture: string;
	processes: ReadonlyMap<number, ProcessEntry>;
	files: TaskFiles;
	waits: WaitReader;
	viewOf(process: ProcessEntry, lock: Lock): LockView;
};

const samplesPerSecond = 67;
const secondsKept = 6;
const samplesKept = samplesPerSecond * secondsKept;
/** At most this share of one CPU. */
const cpuShare = 0.05;
const mostThreads = 24;
/** A lock that nobody waits for at the moment stays the one that is followed for a while. */
const ticksUntilOther = 5;

const buffer = Buffer.allocUnsafe(128);
const schedstat = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};

type Strip = {entry: ThreadEntry; states: string[]; runNanoseconds: number};

const switchRate = (entry: ThreadEntry): number =>
	(entry.voluntarySwitchesPerSecond ?? 0) + (entry.involuntarySwitchesPerSecond ?? 0);

export const createTimelineSampler = (parts: TimelineParts): TimelineSampler => {
	const {architecture, processes, files, waits, viewOf} = parts;
	let pid: number | undefined;
	let process: ProcessEntry | undefined;
	let lock: Lock | undefined;
	let ticksWithout = 0;
	let view: LockView | undefined;
	let strips: Strip[] = [];
	let times: number[] = [];
	let costs: number[] = [];
	let leftOut = 0;

	const reset = (): void => {
		process = undefined;
		lock = undefined;
		view = undefined;
		strips = [];
		times = [];
		costs = [];
		leftOut = 0;
	};

	/** The scheduler counts time on a CPU while it passes, so that of a runnable thread it tells whether it had one. */
	const hasRun = (strip: Strip): boolean => {
		const length = files.read(strip.entry, 'schedstatDescriptor', buffer, false);
		if (length <= 0 || !parseSchedstat(buffer, length, schedstat)) {
			return false;
		}

		const before = strip.runNanoseconds;
		strip.runNanoseconds = schedstat.runNanoseconds;
		return before >= 0 && schedstat.runNanoseconds > before;
	};

	const stateOf = (strip: Strip): string => {
		const line = strip.entry.dead ? undefined : waits.readSyscall(strip.entry);
		if (line === null) {
			return '?';
		}

		if (line === undefined || line.state === 'exited') {
			return ' ';
		}

		if (line.state !== 'blocked') {
			return hasRun(strip) ? 'R' : 'Q';
		}

		const call = line.number < 0 ? undefined : syscallName(architecture, line.number);
		const address = decodeFutex(call, line)?.address;
		return address !== undefined && view?.isWord(address, strip.entry.tid) ? 'W' : 'S';
	};

	/** The holder is believed only if it wasn't itself seen waiting for the lock: then it went on between two reads. */
	const markHolder = (states: string[], before: number | undefined): void => {
		const after = view?.holderTid();
		const index = strips.findIndex(({entry}) => entry.tid === after);
		if (index !== -1 && states[index] !== 'W' && (after === before || states[index] !== 'S')) {
			states[index] = 'H';
		}
	};

	const isUsable = (each: Lock): boolean => each.kind === 'gil' || isExclusive(each.kind);

	const chooseLock = (locks: readonly Lock[]): Lock | undefined =>
		locks.find(({kind}) => kind === 'gil') ?? locks.find(isUsable) ?? locks[0];

	const followLock = (entry: ProcessEntry): void => {
		const locks = entry.locks ?? [];
		const same = locks.find(({id}) => id === lock?.id);
		ticksWithout = same === undefined ? ticksWithout + 1 : 0;
		const isKept = lock !== undefined && ticksWithout < ticksUntilOther;
		const chosen = same ?? (isKept ? lock : chooseLock(locks));
		if (chosen?.id !== lock?.id) {
			for (const strip of strips) {
				strip.states = [];
			}

			times = [];
			costs = [];
		}

		lock = chosen;
		view = chosen && viewOf(entry, chosen);
	};

	const chooseThreads = (entry: ProcessEntry): void => {
		const waiters = new Set([...(lock?.waiterTids ?? []), lock?.holderTid]);
		const rank = (thread: ThreadEntry): number =>
			switchRate(thread) + (waiters.has(thread.tid) ? 1_000_000 : 0);
		const all = [...entry.threads.values()].sort((one, other) => rank(other) - rank(one));
		leftOut = Math.max(0, all.length - mostThreads);
		strips = all
			.slice(0, mostThreads)
			.sort((one, other) => one.tid - other.tid)
			.map(
				thread =>
					strips.find(strip => strip.entry === thread) ?? {
						entry: thread,
						states: times.map(() => ' '),
						runNanoseconds: -1,
					},
			);
	};

	const describe = ({pid: ofPid, startTimeTicks}: ProcessEntry): LockTimeline => {
		const seconds = times.length < 2 ? 0 : (times.at(-1)! - times[0]!) / 1000;
		const cost = costs.reduce((sum, each) => sum + each, 0);
		return {
			pid: ofPid,
			startTimeTicks,
			...(lock && {
				lock: {
					id: lock.id,
					kind: lock.kind,
					name: lock.name,
					recordsHolder: view?.recordsHolder ?? false,
				},
			}),
			samples: times.length,
			seconds,
			cpuPercent: seconds === 0 ? 0 : cost / 10 / seconds,
			threads: strips.map(({entry, states}) => ({tid: entry.tid, states: states.join('')})),
			threadsLeftOut: leftOut,
		};
	};

	return {
		follow(next) {
			if (next !== pid) {
				pid = next;
				reset();
			}
		},
		get isFollowing() {
			return pid !== undefined;
		},
		get millisecondsUntilNext() {
			return Math.max(1000 / samplesPerSecond, (costs.at(-1) ?? 0) / cpuShare);
		},
		sample() {
			if (process === undefined || process.threads.size === 0) {
				return;
			}

			const startedAt = performance.now();
			const holder = view?.holderTid();
			const states = strips.map(stateOf);
			markHolder(states, holder);
			for (const [index, strip] of strips.entries()) {
				strip.states.push(states[index]!);
				strip.states.splice(0, strip.states.length - samplesKept);
			}

			times.push(startedAt);
			times.splice(0, times.length - samplesKept);
			costs.push(performance.now() - startedAt);
			costs.splice(0, costs.length - samplesKept);
		},
		tick() {
			const entry = pid === undefined ? undefined : processes.get(pid);
			if (entry === undefined || entry.threads.size === 0 || entry.kernelThread) {
				reset();
				return undefined;
			}

			if (entry !== process) {
				reset();
				process = entry;
			}

			const timeline = times.length === 0 ? undefined : describe(entry);
			followLock(entry);
			chooseThreads(entry);
			return timeline;
		},
	};
};

/** Whether an address is one of the words of a lock, by the lock's id. */
export const isWordOf =
	({id}: Lock) =>
	(address: number): boolean =>
		id === `futex:0x${futexKey(address).toString(16)}`;
