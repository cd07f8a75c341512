import {expect, test} from 'vitest';
import {findLine} from '../../../source/runtimes/python/line-table.js';
import type {LineTableKind} from '../../../source/runtimes/python/runtime-layout.js';

/**
One function with lines that go back, several instructions a line and 301 lines between two, as each version's own compiler wrote it:
its table, and the lines that `dis.findlinestarts` and `co_lines` give for its instructions' offsets.
*/
const tables: readonly [
	version: string,
	kind: LineTableKind,
	table: string,
	lines: readonly [offset: number, line: number | undefined][],
][] = [
	[
		'2.7',
		'rising-lnotab',
		'00010603060203010fff002f',
		[
			[0, 2],
			[5, 2],
			[6, 5],
			[12, 7],
			[15, 8],
			[29, 8],
			[30, 310],
			[52, 310],
		],
	],
	[
		'3.7',
		'lnotab',
		'0001040304020201087f007f0030',
		[
			[0, 2],
			[4, 5],
			[8, 7],
			[10, 8],
			[16, 8],
			[18, 310],
			[30, 310],
		],
	],
	[
		'3.10',
		'lines',
		'040104030202040104fe007f007f0e32',
		[
			[0, 2],
			[4, 5],
			[6, 5],
			[8, 7],
			[10, 8],
			[14, 6],
			[18, 310],
			[30, 310],
			[32, undefined],
		],
	],
	[
		'3.11',
		'locations',
		'8000d808098041f006000809f00004050ae00c0dd80c0d884189438c43f005030d0a8801f06009000c1a883e9071883e893e8c3ed00419',
		[
			[0, 1],
			[2, 2],
			[6, 5],
			[10, 7],
			[12, 8],
			[20, 8],
			[30, 6],
			[32, 6],
			[34, 310],
			[56, 310],
			[58, undefined],
		],
	],
	[
		'3.13',
		'locations',
		'8000d808098041f606000809e00c0dd90c0d8b43f005030d0a8801f160090018198b3e917190218a419171893ed00419f98a3e',
		[
			[0, 1],
			[2, 2],
			[6, 5],
			[20, 7],
			[22, 8],
			[34, 6],
			[38, 310],
			[70, 310],
			[72, undefined],
			[76, 310],
		],
	],
];

test.for(tables)('lines of Python %s are those that it gives itself', ([, kind, table, lines]) => {
	const bytes = Buffer.from(table, 'hex');
	expect(lines.map(([offset]) => [offset, findLine(kind, bytes, 1, offset)])).toEqual(lines);
});

test('a line number falls in newer tables, and only rises in Python 2’s', () => {
	const table = Buffer.from('02ff', 'hex');
	expect(findLine('lnotab', table, 10, 2)).toBe(9);
	expect(findLine('rising-lnotab', table, 10, 2)).toBe(265);
});

test('a table that ends in the middle, or is full of garbage, gives some line or none, and ends', () => {
	for (const kind of ['rising-lnotab', 'lnotab', 'lines', 'locations'] as const) {
		for (const table of [
			'',
			'01',
			'ff',
			'7f7f7f',
			'ffffffff',
			'e8',
			'e8ffffffffffffffffff',
			'f07f',
		]) {
			const line = findLine(kind, Buffer.from(table, 'hex'), 5, 1000);
			expect(line === undefined || Number.isInteger(line)).toBe(true);
		}
	}
});
