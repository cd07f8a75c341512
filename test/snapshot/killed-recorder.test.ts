import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {build} from 'esbuild';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {openSaved, savedSnapshots} from '../../source/snapshot/open-saved.js';

const root = path.join(import.meta.dirname, '../..');
let directory = '';
let program = '';

/** The recorder without the watch: records of a machine that changes come one after the other, a thousand times as fast. */
const recorder = `
	import {createRecorder} from ${JSON.stringify(path.join(root, 'source/commands/recorder.ts'))};
	import {makeIncident} from ${JSON.stringify(path.join(root, 'test/helpers/incident.ts'))};
	const recorder = createRecorder({file: process.argv[2], maxBytes: 2 ** 20});
	const incident = makeIncident();
	for (let second = 0; ; second++) {
		await recorder.add({
			...incident,
			observedSeconds: second,
			takenAt: new Date(second * 1000).toISOString(),
			processes: incident.processes.map((process, index) => ({
				...process,
				voluntarySwitchesPerSecond: ((second * 7919 + index * 104729) % 1000) * 10,
			})),
		});
		if (second === 0) {
			process.stdout.write('recording');
		}

		await new Promise(resolve => setTimeout(resolve, 1));
	}
`;

beforeAll(async () => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-killed-'));
	program = path.join(directory, 'recorder.mjs');
	await build({
		stdin: {contents: recorder, resolveDir: root, loader: 'ts'},
		outfile: program,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		logLevel: 'warning',
	});
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

const recordings = 100;
const longestMilliseconds = 120;
/** On a machine so busy that a hundred programs take longer to start, fewer have to do. */
const enoughMilliseconds = 30_000;
const leastRecordings = 10;

test('a recorder that is killed a hundred times in the middle leaves files that all open, with no record missing', async () => {
	const counts: number[] = [];
	const end = performance.now() + enoughMilliseconds;
	const isEnough = () =>
		counts.length >= recordings || (counts.length >= leastRecordings && performance.now() > end);
	while (!isEnough()) {
		const file = path.join(mkdtempSync(path.join(directory, 'turn-')), 'killed.ctr');
		const child = spawn(process.execPath, [program, file], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const ended = once(child, 'exit');
		await once(child.stdout, 'data');
		await new Promise(resolve => {
			setTimeout(resolve, Math.random() * longestMilliseconds);
		});
		child.kill('SIGKILL');
		await ended;
		const seconds = [...savedSnapshots(openSaved(file))].map(
			({observedSeconds}) => observedSeconds,
		);
		expect(seconds.length, `${statSync(file).size} bytes`).toBeGreaterThan(0);
		// The file may have begun anew where the first one was full.
		expect(seconds).toEqual(seconds.map((_, index) => seconds[0]! + index));
		counts.push(seconds.length);
	}

	// They were not all killed at the same point.
	expect(new Set(counts).size).toBeGreaterThan(3);
}, 180_000);
