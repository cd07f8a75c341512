import {afterEach, describe, expect, test} from 'vitest';
import type {Finding} from '../source/model/finding.js';
import type {Snapshot} from '../source/model/snapshot.js';
import {takeSnapshot} from './helpers/ctop.js';
import {startZoo, type ZooProcess} from './helpers/zoo.js';

let running: ZooProcess | undefined;

const start = async (name: string, ...words: readonly (string | number)[]): Promise<number> => {
	running = await startZoo(name, words);
	return running.pid;
};

afterEach(async () => {
	await running?.stop();
	running = undefined;
});

/** Findings about a program of the test and its children, however busy the rest of the machine is. */
const findingsAbout = ({findings, processes}: Snapshot, pid: number): readonly Finding[] => {
	const pids = new Set([
		pid,
		...processes.filter(({parentPid}) => parentPid === pid).map(process => process.pid),
	]);
	return findings.filter(finding => finding.pids.some(each => pids.has(each)));
};

const rulesAbout = (snapshot: Snapshot, pid: number): readonly string[] =>
	findingsAbout(snapshot, pid).map(({rule}) => rule);

/** Too few CPUs for a program that leaves one free are taken by others of the machine: true, but not what is tested. */
const ownRulesAbout = (snapshot: Snapshot, pid: number): readonly string[] =>
	rulesAbout(snapshot, pid).filter(rule => rule !== 'oversubscribed');

// A program that takes all CPUs takes them from ctop too, which then needs a minute for what it does in seconds.
describe('the built program, watching real programs, finds', {timeout: 180_000}, () => {
	test('45 threads that compute in Python as GIL thrash, with who waits and what to change', async () => {
		const pid = await start('gil-threads.py', 45);
		const snapshot = await takeSnapshot(5);
		const finding = findingsAbout(snapshot, pid).find(({rule}) => rule === 'gil-thrash');
		expect(finding, JSON.stringify(snapshot.findings)).toBeDefined();
		expect(finding!.confidence).toBe('certain');
		expect(finding!.pid).toBe(pid);
		expect(finding!.tids.length).toBeGreaterThan(20);
		expect(finding!.evidence.length).toBeGreaterThan(2);
		expect(finding!.fixes.length).toBeGreaterThan(0);
		expect(rulesAbout(snapshot, pid)).not.toContain('idle-polling');
	});

	test('45 threads that poll as idle polling, with the call and its time limit', async () => {
		const pid = await start('polling-threads.py', 45, 0.05);
		const snapshot = await takeSnapshot(5);
		const finding = findingsAbout(snapshot, pid).find(({rule}) => rule === 'idle-polling');
		expect(finding, JSON.stringify(snapshot.findings)).toBeDefined();
		// On a machine that has no CPU for them, some are seen to wake too seldom to poll.
		expect(finding!.tids.length).toBeGreaterThan(20);
		expect(finding!.title).toContain(`${finding!.tids.length} threads wake`);
		expect(rulesAbout(snapshot, pid)).not.toContain('gil-thrash');
	});

	test('20 busy processes as more than the CPUs can run', async () => {
		const pid = await start('busy-processes.py', 20);
		const snapshot = await takeSnapshot(6);
		expect(rulesAbout(snapshot, pid), JSON.stringify(snapshot.findings)).toContain(
			'oversubscribed',
		);
	});

	test('nothing about one busy thread', async () => {
		const pid = await start('one-busy-thread.py');
		const snapshot = await takeSnapshot(5);
		expect(ownRulesAbout(snapshot, pid)).toEqual([]);
	});

	test('nothing about a pool of threads at rest', async () => {
		const pid = await start('idle-pool.py', 45);
		const snapshot = await takeSnapshot(5);
		expect(rulesAbout(snapshot, pid)).toEqual([]);
	});
});

test('a process switches as often as all of its threads together, not as its main thread alone', async () => {
	const pid = await start('gil-threads.py', 8);
	const snapshot = await takeSnapshot(3);
	const process = snapshot.processes.find(each => each.pid === pid)!;
	const main = process.threads.find(({tid}) => tid === pid)!;
	const sum = process.threads.reduce(
		(total, thread) => total + (thread.voluntarySwitchesPerSecond ?? 0),
		0,
	);
	expect(process.voluntarySwitchesPerSecond).toBeCloseTo(sum, 0);
	expect(sum).toBeGreaterThan(100);
	expect(main.voluntarySwitchesPerSecond ?? 0).toBeLessThan(sum / 4);
});
