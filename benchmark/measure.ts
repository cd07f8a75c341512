import {performance} from 'node:perf_hooks';
import {setTimeout as sleep} from 'node:timers/promises';
import {cpuNanosecondsBetween, readCost} from './cost.ts';
import type {Peer} from './peers.ts';
import {type Chunk, startSession} from './session.ts';
import {countBytes, plainText, refreshesPerSecond, within} from './transcript.ts';

export type Measurement = {
	readonly cpuMillisecondsPerSecond: number;
	/** Every tool is asked for one refresh a second; one that falls behind makes fewer, each of them dearer than a second is. */
	readonly cpuMillisecondsPerRefresh: number;
	/** What the rest of the machine did meanwhile, the load included; 100 is one CPU. Much of it makes everything dearer. */
	readonly othersCpuPercent: number;
	readonly peakRssBytes: number;
	readonly bytesPerSecond: number;
	readonly refreshesPerSecond: number | undefined;
};

export type Outcome =
	| {readonly measurement: Measurement; readonly chunks: readonly Chunk[]}
	| {readonly failure: string; readonly chunks: readonly Chunk[]};

/** The line about an error, or else the last one. */
const lastWords = (chunks: readonly Chunk[]): string => {
	const lines = plainText(chunks).trim().split('\n');
	const words = lines.find(line => /error|cannot|can't/i.test(line)) ?? lines.at(-1) ?? '';
	return words.trim().slice(0, 120);
};

/**
Runs a tool for a warm-up and then a window, and says what the window cost. A tool that ends early, or whose output never
shows what it was asked to show, is a failure: its cost would be that of something else.
*/
export const measure = async (
	peer: Peer,
	{warmUpSeconds, seconds}: {readonly warmUpSeconds: number; readonly seconds: number},
): Promise<Outcome> => {
	const session = startSession(peer);
	const {chunks} = session;
	const failed = (...words: ReadonlyArray<string>): Outcome => ({
		failure: words.filter(Boolean).join(': '),
		chunks,
	});
	try {
		await sleep(warmUpSeconds * 1000);
		const endedEarly = session.ending();
		if (endedEarly !== undefined) {
			return failed(endedEarly, lastWords(chunks));
		}

		const before = readCost(session.pid);
		const from = performance.now();
		await sleep(seconds * 1000);
		const after = readCost(session.pid);
		const to = performance.now();
		const ending = session.ending();
		if (ending !== undefined) {
			return failed(ending, lastWords(chunks));
		}

		if (peer.shows && !peer.shows.test(plainText(chunks))) {
			return failed(`its output never showed ${peer.shows.source}`);
		}

		const written = within(chunks, from, to);
		const elapsedSeconds = (to - from) / 1000;
		const rate = refreshesPerSecond(written, peer.beat);
		const cpuNanoseconds = cpuNanosecondsBetween(before, after);
		const cpuMillisecondsPerSecond = cpuNanoseconds / 1e6 / elapsedSeconds;
		const othersNanoseconds = after.machineNanoseconds - before.machineNanoseconds - cpuNanoseconds;
		return {
			chunks,
			measurement: {
				cpuMillisecondsPerSecond,
				// More than one burst a second are several for one refresh.
				cpuMillisecondsPerRefresh: cpuMillisecondsPerSecond / Math.min(1, rate ?? 1),
				othersCpuPercent: Math.max(0, othersNanoseconds / 1e7 / elapsedSeconds),
				peakRssBytes: after.peakRssBytes,
				bytesPerSecond: countBytes(written) / elapsedSeconds,
				refreshesPerSecond: rate,
			},
		};
	} finally {
		await session.stop();
	}
};
