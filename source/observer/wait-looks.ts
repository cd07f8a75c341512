import {isKnown} from '../model/reading.js';
import type {SyscallLine} from '../procfs/syscall.js';
import type {ProcessEntry, ThreadEntry} from '../sampler/task-entry.js';
import {decodeFutex, futexKey} from '../waits/futex.js';
import {syscallName} from '../waits/syscall-numbers.js';
import type {WaitReader} from './wait-reader.js';
import {
	createWaitTally,
	findItem,
	lengthenTimeout,
	resetTally,
	type TallyItem,
	type WaitTally,
	waitShares,
} from './wait-tally.js';

/** How often threads of one process were seen to wait on one futex word. */
export type FutexTally = {
	/** Looks in which at least one thread waited there. */
	looks: number;
	lastLook: number;
};

/**
Looks, several times between two sweeps, at what the threads that run are waiting for: a single look sees a wait of microseconds
almost never, the sum of some looks says where a thread spends its time.
*/
export type WaitLooks = {
	/** Chooses the threads to look at: those that ran in the last sweep, busiest first. */
	choose(moved: readonly ThreadEntry[]): void;
	/** How often a second a look is worth its cost, by what the chosen threads do. */
	readonly looksPerSecond: number;
	/** One look, within a bound of time. */
	look(): void;
	/** Writes the shares of the interval into the entries and begins a new interval. */
	finish(): {looks: number; futexes: ReadonlyMap<ProcessEntry, ReadonlyMap<number, FutexTally>>};
};

// Bounds what the looks cost: about 2 % of one CPU at ten looks a second.
const millisecondsPerLook = 2;
const threadsBetweenClockReads = 16;
// A wake-up of our own costs more than what it looks at while next to nothing switches: some looks tell as much then.
const busySwitchesPerSecond = 300;
const busyLooksPerSecond = 10;
const quietLooksPerSecond = 4;
// Two that hand a lock around thousands of times a second are asleep in 3 % of looks; where few run, more looks are cheap.
const hot = {switchesPerSecond: 1000, fewest: 2, mostThreads: 32, looksPerSecond: 25};
// Of a limit that is a point in time each reading shows another rest; they come from memory and cost more than the look itself.
const readingsOfLimit = 2;
// A call such as read(2) may wait for anything, and only where in the kernel tells; a thread that woke meanwhile doesn't.
const readingsOfChannel = 8;

const isVague = ({wait, count}: TallyItem): boolean =>
	(wait.kind === 'other' || wait.kind === 'page-fault') && count < readingsOfChannel;

const needsReading = (item: TallyItem): boolean =>
	isVague(item) || (item.wait.timed === true && item.count < readingsOfLimit);

const switchRate = (entry: ThreadEntry): number =>
	(entry.voluntarySwitchesPerSecond ?? 0) + (entry.involuntarySwitchesPerSecond ?? 0);

/** In the first second nobody knows who switches: what is seen in it tells of a trouble a second sooner. */
const hasRate = ({voluntarySwitchesPerSecond}: ThreadEntry): boolean =>
	voluntarySwitchesPerSecond !== undefined;

/** How often a second a look is worth its cost, by how much threads switch; busiest first. */
const looksWorthTheirCost = (busiestFirst: readonly ThreadEntry[]): number => {
	const {switchesPerSecond, fewest, mostThreads, looksPerSecond} = hot;
	const last = busiestFirst[fewest - 1];
	if (busiestFirst.length <= mostThreads && last && switchRate(last) >= switchesPerSecond) {
		return looksPerSecond;
	}

	const switches = busiestFirst.reduce((sum, entry) => sum + switchRate(entry), 0);
	const isQuiet = switches < busySwitchesPerSecond && busiestFirst.some(hasRate);
	return isQuiet ? quietLooksPerSecond : busyLooksPerSecond;
};

export const createWaitLooks = (reader: WaitReader, architecture: string): WaitLooks => {
	const tallies = new Map<ThreadEntry, WaitTally>();
	let chosen: readonly ThreadEntry[] = [];
	let next = 0;
	let looks = 0;
	let looksPerSecond = busyLooksPerSecond;
	let futexes = new Map<ProcessEntry, Map<number, FutexTally>>();

	const countFutex = (process: ProcessEntry, address: number): void => {
		let ofProcess = futexes.get(process);
		if (!ofProcess) {
			ofProcess = new Map();
			futexes.set(process, ofProcess);
		}

		const tally = ofProcess.get(address);
		if (!tally) {
			ofProcess.set(address, {looks: 1, lastLook: looks});
		} else if (tally.lastLook !== looks) {
			tally.looks++;
			tally.lastLook = looks;
		}
	};

	/** Reads what the wait is when it is seen first, and again where the first readings don't tell all. */
	const readItem = (
		entry: ThreadEntry,
		line: SyscallLine,
		key: number,
		item: TallyItem | undefined,
	): TallyItem | undefined => {
		const channel = key === 0 ? reader.readWaitChannel(entry) : undefined;
		const wait = reader.describe(entry, line, channel);
		if (!isKnown(wait)) {
			return undefined;
		}

		if (!item) {
			return {callNumber: line.number, futexAddress: key, wait, count: 0, age: 0};
		}

		item.wait = isVague(item) ? wait : item.wait;
		lengthenTimeout(item, wait.timeoutMilliseconds ?? 0);
		return item;
	};

	const countWait = (entry: ThreadEntry, tally: WaitTally, line: SyscallLine): void => {
		const call = line.number < 0 ? undefined : syscallName(architecture, line.number);
		const address = decodeFutex(call, line)?.address;
		const key = address === undefined ? 0 : futexKey(address);
		const known = findItem(tally, line.number, key);
		const item = known && !needsReading(known) ? known : readItem(entry, line, key, known);
		if (!item) {
			return;
		}

		if (!known) {
			tally.items.push(item);
		}

		item.count++;
		if (key !== 0) {
			countFutex(entry.process, key);
		}
	};

	const lookAt = (entry: ThreadEntry): void => {
		const line = entry.dead ? undefined : reader.readSyscall(entry);
		if (!line || line.state === 'kernel' || line.state === 'exited') {
			return;
		}

		let tally = tallies.get(entry);
		if (!tally) {
			tally = createWaitTally();
			tallies.set(entry, tally);
		}

		tally.looks++;
		if (line.state === 'running') {
			tally.running++;
		} else {
			countWait(entry, tally, line);
		}
	};

	return {
		get looksPerSecond() {
			return looksPerSecond;
		},
		choose(moved) {
			chosen = moved
				.filter(entry => !entry.process.kernelThread && !entry.process.waitsRefused)
				.sort((a, b) => switchRate(b) - switchRate(a));
			next = 0;
			looksPerSecond = looksWorthTheirCost(chosen);
			const stillChosen = new Set(chosen);
			for (const entry of tallies.keys()) {
				if (!stillChosen.has(entry)) {
					tallies.delete(entry);
				}
			}
		},
		look() {
			const startedAt = performance.now();
			looks++;
			for (let count = 0; count < chosen.length; count++) {
				lookAt(chosen[next]!);
				next = (next + 1) % chosen.length;
				if (
					count % threadsBetweenClockReads === 0 &&
					performance.now() - startedAt > millisecondsPerLook
				) {
					return;
				}
			}
		},
		finish() {
			for (const [entry, tally] of tallies) {
				const shares = waitShares(tally);
				if (!entry.dead && (shares || entry.waits)) {
					entry.waits = shares;
					entry.dirty = true;
					entry.process.dirty = true;
				}

				resetTally(tally);
			}

			const result = {looks, futexes};
			looks = 0;
			futexes = new Map();
			return result;
		},
	};
};
