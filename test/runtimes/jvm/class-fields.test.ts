import {expect, test} from 'vitest';
import {parseFieldStream, parseFieldTable} from '../../../source/runtimes/jvm/class-fields.js';

const packedOffset = (offset: number): [number, number] => {
	const packed = offset * 4 + 1;
	return [packed % 2 ** 16, Math.floor(packed / 2 ** 16)];
};

const tableOf = (...fields: readonly {nameIndex: number; offset: number}[]): Buffer => {
	const table = Buffer.alloc(fields.length * 12);
	for (const [index, {nameIndex, offset}] of fields.entries()) {
		const slots = [0x1a, nameIndex, 4711, 0, ...packedOffset(offset)];
		for (const [slot, value] of slots.entries()) {
			table.writeUInt16LE(value, index * 12 + slot * 2);
		}
	}

	return table;
};

/** As HotSpot's UNSIGNED5 writes it: digits of base 64 above 191, each stored plus one. */
const unsigned5 = (value: number): number[] => {
	const bytes: number[] = [];
	let rest = value;
	while (rest >= 191 && bytes.length < 4) {
		rest -= 191;
		bytes.push((rest % 64) + 192);
		rest = Math.floor(rest / 64);
	}

	return [...bytes, rest + 1];
};

test('fields of a class up to Java 20 lie in a table of six numbers each', () => {
	const fields = [
		{nameIndex: 12, offset: 12},
		{nameIndex: 300, offset: 70_000},
	];
	expect(parseFieldTable(tableOf(...fields), 2)).toEqual(fields);
});

test('of a table that is cut off the whole fields are told', () => {
	const table = tableOf({nameIndex: 12, offset: 12}, {nameIndex: 13, offset: 16});
	expect(parseFieldTable(table.subarray(0, 20), 2)).toEqual([{nameIndex: 12, offset: 12}]);
	expect(parseFieldTable(table, 1)).toHaveLength(1);
});

test('from Java 21 on they are packed, and what the flags announce is stepped over', () => {
	const initialized = 1;
	const injected = 2;
	const generic = 4;
	const stream = Buffer.from(
		[
			[3, 1],
			[12, 20, 12, 0x1a, initialized, 99],
			[900, 21, 70_000, 2, generic | 16, 5000, 7],
			[13, 22, 24, 2, 0],
			[1, 23, 32, 2, injected],
		]
			.flat()
			.flatMap(unsigned5),
	);
	expect(parseFieldStream(stream)).toEqual([
		{nameIndex: 12, offset: 12},
		{nameIndex: 900, offset: 70_000},
		{nameIndex: 13, offset: 24},
	]);
});

test('a stream of noise ends', () => {
	expect(parseFieldStream(Buffer.alloc(64, 255)).length).toBeLessThanOrEqual(4096);
	expect(parseFieldStream(Buffer.alloc(0))).toEqual([]);
});
