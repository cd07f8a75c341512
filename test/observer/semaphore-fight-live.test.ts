import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

const missing = missingForZoo('fights.c');
const threads = 24;
const looksBetweenTicks = 5;
const millisecondsBetweenLooks = 20;
let zoo: ZooProcess;
let watched: Watched;

beforeAll(async () => {
	if (missing === undefined) {
		zoo = await startZoo('fights.c', ['semaphore', threads]);
		watched = watchTarget();
	}
});

afterAll(async () => {
	watched?.close();
	await zoo?.stop();
});

/** The kind of the lock that most threads want, if any was seen in the interval. */
const kindIn = (snapshot: Snapshot): string | undefined =>
	processIn(snapshot, zoo.pid)?.locks?.[0]?.kind;

const tick = async (): Promise<Snapshot> => {
	for (let look = 0; look < looksBetweenTicks; look++) {
		await sleep(millisecondsBetweenLooks);
		watched.look();
	}

	return watched.tick();
};

test.skipIf(missing !== undefined)(
	'a semaphore that was recognised stays one in the seconds when its word shows that it is free',
	async () => {
		await watched.tick();
		for (let kind: string | undefined; kind !== 'semaphore'; ) {
			kind = kindIn(await tick());
		}

		const kinds: (string | undefined)[] = [];
		for (let count = 0; count < 10; count++) {
			kinds.push(kindIn(await tick()));
		}

		expect(kinds.filter(kind => kind !== undefined && kind !== 'semaphore')).toEqual([]);
	},
);
