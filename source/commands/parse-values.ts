import type {Severity} from '../model/finding.js';
import {UsageError} from './usage-error.js';

const secondsByUnit: Readonly<Record<string, number>> = {'': 1, ms: 0.001, s: 1, m: 60, h: 3600};

/** A duration such as `1`, `0.5`, `500ms`, `5s`, `2m` in seconds; throws UsageError when it is none or out of bounds. */
export const parseSeconds = (
	option: string,
	text: string,
	{least, most}: {least: number; most: number},
): number => {
	const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|)$/.exec(text.trim());
	if (!match) {
		throw new UsageError(`${option}: '${text}' is not a duration; write 1, 0.5, 500ms or 2m`);
	}

	const seconds = Number(match[1]) * secondsByUnit[match[2]!]!;
	if (seconds < least || seconds > most) {
		throw new UsageError(`${option}: '${text}' is not between ${least} and ${most} seconds`);
	}

	return seconds;
};

const bytesByUnit: Readonly<Record<string, number>> = {k: 2 ** 10, M: 2 ** 20, G: 2 ** 30};
const leastBytes = 2 ** 16;

/** A size such as `64M` in bytes; throws UsageError when it is none, or too small to hold anything. */
export const parseBytes = (option: string, text: string): number => {
	const match = /^(\d{1,6})([kMG])$/.exec(text.trim());
	const bytes = match ? Number(match[1]) * bytesByUnit[match[2]!]! : 0;
	if (bytes < leastBytes) {
		throw new UsageError(`${option}: '${text}' is not a size from 64k on; write 512k, 64M or 2G`);
	}

	return bytes;
};

/** A whole number from 1 on. */
export const parseCount = (option: string, text: string): number => {
	if (!/^[1-9]\d{0,8}$/.test(text)) {
		throw new UsageError(`${option}: '${text}' is not a whole number from 1 on`);
	}

	return Number(text);
};

/** Process ids from `1,2` given once or more often. */
export const parsePids = (option: string, texts: readonly string[]): readonly number[] =>
	texts.flatMap(text => text.split(',')).map(text => parseCount(option, text.trim()));

/** One of some words. */
export const parseWord = <Word extends string>(
	option: string,
	text: string,
	words: readonly Word[],
): Word => {
	const word = words.find(each => each === text);
	if (word === undefined) {
		throw new UsageError(`${option}: '${text}' is none of ${words.join(', ')}`);
	}

	return word;
};

/** Least severe last. */
export const severities = ['critical', 'warning', 'notice'] as const satisfies readonly Severity[];
