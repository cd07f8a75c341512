import {describe, expect, test} from 'vitest';
import {describeNotSeen} from '../../source/findings/not-seen.js';
import type {Sampling, Snapshot} from '../../source/model/snapshot.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';
import {snapshotsOf} from './watched.js';

const quiet = snapshotsOf([makeProcess()]);

const withSampling = (sampling: Partial<Sampling>): Snapshot[] =>
	quiet.map(snapshot => ({...snapshot, sampling: {...snapshot.sampling, ...sampling}}));

const hidden = (pid: number, voluntarySwitchesPerSecond: number) =>
	makeProcess({
		pid,
		threads: [makeThread({tid: pid, voluntarySwitchesPerSecond, wait: null})],
	});

describe('describeNotSeen', () => {
	test('enough seen needs no words', () => {
		expect(describeNotSeen(quiet, [], 2.7)).toEqual([]);
	});

	test('the first reading has no rates yet', () => {
		expect(describeNotSeen(quiet.slice(0, 1), [], 2.7)).toEqual([
			'Only one reading so far: rates need two, a diagnosis needs about 3 seconds of them.',
		]);
	});

	test('a short time is told', () => {
		expect(describeNotSeen(quiet.slice(0, 3), [], 2.7)).toEqual([
			'Only 2 s measured so far: a diagnosis needs about 3 seconds.',
		]);
	});

	test('busy processes whose waits are refused are counted, unless a finding is about them', () => {
		const snapshots = snapshotsOf([hidden(10, 900), hidden(11, 1100), hidden(12, 3)]);
		expect(describeNotSeen(snapshots, [], 2.7)).toEqual([
			'2 processes (10, 11) give up the CPU 2,000 times a second, but the kernel refuses to say what they wait for: run as root to see the cause.',
		]);
		expect(describeNotSeen(snapshots, [{pids: [10]}], 2.7)[0]).toMatch(
			/^1 process \(11\) gives up the CPU 1,100 times a second/,
		);
	});

	test('a refused process stays refused while one of its threads runs', () => {
		const threads = [
			makeThread({tid: 10, voluntarySwitchesPerSecond: 500, wait: null}),
			makeThread({tid: 11, voluntarySwitchesPerSecond: 500, wait: {kind: 'running'}}),
		];
		expect(describeNotSeen(snapshotsOf([makeProcess({threads})]), [], 2.7)).toHaveLength(1);
		const seen = makeThread({tid: 12, voluntarySwitchesPerSecond: 5, wait: {kind: 'sleep'}});
		const partly = makeProcess({threads: [...threads, seen]});
		expect(describeNotSeen(snapshotsOf([partly]), [], 2.7)).toEqual([]);
	});

	test('a thread that burns a CPU in the kernel is told where what it does there is refused', () => {
		const burner = (pid: number) => makeProcess({pid, kernelWork: null});
		expect(describeNotSeen(snapshotsOf([burner(10), burner(11), makeProcess()]), [], 2.7)).toEqual([
			'A thread of process 10 and of 1 more burns a CPU in the kernel, which refuses to say whether its system calls do anything: run as root to see whether it spins.',
		]);
	});

	test('a gap is told while it matters, not for ever', () => {
		const takenAt = quiet.at(-1)!.takenAt;
		expect(describeNotSeen(withSampling({gaps: [{at: takenAt, seconds: 12}]}), [], 2.7)[0]).toMatch(
			/^Nothing was measured for 12 s/,
		);
		const longAgo = {at: '2026-01-01T11:00:00.000Z', seconds: 12};
		expect(describeNotSeen(withSampling({gaps: [longAgo]}), [], 2.7)).toEqual([]);
	});

	test('a late reading is told, a slightly late one is not', () => {
		expect(describeNotSeen(withSampling({lateMilliseconds: 700}), [], 2.7)[0]).toMatch(
			/700 ms late/,
		);
		expect(describeNotSeen(withSampling({lateMilliseconds: 400}), [], 2.7)).toEqual([]);
	});

	test('refused switches are told', () => {
		const refused = makeProcess({voluntarySwitchesPerSecond: null});
		expect(describeNotSeen(snapshotsOf([refused]), [], 2.7)).toEqual([
			'The kernel refuses the switches of 1 process.',
		]);
	});

	test('a Snapshot without an interval says so whatever else there is', () => {
		const first = makeSnapshot({intervalSeconds: undefined, processes: [hidden(10, 900)]});
		expect(describeNotSeen([first], [], 2.7)).toHaveLength(1);
	});
});
