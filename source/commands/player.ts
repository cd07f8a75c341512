import type {Finding} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Player, Position} from '../ui/live-source.js';
import type {Playback} from './playback.js';

const speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];
const normalSpeed = speeds.indexOf(1);
/** Between two records of which nobody wants to wait longer, or see faster. */
const [shortestWait, longestWait] = [30, 5000];
/** So many records are searched before keys are looked at again. */
const recordsAtOnce = 20;

type Listener = (snapshot: Snapshot, position: Position) => void;

const identity = ({rule, pid}: Finding): string => `${rule} ${pid}`;

/** Whether something is found in a moment that wasn't in the one before. */
export const opensFinding = (before: Snapshot | undefined, after: Snapshot): boolean => {
	const known = new Set(before?.findings.map(identity));
	return after.findings.some(finding => !known.has(identity(finding)));
};

/** Plays a recording to a listener: a lifetime, until `stop`. It begins to play with the first listener. */
export const createPlayer = (
	playback: Playback,
): Player & {subscribe: (listener: Listener) => () => void; stop: () => void} => {
	const last = playback.count - 1;
	const listeners = new Set<Listener>();
	let index = 0;
	let isPlaying = last > 0;
	let speed = normalSpeed;
	let timer: NodeJS.Timeout | undefined;
	let search: NodeJS.Immediate | undefined;

	const tell = (note?: string): void => {
		const position: Position = {
			index,
			count: playback.count,
			isPlaying,
			speed: speeds[speed]!,
			...(note !== undefined && {note}),
		};
		for (const listener of listeners) {
			listener(playback.at(index), position);
		}
	};

	const waitMilliseconds = (): number => {
		const [from, to] = [index, index + 1].map(each => playback.at(each).observedSeconds);
		const wait = ((to! - from!) * 1000) / speeds[speed]!;
		return Math.max(shortestWait, Math.min(wait, longestWait));
	};

	const schedule = (): void => {
		clearTimeout(timer);
		if (isPlaying && listeners.size > 0) {
			timer = setTimeout(() => {
				index++;
				isPlaying = index < last;
				tell(isPlaying ? undefined : 'the end');
				schedule();
			}, waitMilliseconds());
		}
	};

	const pause = (): void => {
		isPlaying = false;
		clearTimeout(timer);
		clearImmediate(search);
	};

	const searchFrom = (from: number): void => {
		for (let each = from; each < from + recordsAtOnce; each++) {
			if (each > last) {
				tell('no further finding');
				return;
			}

			if (opensFinding(playback.at(each - 1), playback.at(each))) {
				index = each;
				tell();
				return;
			}
		}

		search = setImmediate(() => searchFrom(from + recordsAtOnce));
	};

	return {
		subscribe(listener) {
			listeners.add(listener);
			tell();
			schedule();
			return () => {
				listeners.delete(listener);
				schedule();
			};
		},
		step(by) {
			pause();
			index = Math.max(0, Math.min(last, index + by));
			tell();
		},
		togglePlaying() {
			const starts = !isPlaying;
			pause();
			index = starts && index === last ? 0 : index;
			isPlaying = starts && last > 0;
			tell();
			schedule();
		},
		changeSpeed(by) {
			speed = Math.max(0, Math.min(speeds.length - 1, speed + by));
			tell();
			schedule();
		},
		toNextFinding() {
			pause();
			tell('searching...');
			searchFrom(index + 1);
		},
		stop() {
			listeners.clear();
			pause();
		},
	};
};
