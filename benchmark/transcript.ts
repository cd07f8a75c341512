import {Buffer} from 'node:buffer';
import type {Chunk} from './session.ts';

/** A pause longer than this parts two refreshes of a tool that refreshes once a second. */
const pauseMilliseconds = 300;

const escapeSequence =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is control sequences that are looked for.
	/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[ -/]*[0-~])/g;

/** All that was written, as text without control sequences. */
export const plainText = (chunks: readonly Chunk[]): string =>
	Buffer.concat(chunks.map(({bytes}) => bytes))
		.toString('utf8')
		.replace(escapeSequence, '');

export const within = (
	chunks: readonly Chunk[],
	fromMilliseconds: number,
	toMilliseconds: number,
): readonly Chunk[] =>
	chunks.filter(
		({atMilliseconds}) => atMilliseconds >= fromMilliseconds && atMilliseconds < toMilliseconds,
	);

export const countBytes = (chunks: readonly Chunk[]): number =>
	chunks.reduce((sum, {bytes}) => sum + bytes.length, 0);

/**
Refreshes a second, from the moments at which bursts of output began; undefined when there were fewer than two.
It shows a tool that falls behind its interval.
*/
export const refreshesPerSecond = (chunks: readonly Chunk[]): number | undefined => {
	const starts = chunks
		.map(({atMilliseconds}) => atMilliseconds)
		.filter((at, index, all) => at - (all[index - 1] ?? -Infinity) > pauseMilliseconds);
	const first = starts[0];
	const last = starts.at(-1);
	return first === undefined || last === undefined || starts.length < 2
		? undefined
		: ((starts.length - 1) * 1000) / (last - first);
};
