import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import type {Candidate, Rule} from '../../source/findings/rule.js';
import {rules} from '../../source/findings/rules.js';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {makeFinding, makeProcess} from '../helpers/snapshot.js';
import {measuredPrograms} from './measured-programs.js';
import {processWith, python3, snapshotsOf, timed, type Watching, withGil} from './watched.js';

const candidate = (overrides: Partial<Candidate> = {}): Candidate => {
	const {rule: _, since: __, ...rest} = makeFinding();
	return {...rest, subject: '100:1000', ...overrides};
};

/** Finds each process whose name is the word. */
const ruleFor = (name: string, word: string, overrides: Partial<Candidate> = {}): Rule => ({
	name,
	summary: name,
	explanation: name,
	find: ({latest, isExplained}) =>
		latest.processes
			.filter(process => process.name === word && !isExplained(process.pid))
			.map(process =>
				candidate({
					subject: String(process.pid),
					pid: process.pid,
					pids: [process.pid],
					tids: [process.pid],
					...overrides,
				}),
			),
});

const bad: readonly Process[] = [makeProcess({name: 'bad'})];
const good: readonly Process[] = [makeProcess({name: 'good'})];

/** What is shown after each Snapshot, when these are seen one after the other. */
const shownEach = (rule: Rule, snapshots: readonly Snapshot[]): number[] => {
	const engine = createFindingsEngine([rule]);
	return snapshots.map(
		(_, index) =>
			engine.evaluate(snapshots.slice(Math.max(0, index - 9), index + 1)).findings.length,
	);
};

const sequence = (...parts: [readonly Process[], Watching][]): Snapshot[] =>
	parts.flatMap(([processes, watching]) => snapshotsOf(processes, watching));

describe('the engine', () => {
	test('a finding appears after three seconds of data, whatever the interval', () => {
		const firstShown = (intervalSeconds: number) => {
			const snapshots = snapshotsOf(bad, {intervalSeconds, seconds: 12});
			return snapshots[shownEach(ruleFor('r', 'bad'), snapshots).indexOf(1)]?.observedSeconds;
		};

		expect(firstShown(1)).toBe(3);
		expect(firstShown(0.5)).toBe(3);
		expect(firstShown(2)).toBe(4);
		expect(firstShown(3)).toBe(3);
		expect(firstShown(10)).toBe(10);
	});

	test('a burst of two seconds is none', () => {
		const snapshots = sequence(
			[good, {seconds: 2}],
			[bad, {from: 3, seconds: 1}],
			[good, {from: 5, seconds: 10}],
		);
		expect(shownEach(ruleFor('r', 'bad'), snapshots)).not.toContain(1);
	});

	test('it goes after five seconds of not being true, and stays through a shorter pause', () => {
		const snapshots = sequence(
			[bad, {seconds: 4}],
			[good, {from: 5, seconds: 3}],
			[bad, {from: 9, seconds: 0}],
			[good, {from: 10, seconds: 6}],
		);
		expect(shownEach(ruleFor('r', 'bad'), snapshots)).toEqual([
			0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0,
		]);
	});

	test('it appears as well when it was true in three of the last four seconds, but not for two', () => {
		const snapshots = sequence(
			[bad, {seconds: 2}],
			[good, {from: 3, seconds: 0}],
			[bad, {from: 4, seconds: 0}],
		);
		expect(shownEach(ruleFor('r', 'bad'), snapshots)).toEqual([0, 0, 0, 0, 1]);
		const everyOther = sequence(
			...[0, 2, 4, 6, 8].flatMap((from): [readonly Process[], Watching][] => [
				[bad, {from, seconds: 0}],
				[good, {from: from + 1, seconds: 0}],
			]),
		);
		expect(shownEach(ruleFor('r', 'bad'), everyOther)).not.toContain(1);
	});

	test('since is when it was first true, and stays', () => {
		const engine = createFindingsEngine([ruleFor('r', 'bad')]);
		const snapshots = sequence([good, {seconds: 2}], [bad, {from: 3, seconds: 20}]);
		engine.evaluate(snapshots.slice(0, 10));
		for (const end of [15, 23]) {
			expect(engine.evaluate(snapshots.slice(end - 10, end)).findings[0]?.since).toBe(
				'2026-01-01T12:00:03.000Z',
			);
		}
	});

	test('it keeps the process that it goes by while others take turns in doing the most', () => {
		const engine = createFindingsEngine([
			{
				...ruleFor('r', 'bad'),
				find: ({latest}) => {
					const pids = latest.observedSeconds % 2 === 0 ? [7, 8] : [8, 7];
					return [candidate({pid: pids[0]!, pids})];
				},
			},
		]);
		const both = [makeProcess({pid: 7}), makeProcess({pid: 8})];
		const snapshots = snapshotsOf(both, {seconds: 8});
		const pids = snapshots.flatMap((_, index) =>
			engine.evaluate(snapshots.slice(0, index + 1)).findings.map(({pid}) => pid),
		);
		expect(pids.length).toBeGreaterThan(3);
		expect(new Set(pids).size).toBe(1);
	});

	test('the threads that it is about are the same list as long as they are the same: a minute of Snapshots holds it once', () => {
		const engine = createFindingsEngine([ruleFor('r', 'bad')]);
		const [before, later] = [4, 5].map(
			seconds => engine.evaluate(snapshotsOf(bad, {seconds})).findings[0]!,
		);
		expect(before!.tids).toEqual(bad.map(({pid}) => pid));
		expect(later!.tids).toBe(before!.tids);
		expect(later!.pids).toBe(before!.pids);
	});

	test('it goes at once with its process', () => {
		const snapshots = sequence([bad, {seconds: 4}], [[], {from: 5, seconds: 0}]);
		expect(shownEach(ruleFor('r', 'bad'), snapshots).slice(-2)).toEqual([1, 0]);
	});

	test('asked once at the end it says what it says when asked each second', () => {
		for (const {processes} of measuredPrograms) {
			const snapshots = snapshotsOf(processes);
			const each = createFindingsEngine(rules);
			const asked = snapshots.map((_, index) => each.evaluate(snapshots.slice(0, index + 1)));
			expect(createFindingsEngine(rules).evaluate(snapshots)).toEqual(asked.at(-1));
			// Asking again changes nothing.
			expect(each.evaluate(snapshots)).toEqual(asked.at(-1));
		}
	});

	test('stepping back in a recording starts afresh', () => {
		const engine = createFindingsEngine([ruleFor('r', 'bad')]);
		const snapshots = sequence([good, {seconds: 5}], [bad, {from: 6, seconds: 6}]);
		expect(engine.evaluate(snapshots).findings).toHaveLength(1);
		expect(engine.evaluate(snapshots.slice(0, 4)).findings).toEqual([]);
		expect(engine.evaluate(snapshots).findings).toHaveLength(1);
	});

	test('a wall clock that is set back changes nothing', () => {
		const snapshots = snapshotsOf(bad).map(snapshot => ({
			...snapshot,
			takenAt: '2020-01-01T00:00:00.000Z',
		}));
		expect(shownEach(ruleFor('r', 'bad'), snapshots).at(-1)).toBe(1);
	});

	test('a rule that stands first explains threads away, also while it is only held', () => {
		const cause = ruleFor('cause', 'bad');
		const symptom: Rule = {
			...ruleFor('symptom', 'bad'),
			find: ({latest, isExplained}) =>
				latest.processes.some(process => isExplained(process.pid))
					? []
					: [candidate({subject: 'symptom'})],
		};
		const engine = createFindingsEngine([cause, symptom]);
		const snapshots = sequence([bad, {seconds: 5}], [good, {from: 6, seconds: 2}]);
		expect(engine.evaluate(snapshots).findings.map(finding => finding.rule)).toEqual(['cause']);
	});

	test('threads of a GIL thrash that is still shown are not said to poll or to compute as well', () => {
		const crowd = {count: 8, voluntary: 1661, involuntary: 736, cores: 0.93, delayRatio: 0.3};
		const thrash = [withGil(processWith(python3, crowd), 6)];
		const waits = [timed('sleep', 'clock_nanosleep', 4)];
		const polling = [processWith(python3, {count: 8, voluntary: 1661, cores: 0.02, waits})];
		const burn = {count: 8, involuntary: 900, cores: 1.7, delayRatio: 0.79};
		const computing = [processWith(python3, burn)];
		const told = (after: readonly Process[], seconds: number) =>
			createFindingsEngine(rules)
				.evaluate(sequence([thrash, {seconds: 4}], [after, {from: 5, seconds}]))
				.findings.map(({rule}) => rule);
		expect(told(polling, 3)).toEqual(['gil-thrash']);
		expect(told(polling, 10)).toEqual(['idle-polling']);
		expect(told(computing, 3)).toEqual(['gil-thrash']);
		expect(told(computing, 10)).toEqual(['oversubscribed']);
	});

	test('the most severe comes first, then the costliest', () => {
		const cost = (switchesPerSecond: number) => ({cost: {switchesPerSecond}, tids: []});
		const engine = createFindingsEngine([
			ruleFor('small', 'bad', {severity: 'warning', ...cost(10)}),
			ruleFor('note', 'bad', {severity: 'notice', ...cost(1000)}),
			ruleFor('large', 'bad', {severity: 'warning', ...cost(100)}),
			ruleFor('worst', 'bad', {severity: 'critical', ...cost(1)}),
		]);
		const {findings} = engine.evaluate(snapshotsOf(bad));
		expect(findings.map(finding => finding.rule)).toEqual(['worst', 'large', 'small', 'note']);
	});

	test('nothing to look at is no error', () => {
		expect(createFindingsEngine(rules).evaluate([]).findings).toEqual([]);
		expect(createFindingsEngine(rules).evaluate([]).notSeen).toHaveLength(1);
	});

	test('with intervals of a quarter second, looks of a whole second count together', () => {
		// Half of the Snapshots see threads asleep, the others see them run: alone none tells enough.
		const asleep = [
			processWith(
				{},
				{count: 45, voluntary: 4500, cores: 0.04, waits: [timed('sleep', 'clock_nanosleep', 10)]},
			),
		];
		const running = [
			processWith(
				{},
				{count: 45, voluntary: 4500, cores: 0.04, waits: [{kind: 'running', percent: 100}]},
			),
		];
		const snapshots = snapshotsOf(asleep, {intervalSeconds: 0.25, seconds: 5}).map(
			(snapshot, index) => (index % 4 === 0 ? snapshot : {...snapshot, processes: running}),
		);
		expect(createFindingsEngine(rules).evaluate(snapshots).findings[0]?.rule).toBe('idle-polling');
	});
});
