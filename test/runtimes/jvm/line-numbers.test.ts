import {expect, test} from 'vitest';
import {lineAt} from '../../../source/runtimes/jvm/line-numbers.js';
import {createUnsigned5} from '../../../source/runtimes/jvm/unsigned5.js';

/** As javac's table for a method that begins in line 74: small steps in one byte, others packed, as JDK 17 and JDK 25 write it. */
const tables = [
	{excluded: 0, table: [0xff, 0, 148 - 0, 6 << 3, 0xff, 12, 3, (3 << 3) | 2, 0]},
	{excluded: 1, table: [0xff, 1, 149, 6 << 3, 0xff, 13, 4, (3 << 3) | 2, 0]},
] as const;

test.each(tables)(
	'lines of instructions, packed as with $excluded excluded',
	({excluded, table}) => {
		const lines = (...instructions: readonly number[]) =>
			instructions.map(index => lineAt(Buffer.from(table), index, excluded));
		expect(lines(0, 5, 11, 12, 14, 15, 400)).toEqual([74, 74, 74, 72, 72, 74, 74]);
	},
);

test('a method without a table, and an instruction before its first entry, have no line', () => {
	expect(lineAt(Buffer.alloc(0), 3, 1)).toBeUndefined();
	expect(lineAt(Buffer.from([(4 << 3) | 7, 0]), 3, 1)).toBeUndefined();
});

test('packed numbers of several bytes, up to JDK 19 and from 20 on', () => {
	expect(createUnsigned5(Buffer.from([191, 192, 0, 255, 191]), 0).unsigned()).toBe(191);
	const old = createUnsigned5(Buffer.from([191, 192, 0, 195, 2]), 0);
	expect([old.unsigned(), old.unsigned(), old.unsigned()]).toEqual([191, 192, 195 + 2 * 64]);
	const later = createUnsigned5(Buffer.from([192, 1, 193, 3, 6]), 1);
	expect([later.unsigned(), later.unsigned(), later.signed()]).toEqual([191, 192 + 2 * 64, -3]);
});
