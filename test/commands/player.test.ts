import {expect, test, vi} from 'vitest';
import {createPlayback} from '../../source/commands/playback.js';
import {createPlayer} from '../../source/commands/player.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Recording} from '../../source/snapshot/read-recording.js';
import type {Position} from '../../source/ui/live-source.js';
import {makeFinding, makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

/** 44 threads that poll from a second on; what the file itself says of findings is nothing. */
const moment = (second: number, isPolling: boolean): Snapshot =>
	makeSnapshot({
		observedSeconds: second,
		intervalSeconds: 1,
		takenAt: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
		processes: [
			makeProcess({
				pid: 50,
				name: 'agent',
				threads: Array.from({length: 44}, (_, index) =>
					makeThread({
						tid: 50 + index,
						voluntarySwitchesPerSecond: isPolling ? 100 : 0,
						cpuPercent: isPolling ? 0.1 : 0,
						wait: {kind: 'sleep', call: 'clock_nanosleep', timed: true, timeoutMilliseconds: 10},
						waits: [
							{
								kind: 'sleep',
								call: 'clock_nanosleep',
								timed: true,
								timeoutMilliseconds: 10,
								percent: 100,
							},
						],
					}),
				),
			}),
		],
	});

const recordingOf = (snapshots: readonly Snapshot[], size = 50): Recording & {reads: number[]} => {
	const reads: number[] = [];
	const parts = Array.from({length: Math.ceil(snapshots.length / size)}, (_, index) => ({
		first: index * size,
		count: Math.min(size, snapshots.length - index * size),
	}));
	return {
		count: snapshots.length,
		parts,
		reads,
		readPart(part) {
			reads.push(part);
			return snapshots.slice(parts[part]!.first, parts[part]!.first + parts[part]!.count);
		},
	};
};

const pollingFrom = 100;
const recording = () =>
	recordingOf(Array.from({length: 300}, (_, second) => moment(second, second >= pollingFrom)));
const rulesAt = ({findings}: Snapshot): string[] => findings.map(({rule}) => rule);

test("today's rules find in an old file what the file does not say", () => {
	const playback = createPlayback(recording());
	expect(rulesAt(playback.at(pollingFrom - 1))).toEqual([]);
	expect(rulesAt(playback.at(pollingFrom + 5))).toEqual(['idle-polling']);
});

test('a moment that is jumped to has the findings it has when it is reached step by step', () => {
	const steps = createPlayback(recording());
	const walked = Array.from({length: 300}, (_, index) => rulesAt(steps.at(index)));
	const jumps = createPlayback(recording());
	for (const index of [250, 40, 299, 101, 104, 0, 170]) {
		expect(rulesAt(jumps.at(index)), `record ${index}`).toEqual(walked[index]);
	}
});

test('a finding older than what the rules saw has its age from the recording', () => {
	const since = '2026-01-01T12:00:03.000Z';
	const snapshots = Array.from({length: 300}, (_, second) => ({
		...moment(second, true),
		findings: [makeFinding({rule: 'idle-polling', pid: 50, since})],
	}));
	expect(createPlayback(recordingOf(snapshots)).at(290).findings[0]?.since).toBe(since);
});

test('far from the beginning only the parts near it are decoded', () => {
	const file = recording();
	createPlayback(file).at(290);
	expect(Math.min(...file.reads)).toBeGreaterThan(3);
});

type Told = {second: number; position: Position};

const listen = () => {
	const told: Told[] = [];
	const player = createPlayer(createPlayback(recording()));
	player.subscribe(({observedSeconds}, position) => {
		told.push({second: observedSeconds, position});
	});
	return {player, told};
};

test('it plays as fast as it happened, or as fast as it is told, until it is paused', () => {
	vi.useFakeTimers();
	try {
		const {player, told} = listen();
		expect(told).toMatchObject([
			{second: 0, position: {index: 0, count: 300, isPlaying: true, speed: 1}},
		]);
		vi.advanceTimersByTime(3000);
		expect(told.at(-1)?.second).toBe(3);
		player.changeSpeed(1);
		player.changeSpeed(1);
		vi.advanceTimersByTime(1000);
		expect(told.at(-1)).toMatchObject({second: 7, position: {speed: 4}});
		player.togglePlaying();
		vi.advanceTimersByTime(60_000);
		expect(told.at(-1)).toMatchObject({second: 7, position: {isPlaying: false}});
		player.stop();
	} finally {
		vi.useRealTimers();
	}
});

test('steps stay inside the recording and pause it; at the end it says so and begins anew', () => {
	vi.useFakeTimers();
	try {
		const {player, told} = listen();
		player.step(-1);
		expect(told.at(-1)).toMatchObject({second: 0, position: {isPlaying: false}});
		player.step(10_000);
		expect(told.at(-1)?.second).toBe(299);
		player.step(-1);
		player.togglePlaying();
		vi.advanceTimersByTime(1000);
		expect(told.at(-1)).toMatchObject({second: 299, position: {isPlaying: false, note: 'the end'}});
		player.togglePlaying();
		expect(told.at(-1)).toMatchObject({second: 0, position: {isPlaying: true}});
		player.stop();
	} finally {
		vi.useRealTimers();
	}
});

test('the next finding is found by the rules, and that there is none is said', async () => {
	const {player, told} = listen();
	player.toNextFinding();
	await expect.poll(() => told.at(-1)?.position.note).toBeUndefined();
	const {second} = told.at(-1)!;
	expect(second).toBeGreaterThanOrEqual(pollingFrom);
	expect(second).toBeLessThan(pollingFrom + 6);
	player.toNextFinding();
	await expect.poll(() => told.at(-1)?.position.note).toBe('no further finding');
	expect(told.at(-1)?.second).toBe(second);
	player.stop();
});
