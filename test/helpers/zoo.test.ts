import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {missingForZoo, startZoo, type ZooOptions} from './zoo.js';

type Animal = [name: string, words: (string | number)[], threads: number, options?: ZooOptions];

// Threads: what the program starts, its main thread and the one that waits for the end.
const animals: Animal[] = [
	['gil-threads.py', [3], 5],
	['gil-threads.py', [3], 5, {interpreter: 'python2.7'}],
	['polling-threads.py', [4, 0.05], 6],
	['polling-threads.py', [4, 0.05, 'select'], 6],
	['polling-threads.py', [4, 1, 'queue'], 6, {interpreter: 'python2.7'}],
	['busy-processes.py', [3], 2],
	['one-busy-thread.py', [], 2],
	['busy-and-blocked.py', [], 46],
	['hashing-threads.py', [2], 4],
	['idle-pool.py', [8], 10],
	['asyncio-timers.py', [], 2],
	['mutex-pool.c', [8], 10],
	['mutex-pool.c', [8, 500], 10],
	['mutex-convoy.c', [4], 6],
	['pipeline.c', [], 2],
];

const childrenOf = (pid: number): number[] =>
	readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

describe('the zoo', () => {
	for (const [name, words, threads, options] of animals) {
		const title = [options?.interpreter, name, ...words].filter(Boolean).join(' ');
		test(`${title} is up when it says so, and leaves nothing behind`, async context => {
			const missing = missingForZoo(name, options);
			context.skip(missing !== undefined, missing);
			const zoo = await startZoo(name, words, options);
			const children = childrenOf(zoo.pid);
			try {
				expect(readdirSync(`/proc/${zoo.pid}/task`)).toHaveLength(threads);
				expect(children).toHaveLength(
					name === 'busy-processes.py' ? 3 : name === 'pipeline.c' ? 1 : 0,
				);
			} finally {
				await zoo.stop();
			}

			expect(existsSync(`/proc/${zoo.pid}`)).toBe(false);
			// Children see their parent's end by themselves, a moment later.
			await expect
				.poll(() => children.filter(pid => existsSync(`/proc/${pid}`)), {timeout: 20_000})
				.toEqual([]);
		});
	}

	test('a program that fails says why', async () => {
		await expect(startZoo('polling-threads.py', ['many'])).rejects.toThrow('ValueError');
	});
});
