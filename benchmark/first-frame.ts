import {setTimeout as sleep} from 'node:timers/promises';
import xterm from '@xterm/headless';
import type {Peer} from './peers.ts';
import {type Chunk, columns, rows, type Session, startSession} from './session.ts';

/** A heading and this many rows with numbers in them make a frame; the load has more processes than that. */
const fewestRows = 20;
const patienceMilliseconds = 10_000;
const settlingMilliseconds = 600;

const linesOf = (terminal: InstanceType<typeof xterm.Terminal>): readonly string[] =>
	Array.from(
		{length: rows},
		(_, row) =>
			terminal.buffer.active
				.getLine(terminal.buffer.active.viewportY + row)
				?.translateToString(true) ?? '',
	);

/** Whether the screen shows a heading with PID in it and a page of rows below. */
export const isFullFrame = (lines: readonly string[]): boolean => {
	const heading = lines.findIndex(line => /\bPID\b/.test(line));
	return (
		heading >= 0 && lines.slice(heading + 1).filter(line => /\d/.test(line)).length >= fewestRows
	);
};

/** When the screen first was a full frame, found by playing the chunks to a terminal afterwards; undefined when it never was. */
const firstFullFrame = async (chunks: readonly Chunk[]): Promise<number | undefined> => {
	const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
	try {
		for (const {bytes, atMilliseconds} of chunks) {
			await new Promise<void>(resolve => {
				terminal.write(bytes, resolve);
			});
			if (isFullFrame(linesOf(terminal))) {
				return atMilliseconds;
			}
		}

		return undefined;
	} finally {
		terminal.dispose();
	}
};

/** Looks often at first; a refresh later there is nothing left to wait for. */
const waitForFrame = async (session: Session): Promise<number | undefined> => {
	const deadline = session.startedAtMilliseconds + patienceMilliseconds;
	while (performance.now() < deadline && session.ending() === undefined) {
		await sleep(settlingMilliseconds);
		const at = await firstFullFrame(session.chunks);
		if (at !== undefined) {
			return at;
		}
	}

	return undefined;
};

/** Milliseconds from the start of a full-screen program to its first full frame, start after start. */
export const timeFirstFrames = async (peer: Peer, starts: number): Promise<readonly number[]> => {
	const times: number[] = [];
	for (let start = 0; start < starts; start++) {
		const session = startSession(peer);
		try {
			const at = await waitForFrame(session);
			if (at !== undefined) {
				times.push(at - session.startedAtMilliseconds);
			}
		} finally {
			await session.stop();
		}
	}

	return times;
};
