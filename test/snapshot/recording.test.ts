import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {openSaved, savedSnapshots} from '../../source/snapshot/open-saved.js';
import {openRecording} from '../../source/snapshot/read-recording.js';
import {olderFileName, openRecordingFile} from '../../source/snapshot/recording-file.js';
import {createRecordingStream} from '../../source/snapshot/recording-stream.js';
import {makeIncident} from '../helpers/incident.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

let directory = '';

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-recording-'));
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

/** Numbers that look random and are the same in each run (Park and Miller's generator). */
const createRandom = (seed: number) => {
	let state = seed;
	return (below: number): number => {
		state = (state * 48_271) % 2_147_483_647;
		return state % below;
	};
};

const at = (second: number): Partial<Snapshot> => ({
	takenAt: new Date(Date.parse('2026-01-01T12:00:00Z') + second * 1000).toISOString(),
	observedSeconds: second,
	intervalSeconds: 1,
});

/** A machine on which processes and threads come, change and go. */
const history = (count: number): Snapshot[] => {
	const random = createRandom(7);
	return Array.from({length: count}, (_, second) =>
		makeSnapshot({
			...at(second),
			processes: Array.from({length: 12}, (_process, index) => index)
				.filter(index => (second + index) % 9 !== 0)
				.map(index =>
					makeProcess({
						pid: 100 + index * 50,
						// A pid that is used again is another process.
						startTimeTicks: 1000 + Math.floor((second + index) / 9),
						name: `job "${index}" \n`,
						...(random(3) === 0 && {commandLine: null}),
						threads: Array.from({length: 1 + random(6)}, (_thread, each) =>
							makeThread({
								tid: 100 + index * 50 + each,
								voluntarySwitchesPerSecond: random(4) === 0 ? null : random(100) * 10,
								cpuPercent: random(4) === 0 ? 0 : random(50),
								state: random(2) === 0 ? 'R' : 'S',
								...(random(2) === 0 && {waitChannel: 'futex_do_wait'}),
								...(random(3) === 0 && {wait: null}),
								...(random(2) === 0 && {waits: [{kind: 'futex', call: 'futex', percent: 100}]}),
							}),
						),
					}),
				),
			...(second % 5 === 0 && {findings: makeIncident().findings.slice(0, 1)}),
		}),
	);
};

const record = async (snapshots: readonly Snapshot[]): Promise<Buffer> => {
	const stream = createRecordingStream();
	const chunks: Buffer[] = [];
	for (const snapshot of snapshots) {
		chunks.push(...(await stream.add(snapshot)).map(({bytes}) => bytes));
	}

	chunks.push(...(await stream.finish()).map(({bytes}) => bytes));
	return Buffer.concat(chunks);
};

const open = (bytes: Buffer): Snapshot[] => [
	...savedSnapshots({kind: 'recording', recording: openRecording('test.ctr', bytes)}),
];

/** As it comes out of JSON, and without what a reader adds. */
const plain = ({privacy: _, ...snapshot}: Snapshot): unknown =>
	JSON.parse(JSON.stringify(snapshot));

describe('what is recorded', () => {
	test('comes back: processes, threads, what was refused, what is missing, findings', async () => {
		const snapshots = history(300);
		const read = open(await record(snapshots));
		expect(read).toHaveLength(300);
		for (const [index, snapshot] of snapshots.entries()) {
			expect(plain(read[index]!), `record ${index}`).toEqual(plain(snapshot));
		}
	});

	test('keeps what did not change as the same object', async () => {
		const [first, second] = open(await record([makeIncident(at(1)), makeIncident(at(2))]));
		expect(second?.processes[3]).toBe(first?.processes[3]);
		expect(second?.takenAt).not.toBe(first?.takenAt);
	});

	test('is rounded to two digits for threads and three for sums, and noise below a step is not written', async () => {
		const noisy = (rate: number, second: number): Snapshot =>
			makeSnapshot({
				...at(second),
				processes: [
					makeProcess({
						pid: 7,
						voluntarySwitchesPerSecond: rate,
						threads: [makeThread({tid: 7, voluntarySwitchesPerSecond: rate, lastCpu: 3})],
					}),
				],
			});
		const read = open(
			await record([noisy(1234.5678, 1), noisy(1290.1, 2), noisy(1234.1, 3), noisy(0.04, 4)]),
		);
		expect(read.map(({processes}) => processes[0]?.threads[0]?.voluntarySwitchesPerSecond)).toEqual(
			[1200, 1200, 1200, 0],
		);
		expect(read.map(({processes}) => processes[0]?.voluntarySwitchesPerSecond)).toEqual([
			1230, 1290, 1230, 0,
		]);
		expect(read[0]?.processes[0]?.threads[0]).not.toHaveProperty('lastCpu');
	});

	test('of 2,000 threads that all change all the time fits five megabytes an hour, and nothing stays old', async () => {
		const random = createRandom(11);
		const tids = Array.from({length: 100}, (_, index) => index);
		const busy = (second: number): Snapshot =>
			makeSnapshot({
				...at(second),
				processes: Array.from({length: 20}, (_, index) => 1000 + index * 200).map(pid =>
					makeProcess({
						pid,
						voluntarySwitchesPerSecond: random(10_000),
						threads: tids.map(each =>
							makeThread({
								tid: pid + each,
								voluntarySwitchesPerSecond: random(100),
								cpuPercent: random(50),
								runQueueWaitPercent: random(50),
							}),
						),
					}),
				),
			});
		const seconds = 100;
		const snapshots = Array.from({length: seconds}, (_, second) => busy(second));
		const last = snapshots.at(-1)!;
		const quiet = Array.from({length: 18}, (_, index) => ({...last, ...at(seconds + index)}));
		const stream = createRecordingStream();
		const chunks: Buffer[] = [];
		let atTheEnd = 0;
		for (const [second, snapshot] of [...snapshots, ...quiet].entries()) {
			const bytes = (await stream.add(snapshot)).map(chunk => chunk.bytes);
			chunks.push(...bytes);
			atTheEnd +=
				second >= 40 && second < seconds ? bytes.reduce((sum, {length}) => sum + length, 0) : 0;
		}

		chunks.push(...(await stream.finish()).map(({bytes}) => bytes));
		expect((atTheEnd / 60) * 3600).toBeLessThan(5_000_000);
		const read = open(Buffer.concat(chunks));
		expect(read).toHaveLength(seconds + 18);
		expect(read[80]?.sampling.recordedEvery).toBeGreaterThan(1);
		// But for what rounding leaves out.
		const rates = ({processes}: Snapshot): number[] =>
			processes.flatMap(({threads}) => threads.map(thread => thread.voluntarySwitchesPerSecond!));
		const wanted = rates(last);
		const differences = rates(read.at(-1)!).map((rate, index) => rate - wanted[index]!);
		expect(Math.max(...differences.map(Math.abs))).toBeLessThanOrEqual(1);
	}, 60_000);

	test('is gzip: each member begins with a Snapshot that stands alone', async () => {
		const bytes = await record(history(130));
		const recording = openRecording('test.ctr', bytes);
		expect(recording.parts).toEqual([
			{first: 0, count: 120},
			{first: 120, count: 10},
		]);
		expect(recording.readPart(1)[0]?.observedSeconds).toBe(120);
	});
});

describe('a recording that was cut off', () => {
	test('at a hundred random places opens with all its whole records', async () => {
		const snapshots = history(150);
		const stream = createRecordingStream();
		const chunks: Buffer[] = [];
		const ends: number[] = [];
		for (const snapshot of snapshots) {
			chunks.push(...(await stream.add(snapshot)).map(({bytes}) => bytes));
			ends.push(chunks.reduce((sum, {length}) => sum + length, 0));
		}

		const bytes = Buffer.concat(chunks);
		const random = createRandom(Date.now() % 2_147_483_646);
		for (let turn = 0; turn < 100; turn++) {
			const length = ends[0]! + random(bytes.length - ends[0]!);
			const whole = ends.filter(end => end <= length).length;
			const read = open(bytes.subarray(0, length));
			// The end of a record's last block may be missing without a loss.
			expect([whole, whole + 1], `${length} of ${bytes.length} bytes`).toContain(read.length);
			expect(plain(read.at(-1)!)).toEqual(plain(snapshots[read.length - 1]!));
		}
	});

	test('in its first record is refused in one line', async () => {
		const bytes = await record(history(1));
		expect(() => openRecording('cut.ctr', bytes.subarray(0, 40))).toThrow(/cut\.ctr: no recording/);
		expect(() => openRecording('cut.ctr', bytes.subarray(0, 2))).toThrow(/no recording/);
	});

	test('and one whose bytes were changed throws nothing else than why it is refused', async () => {
		const bytes = await record(history(40));
		const random = createRandom(11);
		for (let turn = 0; turn < 60; turn++) {
			const damaged = Buffer.from(bytes);
			damaged[random(bytes.length)] = random(256);
			try {
				expect(open(damaged).length).toBeGreaterThan(0);
			} catch (error) {
				expect((error as Error).constructor.name).toBe('UnreadableSnapshot');
			}
		}
	});
});

describe('the file', () => {
	test('is for its owner, never over another one, and bounded in size', async () => {
		const file = path.join(directory, 'bounded.ctr');
		const output = openRecordingFile(file, 30_000);
		const stream = createRecordingStream();
		for (const snapshot of history(400)) {
			output.append(await stream.add(snapshot, output.isFull));
		}

		output.append(await stream.finish());
		output.close();
		expect(output.bytesWritten).toBeGreaterThan(60_000);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		const sizes = [file, olderFileName(file)].map(each => statSync(each).size);
		expect(sizes[0]! + sizes[1]!).toBeLessThan(30_000 * 1.2);
		const [newer, older] = [file, olderFileName(file)].map(each => [
			...savedSnapshots(openSaved(each)),
		]);
		expect(newer?.at(-1)?.observedSeconds).toBe(399);
		expect(older!.at(-1)!.observedSeconds + 1).toBe(newer![0]!.observedSeconds);
		expect(() => openRecordingFile(file, 30_000)).toThrow(/exists; not overwritten/);
		rmSync(file);
		expect(() => openRecordingFile(file, 30_000)).toThrow(/old\.ctr exists/);
	});

	test('a Snapshot that somebody packed with gzip opens too', async () => {
		const {gzipSync} = await import('node:zlib');
		const file = path.join(directory, 'packed.json.gz');
		writeFileSync(file, gzipSync(`${JSON.stringify(makeIncident())}\n`));
		expect([...savedSnapshots(openSaved(file))]).toHaveLength(1);
		expect(readFileSync(file)[0]).toBe(0x1f);
	});
});
