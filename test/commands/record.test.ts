import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {openSaved, savedSnapshots} from '../../source/snapshot/open-saved.js';
import {ctopFile, runCtop} from '../helpers/ctop.js';
import {startZoo} from '../helpers/zoo.js';

let directory = '';

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-record-'));
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

const fileIn = (name: string): string => path.join(directory, name);
const read = (file: string): Snapshot[] => [...savedSnapshots(openSaved(file))];

const untilLarger = async (file: string, bytes: number): Promise<void> => {
	await expect
		.poll(() => (existsSync(file) ? statSync(file).size : 0), {timeout: 30_000, interval: 20})
		.toBeGreaterThan(bytes);
};

const startRecord = (words: readonly string[]): ChildProcess =>
	spawn(process.execPath, [ctopFile, 'record', ...words], {stdio: 'ignore'});

test('it records for a time, says how much it took, and replay shows the end of it', async () => {
	const file = fileIn('short.ctr');
	const {code, errors} = await runCtop(['record', '-o', file, '--for', '2s', '-d', '0.4']);
	expect(code).toBe(0);
	expect(errors).toMatch(/recording to .*short\.ctr/);
	expect(errors).toMatch(/wrote .*short\.ctr: \d records, [\d.]+ KiB, .* an hour/);
	expect(statSync(file).mode & 0o777).toBe(0o600);
	const snapshots = read(file);
	expect(snapshots.length).toBeGreaterThan(2);
	expect(snapshots.at(-1)?.processes.some(({pid}) => pid === process.pid)).toBe(true);
	const {output} = await runCtop(['replay', file]);
	expect(output).toContain(snapshots.at(-1)?.takenAt);
	expect(output).toMatch(/PPID +PID STAT/);
});

test('it never writes over a file', async () => {
	const file = fileIn('taken.ctr');
	await runCtop(['record', '-o', file, '--for', '0.3', '-d', '0.2']);
	const before = readFileSync(file);
	const {code, errors} = await runCtop(['record', '-o', file, '--for', '0.3', '-d', '0.2']);
	expect(code).toBe(2);
	expect(errors).toMatch(/exists; not overwritten/);
	expect(readFileSync(file)).toEqual(before);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the file properly', async signal => {
	const file = fileIn(`${signal}.ctr`);
	const child = startRecord(['-o', file, '-d', '0.2']);
	await untilLarger(file, 1000);
	child.kill(signal);
	const [code] = await once(child, 'exit');
	expect(code).toBe(0);
	// A whole gzip file ends with the length of what it holds (RFC 1952, 2.3.1): unpacking it as such must not fail.
	const {gunzipSync} = await import('node:zlib');
	expect(gunzipSync(readFileSync(file)).toString('utf8').endsWith('}\n')).toBe(true);
});

test('killed in the middle again and again, everything up to the last whole record opens', async () => {
	for (let turn = 0; turn < 6; turn++) {
		const file = fileIn(`killed-${turn}.ctr`);
		const child = startRecord(['-o', file, '-d', '0.1']);
		await untilLarger(file, turn * 1500);
		child.kill('SIGKILL');
		await once(child, 'exit');
		const snapshots = read(file);
		expect(snapshots.length).toBeGreaterThan(0);
		expect(snapshots[0]?.kind).toBe('ctop.snapshot');
	}
});

test('a disk that is full ends it with the reason, and what was written opens', async () => {
	const file = fileIn('full.ctr');
	const child = spawn(
		'sh',
		// Of 512 bytes each, see POSIX's ulimit.
		[
			'-c',
			'ulimit -f 24; exec "$0" "$@"',
			process.execPath,
			ctopFile,
			'record',
			'-o',
			file,
			'-d',
			'0.1',
			'--for',
			'60s',
			'-p',
			String(process.pid),
		],
		{stdio: ['ignore', 'ignore', 'pipe']},
	);
	let errors = '';
	child.stderr.on('data', chunk => {
		errors += chunk;
	});
	const [code] = await once(child, 'exit');
	expect(code).toBe(1);
	expect(errors).toMatch(/EFBIG.*; \d+ records before that can be replayed/);
	const records = Number(/(\d+) records before/.exec(errors)?.[1]);
	expect(records).toBeGreaterThan(3);
	expect(read(file)).toHaveLength(records);
});

describe('the black box', () => {
	test('writes nothing while there is no finding', async () => {
		const folder = mkdtempSync(path.join(directory, 'calm-'));
		const {code, errors} = await runCtop(
			['record', '--on', 'critical', '--for', '1s', '-d', '0.3', '-p', String(process.pid)],
			{directory: folder},
		);
		expect(code).toBe(0);
		expect(errors).toMatch(/nothing written/);
		expect(readdirSync(folder)).toEqual([]);
	});

	test('writes what was before a finding, and what follows', async () => {
		const zoo = await startZoo('polling-threads.py', [40, '0.01']);
		try {
			const file = fileIn('incident.ctr');
			const {errors} = await runCtop([
				'record',
				'--on',
				'notice',
				'--for',
				'9s',
				'-o',
				file,
				'-p',
				String(zoo.pid),
			]);
			expect(errors).toMatch(/wrote .*incident\.ctr/);
			const snapshots = read(file);
			expect(snapshots[0]?.findings).toEqual([]);
			expect(snapshots.at(-1)?.findings.map(({rule}) => rule)).toContain('idle-polling');
		} finally {
			await zoo.stop();
		}
	});
});

test('--redact leaves no argument, user or host in the file', async () => {
	const file = fileIn('redacted.ctr');
	await runCtop(['record', '--redact', '-o', file, '--for', '0.6', '-d', '0.3']);
	const [snapshot] = read(file);
	expect(snapshot?.privacy).toEqual({secrets: 'masked', identities: 'replaced'});
	expect(snapshot?.host.name).toMatch(/^host-\w{8}$/);
	expect(JSON.stringify(snapshot)).not.toContain(directory);
});

test.each([
	[['record', '--max-size', '5'], /not a size/],
	[['record', '--on', 'anything'], /none of critical/],
	[['record', 'extra'], /don't know what to do/],
])('%j is refused with status 2', async (words, message) => {
	const {code, errors} = await runCtop(words, {directory});
	expect(errors).toMatch(message);
	expect(code).toBe(2);
});
