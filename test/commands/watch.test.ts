import process from 'node:process';
import {afterEach, expect, test} from 'vitest';
import {startWatch, type Watch} from '../../source/commands/watch.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {thisMachine} from '../../source/targets/local-target.js';

let watch: Watch | undefined;

afterEach(() => watch?.stop());

const start = (beginsWithGlance: boolean): Watch => {
	watch = startWatch({target: thisMachine, intervalSeconds: 1, selection: {}, beginsWithGlance});
	return watch;
};

const own = ({processes}: Snapshot) => processes.find(({pid}) => pid === process.pid);

test('a screen gets a glance at all processes at once, and the threads after it', async () => {
	const snapshots: Snapshot[] = [];
	await new Promise<void>(resolve => {
		start(true).subscribe(snapshot => {
			snapshots.push(snapshot);
			if (snapshots.length === 2) {
				resolve();
			}
		});
		// Before anything else had a turn.
		expect(snapshots).toHaveLength(1);
	});
	const [glance, whole] = snapshots;
	expect(own(glance!)!.threads.map(({tid}) => tid)).toEqual([process.pid]);
	expect(own(glance!)!.threadCount).toBeGreaterThan(1);
	expect(own(glance!)!.stateFlags).toContain('l');
	expect(own(glance!)!.commandLine).toEqual(own(whole!)!.commandLine);
	expect(glance!.notSeen.join()).toContain('threads');
	expect(glance!.intervalSeconds).toBeUndefined();
	// The counters were not read at the glance: the first sample has no rates either.
	expect(whole!.intervalSeconds).toBeUndefined();
	expect(own(whole!)!.voluntarySwitchesPerSecond).toBeUndefined();
	expect(own(whole!)!.threads.length).toBeGreaterThan(1);
	expect(whole!.notSeen.join()).not.toContain('glance');
});

test('without a screen the first Snapshot has all threads', async () => {
	const snapshot = await new Promise<Snapshot>(resolve => {
		start(false).subscribe(resolve);
	});
	expect(own(snapshot)!.threads.length).toBeGreaterThan(1);
});
