import {setTimeout as sleep} from 'node:timers/promises';
import {type Cost, cpuNanosecondsBetween, readCost} from './cost.ts';
import type {Peer} from './peers.ts';
import {startSession} from './session.ts';
import {slope} from './statistics.ts';

export type SoakMinute = {
	readonly minute: number;
	readonly rssBytes: number;
	readonly peakRssBytes: number;
	readonly cpuMillisecondsPerSecond: number;
};

const minuteMilliseconds = 60_000;
/** Caches fill and code is compiled. */
const minutesOfSettling = 5;

const minuteOf = (minute: number, before: Cost, after: Cost): SoakMinute => ({
	minute,
	rssBytes: after.rssBytes,
	peakRssBytes: after.peakRssBytes,
	cpuMillisecondsPerSecond:
		(cpuNanosecondsBetween(before, after) / 1e6 / minuteMilliseconds) * 1000,
});

/** Runs a program for some minutes and looks at its memory after each; fewer minutes than asked for when it ends. */
export const soak = async (
	peer: Peer,
	minutes: number,
	onMinute: (minute: SoakMinute) => void,
): Promise<readonly SoakMinute[]> => {
	const session = startSession(peer);
	const seen: SoakMinute[] = [];
	try {
		let before = readCost(session.pid);
		for (let minute = 1; minute <= minutes; minute++) {
			await sleep(minuteMilliseconds);
			if (session.ending() !== undefined) {
				break;
			}

			const after = readCost(session.pid);
			const measured = minuteOf(minute, before, after);
			seen.push(measured);
			onMinute(measured);
			before = after;
		}
	} finally {
		await session.stop();
	}

	return seen;
};

/** Megabytes an hour, after the first minutes; undefined when there are too few of them to tell. */
export const growthOf = (minutes: readonly SoakMinute[]): number | undefined => {
	const settled = minutes.filter(({minute}) => minute > minutesOfSettling);
	return settled.length < minutesOfSettling
		? undefined
		: slope(settled.map(({minute, rssBytes}) => ({x: minute / 60, y: rssBytes / 1e6})));
};
