import {afterEach, expect, test} from 'vitest';
import {gilLine} from '../../source/format/gil-line.js';
import {knownApplicationFrame} from '../../source/model/runtime-frame.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let zoo: ZooProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await zoo?.stop();
	zoo = undefined;
});

const missing = missingForZoo('gil-threads.py');

test.skipIf(missing)(
	'the GIL of a process that somebody looks at has its holders, each in a line of the program',
	async () => {
		zoo = await startZoo('gil-threads.py', [4]);
		const {pid} = zoo;
		watched = watchTarget();
		watched.setFocus([pid]);
		const look = watched.look;
		const snapshot = await watched.tickUntil(each => {
			for (let count = 0; count < 5; count++) {
				look();
			}

			const gil = processIn(each, pid)?.runtime?.gil;
			return gil?.holders !== undefined && gil.handOffsPerSecond !== undefined;
		}, 50);
		const process = processIn(snapshot, pid)!;
		const {holders, freePercent} = process.runtime!.gil!;
		const total = holders!.reduce((sum, {percent}) => sum + percent, freePercent!);
		expect(total).toBeCloseTo(100);
		const tids = process.threads.map(({tid}) => tid);
		expect(holders!.every(({tid}) => tids.includes(tid) && tid !== pid)).toBe(true);
		expect(holders![0]!.frame).toMatch(/^compute \(zoo\/gil-threads\.py:1[0-1]\)$/);
		expect(gilLine(process)).toMatch(
			/^held by \d+ compute \(zoo\/gil-threads\.py:1[0-1]\) \d+ %, .* hand-offs\/s$/,
		);
	},
);

test.skipIf(missing)(
	'threads of a Python process have their stacks while somebody looks at it, and lose them afterwards',
	async () => {
		zoo = await startZoo('polling-threads.py', [6, 0.05, 'sleep']);
		const {pid} = zoo;
		watched = watchTarget();
		await watched.tickUntil(each => processIn(each, pid)?.runtime?.name === 'cpython', 20);
		watched.setFocus([pid]);
		const snapshot = await watched.tickUntil(
			each => processIn(each, pid)!.threads.every(({runtimeStack}) => runtimeStack !== undefined),
			20,
		);
		const frames = processIn(snapshot, pid)!.threads.map(({runtimeStack}) =>
			knownApplicationFrame(runtimeStack),
		);
		expect(frames.filter(frame => frame?.includes('zoo/polling-threads.py'))).toHaveLength(7);

		watched.setFocus([]);
		await watched.tickUntil(
			each =>
				processIn(each, pid)!.threads.filter(({runtimeStack}) => runtimeStack !== undefined)
					.length <= 2,
			20,
		);
	},
);
