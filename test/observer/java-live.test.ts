import {afterEach, describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {type JavaProgram, javas, startJava} from '../helpers/java.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let program: JavaProgram | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await program?.stop();
	program = undefined;
});

const begin = async (
	java: string,
	options: readonly string[],
	...words: readonly string[]
): Promise<number> => {
	program = await startJava(java, options, words);
	watched = watchTarget();
	return program.pid;
};

const called = (process: Process, name: string) =>
	process.threads.find(thread => (thread.runtimeName ?? thread.name) === name)!;

const collectors = (version: number): readonly string[][] => [
	['-XX:+UseG1GC'],
	['-XX:+UseSerialGC', '-XX:-UseCompressedOops'],
	['-XX:+UseZGC'],
	...(version >= 25 ? [['-XX:+UseParallelGC', '-XX:+UseCompactObjectHeaders']] : []),
];

test.skipIf(javas.length > 0)('Java programs: no Java 17 or later with a compiler here', () => {
	expect(javas).toEqual([]);
});

describe.each(javas)('Java $version', ({java, version}) => {
	test.each(collectors(version))(
		'two monitors in a circle are named, %s %s',
		async (...options) => {
			const given = options.filter(option => typeof option === 'string' && option.startsWith('-'));
			const pid = await begin(java, given, 'deadlock');
			const ofProcess = (snapshot: Snapshot) =>
				snapshot.deadlocks?.find(({circle}) => circle[0]?.pid === pid);
			const snapshot = await watched!.tickUntil(each => ofProcess(each) !== undefined, 100);
			const process = processIn(snapshot, pid)!;
			const first = called(process, 'transfer-from-account-to-ledger');
			const second = called(process, 'transfer-back');
			const {circle, blockedTids, seconds} = ofProcess(snapshot)!;

			expect(first.name).toBe('transfer-from-a');
			expect(seconds).toBeGreaterThanOrEqual(1);
			expect(
				circle
					.map(({tid, what, holderTid}) => ({tid, what, holderTid}))
					.sort((a, b) => a.tid - b.tid),
			).toEqual(
				[
					{tid: first.tid, what: 'monitor Trouble$Ledger', holderTid: second.tid},
					{tid: second.tid, what: 'monitor Trouble$Account', holderTid: first.tid},
				].sort((a, b) => a.tid - b.tid),
			);
			expect(blockedTids).toEqual([called(process, 'report').tid]);
		},
	);

	test('who holds a monitor, the monitor of a class and a ReentrantLock, and who wants them', async () => {
		const pid = await begin(java, [], 'hold');
		const wanted = ['Trouble$Ledger', 'class Trouble$Ledger', 'ReentrantLock'];
		const isSeen = (snapshot: Snapshot) => {
			const names = processIn(snapshot, pid)?.locks?.map(({name}) => name);
			const wait = processIn(snapshot, pid)?.threads.find(({name}) => name === 'wants-class')?.wait;
			return wanted.every(name => names?.includes(name) === true) && wait?.lockId !== undefined;
		};
		const process = processIn(await watched!.tickUntil(isSeen, 100), pid)!;
		const tidOf = (name: string) => called(process, name).tid;
		const lockCalled = (name: string) => process.locks!.find(lock => lock.name === name)!;

		expect(lockCalled('Trouble$Ledger')).toMatchObject({
			kind: 'monitor',
			holderTid: tidOf('keeper'),
			confidence: 'certain',
			contendedPercent: 100,
			waitersAverage: 2,
		});
		expect([...lockCalled('Trouble$Ledger').waiterTids].sort((a, b) => a - b)).toEqual(
			[tidOf('wants-ledger-0'), tidOf('wants-ledger-1')].sort((a, b) => a - b),
		);
		expect(lockCalled('class Trouble$Ledger')).toMatchObject({
			kind: 'monitor',
			holderTid: tidOf('class-keeper'),
			waiterTids: [tidOf('wants-class')],
		});
		expect(lockCalled('ReentrantLock')).toMatchObject({
			kind: 'mutex',
			holderTid: tidOf('till-keeper'),
			waiterTids: [tidOf('wants-till-ä')],
		});
		expect(called(process, 'wants-class').wait).toMatchObject({
			kind: 'lock',
			lockId: lockCalled('class Trouble$Ledger').id,
		});
		expect(called(process, 'sleeps-in-the-open').wait?.lockId).toBeUndefined();
	});

	test.each([
		['notify-all', 'Trouble$Bell', 'Trouble$Bell.take', ['notifyAll']],
		['signal-all', 'Condition', 'Trouble$Board.take', ['signalAll']],
		['notify-one', 'Trouble$Window', 'Trouble$Window.take', ['notify']],
	])(
		'threads that wait at one place and wake all the time, %s: where, and what wakes them',
		async (word, name, method, wakers) => {
			const pid = await begin(java, [], word, '48');
			const conditionOf = (snapshot: Snapshot) =>
				processIn(snapshot, pid)?.locks?.find(
					({kind, id, wakers: known}) =>
						kind === 'condition' && !id.startsWith('futex:') && known !== undefined,
				);
			const snapshot = await watched!.tickUntil(each => conditionOf(each) !== undefined, 100);
			const lock = conditionOf(snapshot)!;
			expect(lock).toMatchObject({name, wakers, confidence: 'certain'});
			expect(lock.wantedIn).toMatch(`${method} (Trouble.java:`);
			expect(lock.waiterTids.length).toBeGreaterThanOrEqual(8);
		},
	);

	test('a pool that wakes all the time waits at the own queue of the JDK, of which nothing is asked', async () => {
		const pid = await begin(java, [], 'pool-bursts');
		const snapshot = await watched!.tickUntil(
			each =>
				(processIn(each, pid)?.threads.filter(
					({voluntarySwitchesPerSecond: rate}) => (rate ?? 0) >= 20,
				).length ?? 0) >= 8,
			100,
		);
		expect(processIn(snapshot, pid)!.locks?.filter(({wakers}) => wakers) ?? []).toEqual([]);
	});

	test('a pool at rest waits for no lock', async () => {
		const pid = await begin(java, [], 'pool-idle');
		watched!.setFocus([pid]);
		const isNamed = (snapshot: Snapshot) =>
			processIn(snapshot, pid)?.threads.some(({runtimeName}) => runtimeName === 'main') === true;
		const process = processIn(await watched!.tickUntil(isNamed, 100), pid)!;
		expect(process.locks?.filter(({id}) => !id.startsWith('futex:')) ?? []).toEqual([]);
	});
});
