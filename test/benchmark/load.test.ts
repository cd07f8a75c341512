import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {compile} from '../../benchmark/executables.js';
import {startLoad} from '../../benchmark/load.js';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const source = (name: string) => path.join(import.meta.dirname, '../../benchmark', name);

const childrenOf = (parent: number): readonly number[] =>
	readdirSync('/proc')
		.map(Number)
		.filter(Number.isInteger)
		.filter(pid => {
			try {
				const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
				return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
			} catch {
				return false;
			}
		});

const threadFiles = (pids: readonly number[], name: string): ReadonlyMap<number, string> =>
	new Map(
		pids.flatMap(pid =>
			readdirSync(`/proc/${pid}/task`).map(
				tid => [Number(tid), readFileSync(`/proc/${pid}/task/${tid}/${name}`, 'latin1')] as const,
			),
		),
	);

const stateOf = (stat: string): string => stat.charAt(stat.lastIndexOf(')') + 2);

/** The third number of schedstat: how often it was given a CPU. */
const slicesOf = (schedstat: string): number => Number(schedstat.split(' ')[2]);

describe.skipIf(!hasCompiler)('the programs in C', () => {
	let directory = '';
	beforeAll(() => {
		directory = mkdtempSync(path.join(os.tmpdir(), 'ctop-load-'));
	});
	afterAll(() => {
		rmSync(directory, {recursive: true, force: true});
	});

	test('the load has the threads asked for, the chosen share of them wakes, and none outlives it', async () => {
		const child = spawn(compile(source('load.c'), directory), ['4', '25', '10', '20', '60'], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const [line] = await once(child.stdout, 'data');
		expect(String(line)).toBe('ready 100\n');
		const processes = childrenOf(child.pid!);
		expect(processes).toHaveLength(4);
		// A thread that has started may not yet have gone to sleep.
		await vi.waitFor(() => {
			const states = [...threadFiles(processes, 'stat').values()].map(stateOf);
			expect(states.filter(state => state !== 'S')).toEqual([]);
		}, 10_000);
		const before = threadFiles(processes, 'schedstat');
		expect(before.size).toBe(100);
		// Once those that run have run five times, every one that ever wakes has had its turn.
		const woken = await vi.waitFor(() => {
			const after = threadFiles(processes, 'schedstat');
			const times = [...before]
				.map(([tid, text]) => slicesOf(after.get(tid) ?? '') - slicesOf(text))
				.filter(slices => slices > 0);
			expect(times.length).toBeGreaterThan(0);
			expect(Math.min(...times)).toBeGreaterThanOrEqual(5);
			return times;
		}, 20_000);
		expect(woken).toHaveLength(10);
		child.stdin.end();
		await once(child, 'exit');
		expect(processes.filter(pid => existsSync(`/proc/${pid}`))).toEqual([]);
	});

	test('the reader sees every thread, and those that ran', async () => {
		const load = await startLoad(compile(source('load.c'), directory), {
			threads: 500,
			activePercent: 20,
		});
		try {
			const {stdout} = spawnSync(compile(source('reader.c'), directory), ['3'], {encoding: 'utf8'});
			const ticks = stdout.trim().split('\n');
			expect(ticks).toHaveLength(3);
			for (const tick of ticks) {
				const [, threads, ran] =
					/threads=(\d+) ran=(\d+) cpuNanoseconds=[1-9]\d*$/.exec(tick) ?? [];
				expect(Number(threads)).toBeGreaterThanOrEqual(500);
				expect(Number(ran)).toBeGreaterThanOrEqual(100);
				// 400 sleep for ever; some of them may still have been on their way there.
				expect(Number(ran)).toBeLessThan(Number(threads) - 300);
			}
		} finally {
			await load.stop();
		}
	});

	test('a load that makes no sense says so', async () => {
		const program = compile(source('load.c'), directory);
		await expect(startLoad(program, {threads: 100, activePercent: 101})).rejects.toThrow(
			'out of range',
		);
	});
});
