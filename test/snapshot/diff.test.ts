import {describe, expect, test} from 'vitest';
import {formatDiff, formatDiffMarkdown} from '../../source/format/diff.js';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {diffSnapshots} from '../../source/snapshot/diff.js';
import {whatItRuns} from '../../source/snapshot/what-it-runs.js';
import {
	makeFinding,
	makeProcess,
	makeSnapshot,
	makeSystem,
	makeThread,
} from '../helpers/snapshot.js';

const worker = (pid: number, rate: number, words: readonly string[] = ['-w', '40']): Process =>
	makeProcess({
		pid,
		name: 'python3',
		commandLine: ['/usr/bin/python3.11', '/srv/shop/consumer.py', ...words],
		threads: Array.from({length: 45}, (_, index) =>
			makeThread({tid: pid * 100 + index, voluntarySwitchesPerSecond: rate, cpuPercent: 0.1}),
		),
	});

const polling = (pid: number) =>
	makeFinding({rule: 'idle-polling', pid, title: '1,800 threads wake 20 times a second each'});

/** The talk's service: forty workers of 45 threads that ask twenty times a second, and the same after the fix. */
const before = makeSnapshot({
	processes: Array.from({length: 40}, (_, index) => worker(1000 + index, 20)),
	findings: [polling(1000)],
	system: makeSystem({contextSwitchesPerSecond: 40_000}),
});
const after = makeSnapshot({
	processes: Array.from({length: 40}, (_, index) =>
		worker(9000 + index, 0.2, ['-w', '40', '--wait']),
	),
	system: makeSystem({contextSwitchesPerSecond: 4000}),
});

test('forty workers are one service, matched by what they run: 36,000 switches a second become 360', () => {
	const [service] = diffSnapshots([before], [after]).services;
	expect(service).toMatchObject({
		name: 'python consumer.py',
		processes: {before: 40, after: 40, factor: 1},
		threads: {before: 1800, after: 1800, factor: 1},
		switchesPerSecond: {before: 36_000},
	});
	expect(service?.switchesPerSecond.after).toBeCloseTo(360);
	expect(service?.switchesPerSecond.factor).toBeCloseTo(0.01);
});

test('findings went, came and stayed, though their processes have other pids', () => {
	const stays = (pid: number) => makeFinding({rule: 'oversubscribed', pid, severity: 'notice'});
	const came = makeFinding({rule: 'gil-thrash', pid: 9000});
	const {findings} = diffSnapshots(
		[{...before, findings: [polling(1000), stays(1001)]}],
		[{...after, findings: [came, stays(9001)]}],
	);
	expect(findings.map(({state, finding, subject}) => [state, finding.rule, subject])).toEqual([
		['went', 'idle-polling', 'python consumer.py'],
		['came', 'gil-thrash', 'python consumer.py'],
		['stayed', 'oversubscribed', 'python consumer.py'],
	]);
});

test('of recordings the medians are compared, and a service that was there for a moment only counts as none', () => {
	const moments = (rates: readonly number[]): Snapshot[] =>
		rates.map((rate, index) =>
			makeSnapshot({
				observedSeconds: index + 1,
				processes: [
					worker(1, rate),
					...(index === 0
						? [
								makeProcess({
									pid: 2,
									name: 'backup',
									threads: [makeThread({tid: 2, voluntarySwitchesPerSecond: 900})],
								}),
							]
						: []),
				],
			}),
		);
	const {services, before: side} = diffSnapshots(moments([1, 2, 100]), moments([4, 4, 4]));
	expect(side.snapshots).toBe(3);
	expect(services.find(({name}) => name === 'python consumer.py')?.switchesPerSecond).toMatchObject(
		{
			before: 90,
			after: 180,
			factor: 2,
		},
	);
	expect(services.find(({name}) => name === 'backup')?.switchesPerSecond.before).toBe(0);
});

test('what was refused on one side has no factor', () => {
	const refused = makeProcess({
		pid: 1,
		name: 'x',
		voluntarySwitchesPerSecond: null,
		involuntarySwitchesPerSecond: null,
	});
	const known = makeProcess({
		pid: 1,
		name: 'x',
		voluntarySwitchesPerSecond: 5,
		involuntarySwitchesPerSecond: 0,
	});
	const [service] = diffSnapshots(
		[makeSnapshot({processes: [refused]})],
		[makeSnapshot({processes: [known]})],
	).services;
	expect(service?.switchesPerSecond).toEqual({after: 5});
});

describe('as text', () => {
	test('it says what the talk said', () => {
		const text = formatDiff(diffSnapshots([before], [after]));
		expect(text).toMatch(/^WENT warning idle-polling \(python consumer\.py\): 1,800 threads/m);
		expect(text).toMatch(/^python consumer\.py +36\.0k -> 360 x0\.010 +.* 1800 +40$/m);
		expect(text).toMatch(/all switches of the machine: 40\.0k -> 4000 x0\.1 \/s/);
	});

	test('Markdown is one table, whatever a service calls itself', () => {
		const evil = makeProcess({
			pid: 5,
			name: 'a|b<c',
			commandLine: ['a|b<c\u001B[2J'],
			threads: [makeThread({tid: 5, voluntarySwitchesPerSecond: 99})],
		});
		const text = formatDiffMarkdown(diffSnapshots([before], [{...after, processes: [evil]}]));
		expect(text).toContain(String.raw`| a\|b\<c?\[\#J |`);
		expect(text).not.toContain('\u001B');
		const rows = text.split('\n').filter(line => line.startsWith('|'));
		expect(
			new Set(rows.map(row => row.replaceAll(String.raw`\|`, '').split('|').length)).size,
		).toBe(1);
	});
});

test.each([
	[['/usr/bin/gunicorn', '-w', '4'], 'gunicorn'],
	[['/usr/bin/python3.11', '-X', 'dev', 'app.py', '8080'], 'python app.py'],
	[['python3', '-m', 'http.server'], 'python http.server'],
	[['java', '-cp', '/a:/b', '-Xmx1g', '-jar', '/srv/shop-1.2.jar'], 'java shop-#.#.jar'],
	[['node', '--inspect', '/srv/a/server.js'], 'node server.js'],
	[['postgres: writer process'], 'postgres'],
	[['-bash'], 'bash'],
	[['sh', '-c', 'secret command'], 'sh'],
	[[], 'fallback'],
])('%j is %s', (commandLine, name) => {
	expect(whatItRuns(makeProcess({name: 'fallback', commandLine}))).toBe(name);
});
