import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Diff} from '../source/model/diff.js';
import type {Snapshot} from '../source/model/snapshot.js';
import {runCtop} from './helpers/ctop.js';
import {makeIncident} from './helpers/incident.js';
import {startZoo} from './helpers/zoo.js';

let directory = '';

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-files-'));
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

const fileIn = (name: string): string => path.join(directory, name);
const readSnapshot = (file: string): Snapshot => JSON.parse(readFileSync(file, 'utf8')) as Snapshot;

const output = async (...words: readonly string[]): Promise<string> => {
	const result = await runCtop(words, {directory});
	expect(result.errors).toBe('');
	expect(result.code).toBe(0);
	return result.output;
};

const incidentFile = (): string => {
	const file = fileIn('incident.json');
	writeFileSync(file, JSON.stringify(makeIncident()));
	return file;
};

test('the diff of a polling service before and after its fix says what was won', async () => {
	// As in the talk: threads that ask twenty times a second, and the same that wait until there is something.
	const keep = async (name: string, seconds: string): Promise<string> => {
		const zoo = await startZoo('polling-threads.py', [45, seconds, 'queue']);
		const file = fileIn(name);
		// Another attempt at this test may have left it, and nothing is recorded over it.
		rmSync(file, {force: true});
		try {
			const {code} = await runCtop(['record', '-o', file, '--for', '7s', '-p', String(zoo.pid)]);
			expect(code).toBe(0);
		} finally {
			await zoo.stop();
		}

		return file;
	};

	const before = await keep('before.ctr', '0.05');
	const after = await keep('after.ctr', '30');
	const diff = JSON.parse(await output('diff', before, after, '--format', 'json')) as Diff;
	expect(diff.findings).toMatchObject([
		{state: 'went', subject: 'python polling-threads.py', finding: {rule: 'idle-polling'}},
	]);
	const [service] = diff.services;
	expect(service?.name).toBe('python polling-threads.py');
	expect(service?.threads.before).toBeGreaterThan(45);
	expect(service?.threads.factor).toBe(1);
	expect(service?.switchesPerSecond.before).toBeGreaterThan(400);
	expect(service?.switchesPerSecond.factor).toBeLessThan(0.1);
	expect(await output('diff', before, after)).toMatch(
		/^WENT .* idle-polling \(python polling-threads\.py\)/m,
	);
	expect(await output('diff', before, after, '--format', 'md')).toMatch(
		/^- \*\*went\*\*: .*`idle-polling`/m,
	);
});

describe('a Snapshot', () => {
	test('has what was before it, its note, and says what was masked', async () => {
		const file = fileIn('noted.json');
		await runCtop([
			'snapshot',
			'-o',
			file,
			'--for',
			'2s',
			'-d',
			'0.3',
			'--note',
			'checkout is slow',
		]);
		const {note, privacy, history} = readSnapshot(file);
		expect(note).toBe('checkout is slow');
		expect(privacy).toEqual({secrets: 'masked', identities: 'kept'});
		expect(history?.secondsBefore.length).toBeGreaterThan(2);
		expect(history?.system.contextSwitchesPerSecond?.length).toBe(history?.secondsBefore.length);
		expect(history?.processes.length).toBeGreaterThan(0);
	});

	test('never has the secret that a process was started with', async () => {
		const secret = 'Zq9-hunter2';
		const zoo = await startZoo('polling-threads.py', [
			1,
			'5',
			'sleep',
			`--password=${secret}`,
			'--token',
			secret,
		]);
		try {
			const words = ['--for', '0.6', '-d', '0.3', '-p', String(zoo.pid)];
			for (const format of ['json', 'md', 'table', 'openmetrics']) {
				expect(await output('snapshot', '-o', '-', '--format', format, ...words)).not.toContain(
					secret,
				);
			}

			const frame = await output('-b', '-n', '1', '-d', '0.3', '-p', String(zoo.pid));
			expect(frame).toContain('--password=*** --token ***');
			expect(frame).not.toContain(secret);
		} finally {
			await zoo.stop();
		}
	});

	test('with --redact has neither arguments nor names', async () => {
		const text = await output('snapshot', '-o', '-', '--redact', '--for', '0.6', '-d', '0.3');
		const {host, processes} = JSON.parse(text) as Snapshot;
		expect(host.name).toMatch(/^host-\w{8}$/);
		expect(text).not.toContain(directory);
		expect(
			new Set(
				processes
					.flatMap(({commandLine}) => commandLine?.slice(1) ?? [])
					.filter(each => !/^argument-\w{8}$/.test(each)),
			),
		).toEqual(new Set());
	});
});

test('a report of a recording is of its worst moment and fits in a ticket', async () => {
	const zoo = await startZoo('polling-threads.py', [40, '0.01']);
	const file = fileIn('worst.ctr');
	try {
		await runCtop(['record', '-o', file, '--for', '7s', '-p', String(zoo.pid)]);
	} finally {
		await zoo.stop();
	}

	const report = await output('report', file);
	expect(report).toContain('`idle-polling`');
	expect(Buffer.byteLength(report)).toBeLessThanOrEqual(4000);
	const page = fileIn('worst.html');
	const {errors} = await runCtop(['report', file, '--format', 'html', '-o', page]);
	expect(errors).toContain(`wrote ${page}`);
	expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*wake/);
});

test('-b writes CSV with one head, and NDJSON with one object a tick', async () => {
	const csv = await output(
		'-b',
		'-n',
		'2',
		'-d',
		'0.3',
		'--format',
		'csv',
		'-p',
		String(process.pid),
	);
	expect(csv.match(/^takenAt,/gm)).toHaveLength(1);
	expect(csv.match(new RegExp(`^[^,]+Z,${process.pid},`, 'gm'))).toHaveLength(2);
	const lines = (await output('-b', '-n', '2', '-d', '0.3', '--format', 'ndjson'))
		.trimEnd()
		.split('\n');
	const kinds = lines.map(line => (JSON.parse(line) as {kind: string}).kind);
	expect(kinds.filter(kind => kind === 'ctop.tick')).toHaveLength(2);
});

test('a newer minor version opens', async () => {
	const file = fileIn('newer.json');
	writeFileSync(file, JSON.stringify({...makeIncident(), schemaVersion: '1.7', news: {x: 1}}));
	expect(await output('replay', file)).toContain('gunicorn');
});

test.each([
	[
		'cut.ctr',
		gzipSync(JSON.stringify(makeIncident())).subarray(0, 300),
		/cut off in its first record/,
	],
	['foreign.ctr', gzipSync('{"kind":"something"}\n'), /not a snapshot of ctop/],
	[
		'future.ctr',
		gzipSync('{"kind":"ctop.snapshot","schemaVersion":"9.1"}\n'),
		/schema version 9\.1/,
	],
	['noise.ctr', Buffer.from([0x1f, 0x8b, 1, 2, 3]), /no recording of ctop/],
	[
		'odd.ctr',
		gzipSync(`${JSON.stringify(makeIncident())}\n{"kind":"other"}\n`),
		/a line is of kind other/,
	],
])('%s is refused in one line by replay, diff and report', async (name, bytes, message) => {
	const file = fileIn(name);
	writeFileSync(file, bytes);
	for (const words of [
		['replay', file],
		['diff', file, incidentFile()],
		['report', file],
	]) {
		const result = await runCtop(words);
		expect(result.errors).toMatch(message);
		expect(result.errors.trimEnd().split('\n')).toHaveLength(1);
		expect(result.output).toBe('');
		expect(result.code).toBe(2);
	}
});

test.each([
	[['diff'], /needs two files/],
	[['diff', 'a.json'], /needs two files/],
	[['diff', 'nowhere.json', 'nowhere.json'], /no such file/],
	[['report'], /needs a file/],
	[['snapshot', '--format', 'xml'], /none of json, md, table, openmetrics/],
	[['-b', '--format', 'yaml'], /none of text, csv, ndjson/],
	[['schema', 'nonsense'], /no schema 'nonsense'/],
])('%j is refused with status 2', async (words, message) => {
	const {code, errors} = await runCtop(words, {directory});
	expect(errors).toMatch(message);
	expect(code).toBe(2);
});
