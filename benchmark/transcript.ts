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

const firstOfBursts = (chunks: readonly Chunk[]): readonly number[] =>
	chunks
		.map(({atMilliseconds}) => atMilliseconds)
		.filter((at, index, all) => at - (all[index - 1] ?? -Infinity) > pauseMilliseconds);

/** When the text that begins each refresh was written; a chunk boundary may run through it. */
const momentsOf = (chunks: readonly Chunk[], beat: RegExp): readonly number[] => {
	const text = Buffer.concat(chunks.map(({bytes}) => bytes)).toString('latin1');
	let end = 0;
	const ends = chunks.map(({bytes}) => {
		end += bytes.length;
		return end;
	});
	return [...text.matchAll(beat)].flatMap(
		({index}) => chunks[ends.findIndex(chunkEnd => index < chunkEnd)]?.atMilliseconds ?? [],
	);
};

/**
Refreshes a second: by what begins each of them (a global expression), or else by the bursts of output. Undefined when there
were fewer than two.
*/
export const refreshesPerSecond = (
	chunks: readonly Chunk[],
	beat: RegExp | undefined,
): number | undefined => {
	const starts = beat ? momentsOf(chunks, beat) : firstOfBursts(chunks);
	const first = starts[0];
	const last = starts.at(-1);
	return first === undefined || last === undefined || last === first
		? undefined
		: ((starts.length - 1) * 1000) / (last - first);
};
