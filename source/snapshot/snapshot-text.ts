import type {Snapshot} from '../model/snapshot.js';

const factor = 1000;

/** Digits behind the third mean nothing in a measured value, and make up half of a file. */
const round = (_key: string, value: unknown): unknown =>
	typeof value === 'number' && !Number.isInteger(value)
		? Math.round(value * factor) / factor
		: value;

/** A Snapshot as JSON text: one line, values rounded to a thousandth of their unit. Keys without a value are left out. */
export const snapshotToText = (snapshot: Snapshot): string =>
	`${JSON.stringify(snapshot, round)}\n`;
