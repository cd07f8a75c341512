import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Process} from '../../source/model/process.js';
import type {Thread} from '../../source/model/thread.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';
import {snapshotsOf, stillRates, untimed} from './watched.js';

const processOf = (
	pid: number,
	name: string,
	wait: Thread['wait'],
	{parentPid = 1, ...rates}: Partial<Thread> & {parentPid?: number} = {},
): Process =>
	makeProcess({
		pid,
		parentPid,
		name,
		threads: [makeThread({tid: pid, name, ...stillRates, wait, ...rates})],
	});

const atLock = untimed('file-lock', 'flock');
const job = (pid: number, rates?: Partial<Thread>) => processOf(pid, 'flock', atLock, rates);
const script = (rates?: Partial<Thread>) =>
	processOf(10, 'nightly.sh', untimed('child', 'wait4'), rates);
const command = (rates?: Partial<Thread>) =>
	processOf(11, 'cat', untimed('other', 'openat'), {...rates, parentPid: 10} as Partial<Thread>);

const lockOf = (holderPid: number | undefined, waiterPids: readonly number[]) => ({
	kind: 'FLOCK',
	access: 'write' as const,
	file: '08:01:77',
	path: '/run/nightly.lock',
	...(holderPid !== undefined && {holderPid, holderName: 'nightly.sh'}),
	waiterPids,
	range: '0-EOF',
});

const findingsOf = (processes: readonly Process[], lock = lockOf(10, [20, 21]), seconds?: number) =>
	createFindingsEngine(rules).evaluate(
		snapshotsOf(processes, {...(seconds !== undefined && {seconds})}).map(each => ({
			...each,
			fileLocks: [lock],
		})),
	).findings;

const rulesOf = (...given: Parameters<typeof findingsOf>) =>
	findingsOf(...given).map(({rule}) => rule);

describe('processes that wait for a lock on a file', () => {
	test('are stuck where its holder waits for a child that does not move, and that one is told', () => {
		const findings = findingsOf([script(), command(), job(20), job(21)]);
		expect(findings).toMatchObject([
			{
				rule: 'stuck-lock',
				severity: 'warning',
				confidence: 'certain',
				pids: [20, 21],
				tids: [20, 21],
				title:
					'Stuck: 2 processes wait for a lock on /run/nightly.lock, held by process 10 (nightly.sh), which waits for its child 11 (cat), which sleeps in openat',
			},
		]);
		expect(findings[0]!.evidence.map(({value}) => value)).toEqual([
			2,
			'10 (nightly.sh)',
			'11 (cat)',
			'sleeps in openat',
			0,
		]);
	});

	test('are stuck for other users as well, who see that nobody moves', () => {
		const refused = [script(), command(), job(20), job(21)].map(process => ({
			...process,
			threads: process.threads.map(thread => ({...thread, wait: null})),
		}));
		expect(findingsOf(refused)).toMatchObject([
			{
				rule: 'stuck-lock',
				title:
					'Stuck: 2 processes wait for a lock on /run/nightly.lock, held by process 10 (nightly.sh), which sleeps',
			},
		]);
	});

	test('count those that have just come', () => {
		const fresh = job(21, {voluntarySwitchesPerSecond: undefined});
		expect(findingsOf([script(), command(), job(20), fresh])).toMatchObject([
			{rule: 'stuck-lock', pids: [20, 21]},
		]);
	});

	test('are not where the command that runs under the lock is at work, or the holder itself', () => {
		const working = {voluntarySwitchesPerSecond: 3};
		expect(rulesOf([script(), command(working), job(20), job(21)])).toEqual(['lock-contention']);
		expect(rulesOf([script(working), command(), job(20), job(21)])).toEqual(['lock-contention']);
	});

	test.each<[string, Thread['wait']]>([
		['waits for a connection', untimed('socket', 'accept4')],
		['does what was refused', null],
	])('wait for their turn where one of them has it that %s', (_, wait) => {
		const worker = (pid: number, itsWait: Thread['wait']) => ({
			...processOf(pid, 'httpd', itsWait),
			parentPid: 9,
			voluntarySwitchesPerSecond: 0,
		});
		const crowd = (of: Thread['wait'], ofWaiters: Thread['wait'] = atLock) => [
			worker(10, of),
			worker(20, wait && ofWaiters),
			worker(21, wait && ofWaiters),
		];
		expect(rulesOf(crowd(wait))).toEqual([]);
		expect(rulesOf(crowd(untimed('socket', 'recvfrom')))).toEqual(['stuck-lock']);
		expect(rulesOf(crowd(wait).map(each => ({...each, name: `job${each.pid}`})))).toEqual([
			'stuck-lock',
		]);
	});

	test('are not where nobody knows who has it, or it is free to move on', () => {
		const all = [script(), command(), job(20), job(21)];
		expect(rulesOf(all, lockOf(undefined, [20, 21]))).toEqual(['lock-contention']);
		const moving = [20, 21].map(pid => job(pid, {voluntarySwitchesPerSecond: 1}));
		expect(rulesOf([script(), command(), ...moving])).toEqual(['lock-contention']);
	});
});

test('a lock that is held over a sleep of a second is no stuck one, and told from the first seconds on', () => {
	const snapshots = snapshotsOf([], {seconds: 6}).map((snapshot, index) => {
		// Each third second the holder gives it back, and another one takes it.
		const rates = index % 3 === 2 ? {voluntarySwitchesPerSecond: 2} : {};
		return {
			...snapshot,
			processes: [script(rates), job(20, rates), job(21)],
			fileLocks: [lockOf(10, [20, 21])],
		};
	});
	const engine = createFindingsEngine(rules);
	const seen = snapshots.map((_, index) =>
		engine.evaluate(snapshots.slice(0, index + 1)).findings.map(({rule}) => rule),
	);
	expect(seen[3]).toEqual(['lock-contention']);
	expect(seen.flat()).not.toContain('stuck-lock');
});
