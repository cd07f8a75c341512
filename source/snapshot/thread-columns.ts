import type {Thread} from '../model/thread.js';
import {makePatch} from './patch.js';
import {type Delta, numberKeys, type ThreadColumn} from './recording-format.js';

const distances = (numbers: readonly number[]): number[] =>
	numbers.map((number, index) => number - (numbers[index - 1] ?? 0));

/** Collects what changed in the threads of one tick. */
export type Columns = {
	note: (number: number, before: Thread, after: Thread) => void;
	finish: () => Pick<Delta, 'threads' | 'texts'>;
};

/** `textNumbers` are the texts of the member that were written before; it learns the new ones. */
export const createColumns = (textNumbers: Map<string, number>): Columns => {
	const columns = new Map<string, [number, number | null | false][]>();
	const newTexts: unknown[] = [];

	const encode = (key: string, value: unknown): number | null | false => {
		if (value === undefined || value === null) {
			return value === null ? null : false;
		}

		if (numberKeys.has(key)) {
			return value as number;
		}

		const text = JSON.stringify(value);
		let number = textNumbers.get(text);
		if (number === undefined) {
			number = textNumbers.size;
			textNumbers.set(text, number);
			newTexts.push(value);
		}

		return number;
	};

	return {
		note(number, before, after) {
			const patch = makePatch(before, after);
			for (const key of patch?.['-'] ?? []) {
				columns.set(key, [...(columns.get(key) ?? []), [number, false]]);
			}

			for (const [key, value] of Object.entries(patch ?? {})) {
				if (key !== '-') {
					const column = columns.get(key) ?? [];
					columns.set(key, column);
					column.push([number, encode(key, value)]);
				}
			}
		},
		finish() {
			const threads: Record<string, ThreadColumn> = {};
			for (const [key, column] of [...columns].sort(([one], [other]) => (one < other ? -1 : 1))) {
				column.sort(([one], [other]) => one - other);
				threads[key] = [
					distances(column.map(([number]) => number)),
					column.map(([, value]) => value),
				];
			}

			return {
				...(newTexts.length > 0 && {texts: newTexts}),
				...(columns.size > 0 && {threads}),
			};
		},
	};
};
