import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, expect, test} from 'vitest';
import type {RetriedLock} from '../../source/model/lock.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {missingForZoo, runs, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {type Watched, watchTarget} from './watched.js';

const program = 'sqlite.py';

const missing = missingForZoo(program) || !runs('python3', '-c', 'import sqlite3');

let zoo: ZooProcess | undefined;
let watched: Watched | undefined;
let folder: string | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await zoo?.stop();
	zoo = undefined;
	if (folder !== undefined) {
		rmSync(folder, {recursive: true, force: true});
	}
});

const start = async (mode: string): Promise<(snapshot: Snapshot) => RetriedLock | undefined> => {
	folder = mkdtempSync(path.join(tmpdir(), 'ctop-sqlite-'));
	const database = path.join(folder, 'orders.db');
	zoo = await startZoo(program, [folder, mode, '4']);
	watched = watchTarget();
	return ({retriedLocks = []}) => retriedLocks.find(lock => lock.path === database);
};

test.skipIf(missing)(
	'processes that sleep between tries for a database are found, with who writes into it',
	async () => {
		const lockIn = await start('writers');
		const snapshot = await watched!.tickUntil(
			each => (lockIn(each)?.waitersAverage ?? 0) >= 2 && lockIn(each)?.holderPid !== undefined,
			100,
		);
		const lock = lockIn(snapshot)!;
		const children = snapshot.processes.filter(({parentPid}) => parentPid === zoo!.pid);
		expect(children.map(({pid}) => pid)).toEqual(
			expect.arrayContaining([...lock.pids, lock.holderPid]),
		);
		expect(lock.tids).toEqual(lock.pids);
	},
);

test.skipIf(missing)(
	'processes that have a database open and sleep for something else are not',
	async () => {
		const lockIn = await start('polling');
		const found: unknown[] = [];
		await watched!.tickUntil(each => {
			found.push(lockIn(each));
			return found.length === 10;
		}, 100);
		expect(found).toEqual(Array.from({length: 10}, () => undefined));
	},
);
