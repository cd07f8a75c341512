import {expect, test} from 'vitest';
import {formatRow} from '../../source/format/row-text.js';
import {formatTableHead, layoutTable} from '../../source/format/table-layout.js';
import {displayWidth} from '../../source/format/text-width.js';
import {buildRows} from '../../source/format/tree-rows.js';
import {defaultViewOptions} from '../../source/format/view-options.js';
import {makeIncident} from '../helpers/incident.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const marks = {falling: 'v', rising: '^'};
const head = (width: number, options = defaultViewOptions) =>
	formatTableHead(layoutTable(makeIncident(), width), options, marks);

test('columns go by their importance when there is less room, the command never', () => {
	expect(head(200)).toContain('PPID');
	expect(head(80).trim().split(/\s+/)).toEqual([
		'PID',
		'STAT',
		'THR',
		'CPU%',
		'csw/sv',
		'nvcsw/sv',
		'WAIT%',
		'WCHAN',
		'COMMAND',
	]);
	expect(head(40).trim().split(/\s+/)).toEqual(['PID', 'STAT', 'csw/sv', 'nvcsw/sv', 'COMMAND']);
	expect(head(10)).toBe('COMMAND');
});

test('the sorted column is marked, with the direction', () => {
	expect(head(80, {...defaultViewOptions, sort: 'cpu'})).toContain('CPU%v');
	expect(head(80, {...defaultViewOptions, sort: 'cpu', inverted: true})).toContain('CPU%^');
	expect(head(80, {...defaultViewOptions, sort: 'pid'})).toContain('PID^');
});

test.each([200, 120, 80, 60, 40, 25])(
	'at %d columns head and rows stand below each other',
	width => {
		const snapshot = makeIncident();
		const layout = layoutTable(snapshot, width);
		const title = formatTableHead(layout, defaultViewOptions, marks);
		const start = title.indexOf('COMMAND');
		for (const row of buildRows(snapshot, defaultViewOptions)) {
			const line = formatRow(row, layout);
			expect(displayWidth(line)).toBeLessThanOrEqual(width);
			expect(line.slice(Math.max(0, start - 1), start).trim()).toBe('');
		}
	},
);

test('a wide table does not cut wait channels, and drops what the compiler appended to them', () => {
	const snapshot = makeSnapshot({
		processes: [
			makeProcess({
				threads: [makeThread({tid: 100, waitChannel: 'poll_schedule_timeout.constprop.0.isra.0'})],
			}),
		],
	});
	const [row] = buildRows(snapshot, defaultViewOptions);
	expect(formatRow(row!, layoutTable(snapshot, 200))).toContain(' poll_schedule_timeout ');
	expect(formatRow(row!, layoutTable(snapshot, 80))).toContain(' poll_schedul~ ');
});

test('without a width nothing is cut', () => {
	const long = 'a_kernel_function_with_a_name_that_is_longer_than_any_table';
	const snapshot = makeSnapshot({
		processes: [
			makeProcess({
				commandLine: ['x'.repeat(5000)],
				threads: [makeThread({tid: 100, waitChannel: long})],
			}),
		],
	});
	const [row] = buildRows(snapshot, defaultViewOptions);
	const line = formatRow(row!, layoutTable(snapshot, Number.POSITIVE_INFINITY));
	expect(line).toContain(` ${long} `);
	expect(line).toContain(` ${'x'.repeat(5000)}`);
});

test('what is waited on has a column where the command keeps its room, and is then not said twice', () => {
	expect(head(200)).toMatch(/WCHAN +WAITING ON +COMMAND$/);
	expect(head(122)).toContain('WAITING ON');
	expect(head(118)).not.toContain('WAITING ON');
	const rows = buildRows(makeIncident(), defaultViewOptions);
	const group = rows.find(({kind}) => kind === 'group')!;
	const lines = [200, 118].map(width => formatRow(group, layoutTable(makeIncident(), width)));
	expect(lines[0]).toContain('GIL of python3.11');
	expect(lines[0]).toContain('\\_ 44 threads | 1288/s each');
	expect(lines[1]).toContain('GIL of python3.11 1288/s each');
});

test('a thread that sleeps on shows the new holder of its lock', () => {
	const thread = makeThread({tid: 101, wait: {kind: 'lock', lockId: 'futex:0x10'}});
	const line = (holderTid: number): string => {
		const lock = {
			id: 'futex:0x10',
			kind: 'mutex',
			name: 'mu',
			holderTid,
			waiterTids: [101],
			waitersAverage: 1,
			contendedPercent: 100,
			confidence: 'certain' as const,
		};
		const snapshot = makeSnapshot({
			processes: [makeProcess({threads: [makeThread({tid: 100}), thread], locks: [lock]})],
		});
		const rows = buildRows(snapshot, {...defaultViewOptions, threads: 'all'});
		return formatRow(
			rows.find(row => row.kind === 'thread' && row.thread === thread)!,
			layoutTable(snapshot, 200),
		);
	};

	expect([line(7), line(8)].filter(text => text.includes('mutex mu'))).toHaveLength(2);
	expect(line(7)).toContain('held by 7');
	expect(line(8)).toContain('held by 8');
});

test('refused and absent cells are told apart', () => {
	const snapshot = makeSnapshot({
		processes: [
			makeProcess({
				commandLine: ['a'],
				threads: [makeThread({tid: 100, cpuPercent: null, waitChannel: null})],
				involuntarySwitchesPerSecond: undefined,
			}),
		],
	});
	const [row] = buildRows(snapshot, defaultViewOptions);
	expect(formatRow(row!, layoutTable(snapshot, 80)).trim().split(/\s+/)).toEqual([
		'100',
		'Ss',
		'1',
		'?',
		'.',
		'-',
		'.',
		'?',
		'a',
	]);
});

test('a number of threads is rounded rather than cut', () => {
	const snapshot = makeSnapshot({processes: [makeProcess({threadCount: 12_345})]});
	const [row] = buildRows(snapshot, defaultViewOptions);
	expect(formatRow(row!, layoutTable(snapshot, 80))).toContain(' 12k ');
});

test('a changed process has its new numbers at once, in another layout its other columns', () => {
	const before = makeSnapshot({processes: [makeProcess({cpuPercent: 11})]});
	const after = makeSnapshot({processes: [makeProcess({cpuPercent: 22})]});
	const line = (snapshot: typeof before, width: number) =>
		formatRow(buildRows(snapshot, defaultViewOptions)[0]!, layoutTable(snapshot, width));
	expect(line(before, 80)).toContain(' 11 ');
	expect(line(after, 80)).toContain(' 22 ');
	expect(line(before, 30)).not.toContain(' 11 ');
});
