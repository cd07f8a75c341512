import {expect, it} from 'vitest';
import type {Check, Verdict} from '../../source/model/preflight.js';
import {preflightLines} from '../../source/ui/preflight-text.js';
import {makeTheme} from '../../source/ui/theme.js';

const theme = makeTheme(false, true);
const check = (id: string, verdict: Verdict, summary: string): Check => ({
	id,
	title: id,
	verdict,
	summary,
	measurements: [],
	details: [`${id} has a table`],
	fixes: [],
});
const checks = [
	check('disks', 'bad', '/ is full'),
	check('sockets', 'ok', 'no queue overflows'),
	check('memory', 'unknown', 'cannot tell: it was refused'),
];

const frameOf = (
	rows: number,
	scroll = 0,
	columns = 80,
	shown: readonly Check[] | undefined = checks,
) => preflightLines(shown, scroll, {columns, rows}, theme);

it('shows every verdict as a word above the details', () => {
	const lines = frameOf(24);
	expect(lines.slice(0, 4)).toEqual([
		'pre-flight: 1 bad, 1 unknown, 1 ok',
		'BAD    disks           / is full',
		'ok     sockets         no queue overflows',
		'?      memory          cannot tell: it was refused',
	]);
	expect(lines).toContain('  disks has a table');
	expect(lines.length).toBeLessThanOrEqual(23);
});

it('scrolls, and never past its end', () => {
	expect(frameOf(7, 3)[0]).toBe('pre-flight: 1 bad, 1 unknown, 1 ok  lines 4-8 of 12');
	expect(frameOf(7, 3)[2]).toBe('disks: BAD - / is full');
	const last = frameOf(7, 999);
	expect(last[0]).toContain('lines 8-12 of 12');
	expect(last).toContain('  memory has a table');
});

it('fits 40 columns and 200', () => {
	for (const columns of [40, 200]) {
		expect(Math.max(...frameOf(24, 0, columns).map(line => line.length))).toBeLessThanOrEqual(
			columns,
		);
	}
});

it('says that it is looking until the first look is done', () => {
	expect(preflightLines(undefined, 0, {columns: 80, rows: 10}, theme)).toContain(
		'looking at disks, sockets, memory and limits...',
	);
});
