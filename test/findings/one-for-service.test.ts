import {expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {Lock} from '../../source/model/lock.js';
import type {Process} from '../../source/model/process.js';
import type {Wait} from '../../source/model/wait.js';
import {forked, futex, mutex, processWith, snapshotsOf, untimed, watch} from './watched.js';

const still = {count: 4, wait: futex(100)};
const atJoin = {kind: 'join', timed: false} as const;

const withMain = (process: Process, wait: Wait): Process => ({
	...process,
	threads: process.threads.map((thread, index) => (index === 0 ? {...thread, wait} : thread)),
});

const hanging = (count: number): readonly Process[] =>
	forked(count, {name: 'worker'}, still).map((process, index) =>
		index === 0 ? process : withMain(process, atJoin),
	);

test('forty workers that hang are one finding, which counts them and their threads', () => {
	const {findings} = watch(hanging(40));
	expect(findings).toMatchObject([
		{
			rule: 'hung',
			pid: 2000,
			title: expect.stringMatching(
				/^Hung: all 5 threads of worker .*; the same in 39 other processes of worker$/,
			),
		},
	]);
	expect(findings[0]!.pids).toHaveLength(40);
	expect(findings[0]!.tids).toHaveLength(200);
	expect(findings[0]!.evidence.at(-1)).toMatchObject({value: 40, unit: 'processes'});
});

test('the finding keeps its identity and its beginning when the second worker hangs as well', () => {
	const workers = hanging(2);
	const lives = workers.map(process =>
		process.pid === 2100 ? withMain(process, untimed('poll', 'poll')) : process,
	);
	const engine = createFindingsEngine(rules);
	const before = engine.evaluate(snapshotsOf(lives)).findings;
	expect(before).toMatchObject([{rule: 'hung', pids: [2000]}]);
	const {findings} = engine.evaluate(snapshotsOf(workers, {from: 6, seconds: 5}));
	expect(findings).toMatchObject([{rule: 'hung', pids: [2000, 2100], since: before[0]!.since}]);
	expect(findings[0]!.title).toContain('the same in 1 other process of worker');
});

test('processes of different services, and two locks of one process, stay apart', () => {
	const apart = watch([
		withMain(processWith({pid: 10, name: 'one', commandLine: ['one']}, still), atJoin),
		withMain(processWith({pid: 2000, name: 'two', commandLine: ['two']}, still), atJoin),
	]).findings;
	expect(apart).toMatchObject([
		{rule: 'hung', pids: [10]},
		{rule: 'hung', pids: [2000]},
	]);
	const workers = forked(
		2,
		{name: 'worker'},
		{count: 3, wait: {...mutex(100), futexAddress: '0x1000'}},
		{count: 3, wait: {...mutex(100), futexAddress: '0x2000'}},
	);
	const lockAt = (address: string, holderTid: number): Lock => ({
		id: `futex:${address}`,
		kind: 'mutex',
		name: address,
		holderTid,
		waiterTids: [],
		waitersAverage: 3,
		contendedPercent: 100,
		confidence: 'certain',
	});
	const owned = workers.map(worker => ({
		...worker,
		locks: ['0x1000', '0x2000'].map(address => lockAt(address, worker.pid)),
	}));
	const summaryOf = (processes: readonly Process[]) =>
		watch(processes).findings.map(({rule, pids}) => ({rule, pids}));
	const stuck = {rule: 'stuck-lock', pids: [2000, 2100]};
	expect(summaryOf(owned)).toEqual([stuck, stuck]);
	// Of locks that nobody is known to have the threads may wait for each other.
	expect(summaryOf(workers)).toEqual([stuck]);
	expect(watch(workers.slice(0, 2)).findings[0]?.title).toBe(
		"Stuck: 6 threads wait for 2 locks that don't move, perhaps for each other",
	);
});
