import {expect, it} from 'vitest';
import {bytes, duration, percent, plural, printable, table} from '../../source/preflight/words.js';

it('shows nothing that a terminal would act on', () => {
	expect(printable('a\u001B[31mb\nc\u202Ed\u009Be')).toBe('a?[31mb?c?d?e');
	expect(printable('plain 日本')).toBe('plain 日本');
});

it('writes sizes, times and shares for people', () => {
	expect([0, 512, 65_536, 23_035_045_888].map(bytes)).toEqual([
		'0 B',
		'512 B',
		'64.0 KiB',
		'21.5 GiB',
	]);
	expect([40, 2400, 7200, 864_000].map(duration)).toEqual(['40 s', '40 minutes', '2 h', '10 days']);
	expect([0, 0.44, 21.6].map(percent)).toEqual(['0 %', '0.4 %', '22 %']);
	expect([plural(1, 'core'), plural(2, 'core'), plural(2, 'process', 'processes')]).toEqual([
		'1 core',
		'2 cores',
		'2 processes',
	]);
});

it('lines up columns', () => {
	expect(
		table(
			[
				['name', 'n'],
				['a', '100'],
			],
			[1],
		),
	).toEqual(['name    n', 'a     100']);
	expect(
		table([
			['日本', 'x'],
			['abcd', 'y'],
		]),
	).toEqual(['日本  x', 'abcd  y']);
	expect(table([])).toEqual([]);
});
