import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, afterEach, describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import {endChild} from '../helpers/child.js';
import {processIn, type Watched, watchTarget} from './watched.js';

const hasGo = spawnSync('go', ['version']).status === 0;
const folder = mkdtempSync(path.join(tmpdir(), 'ctop-go-'));
afterAll(() => rmSync(folder, {recursive: true}));

let child: ChildProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await endChild(child);
	child = undefined;
});

const source = path.join(import.meta.dirname, '../zoo/trouble.go');

/** Builds the zoo's program in some way, starts it, and watches it until it shows what is asked for. */
const untilProgram = async (
	options: readonly string[],
	words: readonly string[],
	shows: (program: Process) => boolean,
): Promise<Process> => {
	const file = path.join(folder, `trouble${options.join('')}`);
	execFileSync('go', ['build', ...options, '-o', file, source], {stdio: 'pipe'});
	child = spawn(file, words, {stdio: ['pipe', 'ignore', 'ignore']});
	const {pid} = child;
	watched = watchTarget();
	const snapshot = await watched.tickUntil(each => {
		watched?.look();
		const program = processIn(each, pid!);
		return program !== undefined && shows(program);
	}, 300);
	return processIn(snapshot, pid!)!;
};

const collects = ({runtime}: Process): boolean => runtime?.collector !== undefined;

describe.skipIf(!hasGo)('the collector of a program of Go', () => {
	test.for([
		{how: 'as it is usually built', options: []},
		{
			how: 'with debug information that is not compressed',
			options: ['-ldflags=-compressdwarf=false'],
		},
	])('is read in one $how', {timeout: 60_000}, async ({options}) => {
		const program = await untilProgram(options, ['garbage', '4'], collects);
		const {collector, hint} = program.runtime!;
		expect(collector).toMatchObject({gcPercent: 4});
		expect(collector?.sharePercent).toBeGreaterThan(15);
		expect(collector?.sharePercent).toBeLessThanOrEqual(100);
		expect(collector?.cyclesPerSecond).toBeGreaterThan(1);
		expect(collector?.liveHeapBytes).toBeGreaterThan(2 ** 20);
		expect(hint).not.toContain('gctrace');
	});

	test.for([
		{lacks: 'has no symbols', options: ['-ldflags=-s']},
		{lacks: 'has no debug information', options: ['-ldflags=-w']},
	])(
		'is not told where its file $lacks, and why is',
		{timeout: 60_000},
		async ({lacks, options}) => {
			const program = await untilProgram(
				options,
				['garbage', '4'],
				({runtime}) => runtime?.hint?.includes('GODEBUG=gctrace=1') === true,
			);
			expect(program.runtime?.hint).toContain(lacks);
			expect(collects(program)).toBe(false);
		},
	);

	test('takes little of one that allocates moderately', {timeout: 60_000}, async () => {
		const program = await untilProgram([], ['allocate', '2'], collects);
		expect(program.runtime?.collector).toMatchObject({gcPercent: 100});
		expect(program.runtime?.collector?.sharePercent).toBeLessThan(25);
	});
});
