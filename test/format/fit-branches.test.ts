import {expect, test} from 'vitest';
import {commandCell} from '../../source/format/command-cell.js';
import {fitBranches} from '../../source/format/fit-branches.js';
import {buildRows} from '../../source/format/tree-rows.js';
import {defaultViewOptions} from '../../source/format/view-options.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const chain = (length: number) =>
	makeSnapshot({
		processes: Array.from({length}, (_, index) =>
			makeProcess({
				pid: 10 + index,
				parentPid: 9 + index,
				name: `p${index}`,
				commandLine: [`/usr/local/lib/program-${index}`, '--an-argument'],
				threads: [makeThread({tid: 10 + index})],
			}),
		),
	});
const cells = (width: number, length = 12) =>
	buildRows(chain(length), defaultViewOptions).map(row => commandCell(row, width));

test('however deep a process is, its name is to be seen', () => {
	for (const width of [16, 20, 30, 44, 80]) {
		for (const [index, cell] of cells(width).entries()) {
			expect(cell.slice(0, width), `${width} columns`).toContain(`program-${index}`.slice(0, 8));
		}
	}
});

test('what is deeper than fits has the number of its level in place of its branches', () => {
	expect(cells(20).map(cell => cell.slice(0, 18))).toEqual([
		'program-0 --an-arg',
		' \\_ program-1 --an',
		'     \\_ program-2 ',
		'   3 \\_ program-3 ',
		'   4 \\_ program-4 ',
		'   5 \\_ program-5 ',
		'   6 \\_ program-6 ',
		'   7 \\_ program-7 ',
		'   8 \\_ program-8 ',
		'   9 \\_ program-9 ',
		'  10 \\_ program-10',
		'  11 \\_ program-11',
	]);
});

test('where there is room, branches and directories stay', () => {
	expect(cells(Number.POSITIVE_INFINITY).at(-1)).toBe(
		`${' '.repeat(40)} \\_ /usr/local/lib/program-11 --an-argument`,
	);
	expect(fitBranches(' |  '.repeat(7), 60)).toBe(' |  '.repeat(7));
});

test('of a program that is its whole command line in one word, or has no directory, nothing is lost', () => {
	const cell = (...commandLine: string[]) =>
		commandCell(
			buildRows(makeSnapshot({processes: [makeProcess({commandLine})]}), defaultViewOptions)[0]!,
			12,
		);
	expect(cell('nginx: worker process /etc/nginx')).toBe('nginx: worker process /etc/nginx');
	expect(cell('/opt/chrome/chrome --type=renderer /x/y')).toBe('chrome --type=renderer /x/y');
	expect(cell('/usr/bin/')).toBe('/usr/bin/');
});
