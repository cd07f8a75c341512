import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, expect, test} from 'vitest';
import type {ClosedSet} from '../../source/model/closed-set.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {type Watched, watchTarget} from './watched.js';

const native = 'fights.c';
const family = 'closed-processes.py';
let zoo: ZooProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	if (zoo) {
		// It doesn't read its standard input, by which others are told to end.
		process.kill(zoo.pid, 'SIGKILL');
		await zoo.stop();
		zoo = undefined;
	}
});

const begin = async (program: string, ...words: string[]): Promise<number> => {
	zoo = await startZoo(program, words);
	watched = watchTarget();
	return zoo.pid;
};

const childrenOf = ({processes}: Snapshot, pid: number): readonly number[] =>
	processes.filter(({parentPid}) => parentPid === pid).map(each => each.pid);

const setOf = ({closedSets = []}: Snapshot, pid: number): ClosedSet | undefined =>
	closedSets.find(({pids}) => pids.includes(pid));

const findSet = async (pid: number): Promise<{snapshot: Snapshot; set: ClosedSet}> => {
	const snapshot = await watched!.tickUntil(each => {
		watched!.look();
		return setOf(each, pid) !== undefined;
	}, 100);
	return {snapshot, set: setOf(snapshot, pid)!};
};

test.skipIf(missingForZoo(native))(
	'readers of a pipe that only their own process has, beside threads that nobody wakes',
	async () => {
		const pid = await begin(native, 'own-pipe', '2');
		const {set} = await findSet(pid);
		expect(set).toMatchObject({pids: [pid], objects: 1});
		expect(set.seconds).toBeGreaterThan(0.9);
	},
);

test.skipIf(missingForZoo(family))(
	'processes that read a pipe which only they could fill, and the one that waits for them',
	async () => {
		const pid = await begin(family, 'lost-producer', '3');
		const {snapshot, set} = await findSet(pid);
		expect(set.pids).toEqual([pid, ...childrenOf(snapshot, pid)].sort((a, b) => a - b));
		expect(set.pids).toHaveLength(4);
	},
);

test.skipIf(missingForZoo(family))(
	'one that writes to a child which writes back what nobody reads, in a circle',
	async () => {
		const pid = await begin(family, 'piped');
		const {snapshot, set} = await findSet(pid);
		expect(set.circle?.toSorted((a, b) => a - b)).toEqual([pid, ...childrenOf(snapshot, pid)]);
	},
);

test.skipIf(missingForZoo(family))(
	'a thread alone that waits for a lock of its own memory, but not the parent that waits for it',
	async () => {
		const pid = await begin(family, 'forked');
		const child = await watched!.tickUntil(each => {
			watched!.look();
			return childrenOf(each, pid).some(one => setOf(each, one) !== undefined);
		}, 100);
		const [only] = childrenOf(child, pid);
		expect(setOf(child, only!)).toMatchObject({pids: [only], objects: 0});
		expect(setOf(child, pid)).toBeUndefined();
	},
);

test.skipIf(missingForZoo(family))(
	'the same processes are at rest where the other one waits for connections',
	async () => {
		const pid = await begin(family, 'fed', '3');
		for (let ticks = 0; ticks < 20; ticks++) {
			const snapshot = await watched!.tick();
			watched!.look();
			for (const each of [pid, ...childrenOf(snapshot, pid)]) {
				expect(setOf(snapshot, each)).toBeUndefined();
			}

			await sleep(100);
		}
	},
);
