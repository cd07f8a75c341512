import {expect, test} from 'vitest';
import {commandCell} from '../../source/format/command-cell.js';
import {parseFilter} from '../../source/format/filter.js';
import {groupKey, processKey} from '../../source/format/row.js';
import {groupThreads} from '../../source/format/thread-groups.js';
import {buildRows} from '../../source/format/tree-rows.js';
import {defaultViewOptions, type ViewOptions} from '../../source/format/view-options.js';
import {makeIncident} from '../helpers/incident.js';
import {makeFinding, makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const process = (pid: number, parentPid: number, rate: number) =>
	makeProcess({
		pid,
		parentPid,
		name: `p${pid}`,
		commandLine: [`p${pid}`],
		threads: [makeThread({tid: pid, voluntarySwitchesPerSecond: rate})],
	});

const family = makeSnapshot({
	processes: [
		process(1, 0, 0),
		process(10, 1, 5),
		process(11, 10, 1),
		process(12, 10, 90),
		process(13, 11, 300),
		process(20, 1, 200),
	],
});

const view = (change: Partial<ViewOptions> = {}): ViewOptions => ({
	...defaultViewOptions,
	...change,
});

const texts = (snapshot: ReturnType<typeof makeSnapshot>, change: Partial<ViewOptions> = {}) => {
	const filter = change.filter === undefined ? undefined : parseFilter(change.filter).matches;
	return buildRows(snapshot, view(change), filter).map(row =>
		commandCell(row, Number.POSITIVE_INFINITY),
	);
};

test('siblings are in the order of their subtrees, and the tree is drawn as ps draws it', () => {
	expect(texts(family)).toEqual(['p10', ' \\_ p11', ' |   \\_ p13', ' \\_ p12', 'p20', 'p1']);
});

test('inverted, the quiet ones come first and children stay below their parents', () => {
	expect(texts(family, {inverted: true})).toEqual([
		'p1',
		'p20',
		'p10',
		' \\_ p12',
		' \\_ p11',
		'     \\_ p13',
	]);
});

test('by pid, the order is that of the pids', () => {
	expect(texts(family, {sort: 'pid', tree: false})).toEqual([
		'p1',
		'p10',
		'p11',
		'p12',
		'p13',
		'p20',
	]);
});

test('the flat list is in the order of what each process does itself', () => {
	expect(texts(family, {tree: false})).toEqual(['p13', 'p20', 'p12', 'p10', 'p11', 'p1']);
});

test('a folded process shows the sum of its subtree and says how much it hides', () => {
	const [first] = buildRows(family, view({levels: new Map([['10:1000', 'folded']])}));
	expect(first).toMatchObject({hiddenProcesses: 3, threadCount: 4});
	expect(first?.rates.voluntary).toBe(396);
	expect(commandCell(first!, 80)).toBe('+3 procs p10');
});

test('kernel threads are folded at first, found by the filter all the same, and can be left out', () => {
	const incident = makeIncident();
	expect(texts(incident)).toContain('+2 procs [kthreadd]');
	expect(texts(incident, {filter: 'rcu_gp'})).toEqual(['[kthreadd]', ' \\_ [kworker/R-rcu_gp]']);
	expect(texts(incident, {kernelThreads: false}).join('\n')).not.toContain('kthreadd');
});

test('only a process that a finding is about shows its threads by itself, alike ones in one row', () => {
	const lines = texts(makeIncident());
	expect(lines).toContain('     \\_ 44 threads | GIL of python3.11 | 1288/s each {python#}');
	expect(lines.filter(line => line.includes('{encode'))).toEqual([]);
	const calm = makeIncident({findings: []});
	expect(texts(calm).filter(line => line.includes('threads |'))).toEqual([]);
});

test('all threads are shown one by one, or none', () => {
	const all = buildRows(makeIncident(), view({threads: 'all'}));
	expect(all.filter(({kind}) => kind === 'thread')).toHaveLength(45 + 11);
	const none = buildRows(makeIncident(), view({threads: 'none'}));
	expect(none.every(({kind}) => kind === 'process')).toBe(true);
});

test('flat with all threads there is one row for each thread, in one order', () => {
	const rows = buildRows(makeIncident(), view({threads: 'all', tree: false}));
	const rates = rows.map(
		({rates: {voluntary, involuntary}}) => (voluntary ?? 0) + (involuntary ?? 0),
	);
	expect(rates).toEqual(rates.toSorted((a, b) => b - a));
	expect(rows[0]).toMatchObject({kind: 'thread', prefix: ''});
});

test('a group that is opened shows its threads below it', () => {
	const snapshot = makeIncident();
	const agent = snapshot.processes.find(({pid}) => pid === 3310)!;
	const [group] = groupThreads(agent).groups;
	const rows = buildRows(snapshot, view({openGroups: new Set([groupKey(agent, group!)])}));
	const index = rows.findIndex(({kind, process: {pid}}) => kind === 'group' && pid === 3310);
	const below = rows.slice(index + 1, index + 11);
	expect(below.every(row => row.kind === 'thread' && row.parentKey === rows[index]?.key)).toBe(
		true,
	);
	expect(commandCell(below[0]!, 80)).toBe(' |   \\_ {tick-1}  sleep');
});

test('in the tree the ancestors of a match stay, in the flat list they do not', () => {
	expect(texts(family, {filter: 'p13'})).toEqual(['p10', ' \\_ p11', '     \\_ p13']);
	expect(texts(family, {filter: 'p13', tree: false})).toEqual(['p13']);
});

test('with a filter only the threads that match are shown', () => {
	const snapshot = makeSnapshot({
		processes: [
			makeProcess({
				pid: 50,
				threads: [makeThread({tid: 50}), makeThread({tid: 51, state: 'D'}), makeThread({tid: 52})],
			}),
		],
	});
	const rows = buildRows(snapshot, view({threads: 'all'}), parseFilter('state:D').matches);
	expect(rows.map(({key}) => key)).toEqual(['50:1000', 't51:1000']);
});

test('a row carries the numbers of its findings, a folded one also those that it hides', () => {
	const snapshot = {...family, findings: [makeFinding({pid: 13}), makeFinding({pid: 10})]};
	expect(texts(snapshot).slice(0, 3)).toEqual(['!2 p10', ' \\_ p11', ' |   \\_ !1 p13']);
	const key = processKey(family.processes[1]!);
	expect(texts(snapshot, {levels: new Map([[key, 'folded']])})[0]).toBe('!1,2 +3 procs p10');
});

test('no two rows have the same key', () => {
	const keys = buildRows(makeIncident(), view()).map(({key}) => key);
	expect(new Set(keys).size).toBe(keys.length);
});

test('a chain of ten thousand processes is drawn no wider than the screen can bear', () => {
	const chain = Array.from({length: 10_000}, (_, index) => process(index + 2, index + 1, 1));
	const rows = buildRows(makeSnapshot({processes: chain}), view());
	expect(rows).toHaveLength(10_000);
	expect(Math.max(...rows.map(({prefix}) => prefix.length))).toBeLessThanOrEqual(160);
});
