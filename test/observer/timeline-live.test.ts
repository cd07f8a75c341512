import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, expect, test} from 'vitest';
import type {LockTimeline} from '../../source/model/lock-timeline.js';
import {createObserver, type Observer} from '../../source/observer/observer.js';
import {parseMaps} from '../../source/procfs/maps.js';
import {findPythonInterpreter} from '../../source/runtimes/python/interpreter.js';
import {thisMachine} from '../../source/targets/local-target.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';

let observer: Observer | undefined;
let zoo: ZooProcess | undefined;

afterEach(async () => {
	observer?.close();
	await zoo?.stop();
	observer = undefined;
	zoo = undefined;
});

const patienceMilliseconds = 40_000;
const samplesBetweenTicks = 30;

/** Samples as the program does, tick after tick, until the timeline shows it; the first one that does. */
const timelineUntil = async (
	pid: number,
	shows: (timeline: LockTimeline) => boolean,
): Promise<LockTimeline> => {
	observer = createObserver({target: thisMachine, toolVersion: 'test', intervalSeconds: () => 1});
	observer.setFocus([pid]);
	observer.setTimeline(pid);
	const giveUpAt = Date.now() + patienceMilliseconds;
	let last: LockTimeline | undefined;
	while (Date.now() < giveUpAt) {
		const {timeline} = await observer.tick();
		last = timeline ?? last;
		if (timeline !== undefined && shows(timeline)) {
			return timeline;
		}

		for (let count = 0; count < samplesBetweenTicks; count++) {
			observer.look();
			observer.sampleTimeline();
			await sleep(observer.millisecondsUntilTimeline);
		}
	}

	throw new Error(`no timeline showed it; the last one: ${JSON.stringify(last)}`);
};

const tidsThat = ({threads}: LockTimeline, state: string): number[] =>
	threads.filter(({states}) => states.includes(state)).map(({tid}) => tid);

/** Samples in which more than one thread holds the lock. */
const samplesWithTwoHolders = ({threads, samples}: LockTimeline): number[] =>
	Array.from({length: samples}, (_, sample) => sample).filter(
		sample => threads.filter(({states}) => states[sample] === 'H').length > 1,
	);

const interpreterOf = (pid: number) =>
	findPythonInterpreter(parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8')))!;

const missing = missingForZoo('gil-threads.py');

test.skipIf(missing)(
	'four threads that compute in Python take turns at the GIL, and never two have it at once',
	async context => {
		zoo = await startZoo('gil-threads.py', [4]);
		const {major, minor, version} = interpreterOf(zoo.pid);
		context.skip(
			major !== 3 || minor < 7 || minor > 14,
			`no structures known of Python ${version}`,
		);
		const timeline = await timelineUntil(
			zoo.pid,
			each =>
				each.lock?.kind === 'gil' &&
				tidsThat(each, 'H').length === 4 &&
				tidsThat(each, 'W').length === 4,
		);
		expect(timeline.lock).toMatchObject({name: 'GIL', recordsHolder: true});
		expect(samplesWithTwoHolders(timeline)).toEqual([]);
		expect(timeline.threads.every(({states}) => states.length === timeline.samples)).toBe(true);
		// The main thread and the keeper wait for something else all the time.
		const others = timeline.threads.filter(({states}) => !/[HW]/.test(states));
		expect(others).toHaveLength(2);
		expect(others.every(({states}) => /^[ S]+$/.test(states.slice(-5)))).toBe(true);
	},
);

const missingKinds = missingForZoo('lock-kinds.c');

test.skipIf(missingKinds)('a mutex that is never let go has one holder all the time', async () => {
	zoo = await startZoo('lock-kinds.c');
	const timeline = await timelineUntil(
		zoo.pid,
		each => tidsThat(each, 'H').length > 0 && tidsThat(each, 'W').length > 0,
	);
	expect(tidsThat(timeline, 'H')).toHaveLength(1);
	expect(samplesWithTwoHolders(timeline)).toEqual([]);
	const [holder] = tidsThat(timeline, 'H');
	expect(
		timeline.threads
			.find(({tid}) => tid === holder)!
			.states.trim()
			.slice(-5),
	).toBe('HHHHH');
});

test.skipIf(missing)(
	'when it follows none there is no timeline, and nothing to wait for',
	async () => {
		zoo = await startZoo('gil-threads.py', [4]);
		await timelineUntil(zoo.pid, ({samples}) => samples > 1);
		observer!.setTimeline(undefined);
		observer!.sampleTimeline();
		expect(observer!.millisecondsUntilTimeline).toBeUndefined();
		expect((await observer!.tick()).timeline).toBeUndefined();
	},
);
