import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import {type MeasuredProgram, measuredPrograms} from './measured-programs.js';
import {snapshotsOf, watch} from './watched.js';

const told = ({processes, system}: MeasuredProgram, intervalSeconds = 1) =>
	watch(processes, {intervalSeconds, ...(system && {system})}).findings.map(
		({rule, severity}) => `${rule} ${severity}`,
	);

describe('all rules together', () => {
	for (const program of measuredPrograms) {
		const {name, expected} = program;
		test(`${name}: ${expected.join(' and ') || 'nothing'}`, () => {
			expect(told(program)).toEqual(expected);
		});
	}

	test.each([0.25, 0.5, 2])('they say the same every %d s as every second', intervalSeconds => {
		for (const program of measuredPrograms) {
			const {name, expected} = program;
			expect({name, told: told(program, intervalSeconds)}).toEqual({name, told: expected});
		}
	});

	test('every finding can be acted on: evidence with sources, a cost, fixes with reasons', () => {
		for (const {processes, system} of measuredPrograms) {
			for (const finding of watch(processes, {...(system && {system})}).findings) {
				expect(finding.title.length).toBeLessThan(110);
				expect(finding.evidence.length).toBeGreaterThanOrEqual(3);
				for (const {what, source, value} of finding.evidence) {
					expect(what).not.toBe('');
					expect(source).toMatch(/^(?:\/proc\/|cpu\.(?:max|stat))/);
					expect(value).not.toBeNaN();
				}

				expect(finding.cost.switchesPerSecond).toBeGreaterThan(0);
				expect(finding.fixes.length).toBeGreaterThan(0);
				expect(finding.fixes.every(fix => fix.why !== '')).toBe(true);
				expect(finding.next.some(step => step.command?.includes(String(finding.pid)))).toBe(true);
				expect(finding.pids).toContain(finding.pid);
				expect(new Set(finding.tids).size).toBe(finding.tids.length);
				expect(JSON.parse(JSON.stringify(finding))).toEqual(finding);
			}
		}
	});

	test('refused and missing readings never make a rule fail, nor find what was not seen', () => {
		const rates = [
			'voluntarySwitchesPerSecond',
			'involuntarySwitchesPerSecond',
			'cpuPercent',
			'systemCpuPercent',
			'runQueueWaitPercent',
		] as const;
		for (const nothing of [null, undefined]) {
			const blanks = Object.fromEntries(rates.map(rate => [rate, nothing]));
			for (const {processes} of measuredPrograms) {
				const blind = processes.map(process => ({
					...process,
					...blanks,
					commandLine: nothing,
					threads: process.threads.map(({waits: _, ...thread}) => ({
						...thread,
						...blanks,
						wait: nothing,
					})),
					runtime: undefined,
				}));
				expect(watch(blind).findings).toEqual([]);
				for (const rate of rates) {
					const withoutOne = processes.map(process => ({
						...process,
						[rate]: nothing,
						threads: process.threads.map(thread => ({...thread, [rate]: nothing})),
					}));
					expect(() => watch(withoutOne)).not.toThrow();
				}
			}
		}

		expect(watch([]).findings).toEqual([]);
	});

	test('every rule has a name, a line and a page', () => {
		expect(new Set(rules.map(rule => rule.name)).size).toBe(rules.length);
		for (const rule of rules) {
			expect(rule.summary).not.toBe('');
			for (const heading of [
				'What it is',
				'How ctop knows',
				'What does not fool it',
				'How to fix it',
				'Further reading',
			]) {
				expect(rule.explanation).toContain(`\n${heading}\n`);
			}

			expect(Math.max(...rule.explanation.split('\n').map(line => line.length))).toBeLessThan(100);
		}
	});

	test('two thousand threads cost few milliseconds of CPU a tick', () => {
		const talk = measuredPrograms.find(program =>
			program.name.startsWith('Python 2.7, 10 workers'),
		)!;
		const processes = [0, 1, 2, 3].flatMap(copy =>
			talk.processes.map(process => ({
				...process,
				pid: process.pid + copy * 10_000,
				parentPid: process.parentPid + copy * 10_000,
				commandLine: ['/usr/bin/python2.7', 'abcd'.charAt(copy)],
				threads: process.threads.map(thread => ({...thread, tid: thread.tid + copy * 10_000})),
			})),
		);
		const engine = createFindingsEngine(rules);
		const snapshots = snapshotsOf(processes, {seconds: 160});
		const costs = snapshots.map((_, index) => {
			const before = process.cpuUsage();
			engine.evaluate(snapshots.slice(Math.max(0, index - 9), index + 1));
			const {user, system} = process.cpuUsage(before);
			return (user + system) / 1000;
		});
		// A guard against work that grows faster than the threads: untransformed code takes about 1 ms.
		expect(Math.min(...costs)).toBeLessThan(4);
	});
});
