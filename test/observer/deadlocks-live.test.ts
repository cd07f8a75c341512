import {afterEach, expect, test} from 'vitest';
import type {Deadlock} from '../../source/model/lock.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {missingForZoo, startZoo, type ZooOptions, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

const missing = missingForZoo('deadlock.c');
let zoo: ZooProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await zoo?.stop();
	zoo = undefined;
});

const begin = async (kind: string, options?: ZooOptions): Promise<number> => {
	zoo = await startZoo('deadlock.c', [kind], options);
	watched = watchTarget();
	return zoo.pid;
};

const ofProcess = (snapshot: Snapshot, pid: number): Deadlock | undefined =>
	snapshot.deadlocks?.find(({circle}) => circle.some(each => each.pid === pid));

const findDeadlock = async (pid: number): Promise<{snapshot: Snapshot; deadlock: Deadlock}> => {
	const snapshot = await watched!.tickUntil(each => ofProcess(each, pid) !== undefined, 100);
	return {snapshot, deadlock: ofProcess(snapshot, pid)!};
};

/** Each one's holder is the next one's waiting thread. */
const expectClosed = ({circle}: Deadlock): void => {
	for (const [index, {holderTid}] of circle.entries()) {
		expect(holderTid).toBe(circle[(index + 1) % circle.length]!.tid);
	}
};

test.skipIf(missing)('two threads that want each other’s mutex, and one behind them', async () => {
	const pid = await begin('abba');
	const {snapshot, deadlock} = await findDeadlock(pid);

	expectClosed(deadlock);
	expect(deadlock.circle).toHaveLength(2);
	expect(deadlock.seconds).toBeGreaterThanOrEqual(1);
	const process = processIn(snapshot, pid)!;
	const tids = process.threads.map(({tid}) => tid).sort((a, b) => a - b);
	// Started in this order: main, the two, the one behind, the keeper.
	expect(deadlock.circle.map(({tid}) => tid).sort((a, b) => a - b)).toEqual(tids.slice(1, 3));
	expect(deadlock.blockedTids).toEqual([tids[3]]);

	for (const {lockId, tid, holderTid} of deadlock.circle) {
		const lock = process.locks!.find(({id}) => id === lockId)!;
		expect(lock).toMatchObject({kind: 'mutex', holderTid, confidence: 'certain'});
		expect(lock.waiterTids).toContain(tid);
	}
});

test.skipIf(missing)('its mutexes have their names', async () => {
	const pid = await begin('abba');
	const snapshot = await watched!.tickUntil(
		each => ofProcess(each, pid)?.circle.every(({what}) => what.includes('!')) === true,
		100,
	);
	const names = ofProcess(snapshot, pid)!.circle.map(({what}) => what);
	expect(names.sort()).toEqual(['mutex deadlock!first', 'mutex deadlock!second']);
});

test.skipIf(missing)('a thread that takes its mutex twice', async () => {
	const pid = await begin('self');
	const {deadlock} = await findDeadlock(pid);
	expectClosed(deadlock);
	expect(deadlock.circle).toHaveLength(1);
	expect(deadlock.blockedTids).toEqual([]);
});

test.skipIf(missing)('a thread that joins one that wants its mutex', async () => {
	const pid = await begin('join');
	const {deadlock} = await findDeadlock(pid);
	expectClosed(deadlock);
	const [join] = deadlock.circle.filter(({lockId}) => lockId === undefined);
	expect(join!.what).toBe(`end of thread ${join!.holderTid}`);
	expect(deadlock.circle).toHaveLength(2);
});

test.skipIf(missing)('two processes that want each other’s mutex in shared memory', async () => {
	const pid = await begin('shared');
	const {deadlock} = await findDeadlock(pid);
	expectClosed(deadlock);
	expect(new Set(deadlock.circle.map(each => each.pid)).size).toBe(2);
	for (const each of deadlock.circle) {
		expect(each.holderPid).not.toBe(each.pid);
	}
});

test.skipIf(missing)('in a static program without symbols too', async context => {
	try {
		await begin('abba', {stripped: true});
	} catch (error) {
		context.skip(true, `cannot build a static program here: ${error}`);
	}

	const {snapshot, deadlock} = await findDeadlock(zoo!.pid);
	expectClosed(deadlock);
	expect(deadlock.circle).toHaveLength(2);
	expect(processIn(snapshot, zoo!.pid)!.locks!.map(({kind}) => kind)).toEqual(['mutex', 'mutex']);
});

test.skipIf(missing)('a chain whose last thread only sleeps is none', async () => {
	const pid = await begin('chain');
	const startedAt = performance.now();
	let looked = 0;
	// Longer than a circle must hold, and the lock with its holder is seen all the while.
	while (performance.now() - startedAt < 2500 || looked < 4) {
		const snapshot = await watched!.tick();
		watched!.look();
		expect(ofProcess(snapshot, pid)).toBeUndefined();
		looked += processIn(snapshot, pid)!.locks?.[0]?.holderTid === undefined ? 0 : 1;
	}
});
