import {describe, expect, test} from 'vitest';
import type {ReadMemory} from '../../../source/procfs/memory.js';
import {createThreadPoolReader, poolVariables} from '../../../source/runtimes/node/thread-pool.js';
import {type GoldenMemory, makeMemory} from '../python/memory.js';

/** As libuv's threadpool.c lays them out in Node.js 24. */
const variables = new Map(
	Object.entries({
		slow_io_pending_wq: 0x7000_0980,
		run_slow_work_message: 0x7000_0990,
		wq: 0x7000_09a0,
		exit_message: 0x7000_09b0,
		threads: 0x7000_09e0,
		nthreads: 0x7000_09e8,
		slow_io_work_running: 0x7000_09ec,
		idle_threads: 0x7000_09f0,
	}),
);
const at = (name: string): number => variables.get(name)!;

const counters = (memory: GoldenMemory, threads: number, idle: number, lookups = 0): void => {
	const bytes = Buffer.alloc(12);
	bytes.writeUInt32LE(threads, 0);
	bytes.writeUInt32LE(lookups, 4);
	bytes.writeUInt32LE(idle, 8);
	memory.bytes(at('nthreads'), bytes);
};

/** Links a ring: its head, then what stands in it in that order. */
const link = (memory: GoldenMemory, head: number, ...members: readonly number[]): void => {
	const all = [head, ...members];
	for (const [index, address] of all.entries()) {
		memory.words({
			[address]: all[(index + 1) % all.length]!,
			[address + 8]: all.at(index - 1)!,
		});
	}
};

const jobs = (count: number, from = 0x5000_0000): number[] =>
	Array.from({length: count}, (_, index) => from + index * 64);

const makePool = (): {memory: GoldenMemory; reader: ReturnType<typeof readerOf>} => {
	const memory = makeMemory();
	counters(memory, 4, 0);
	link(memory, at('wq'));
	link(memory, at('slow_io_pending_wq'));
	return {memory, reader: readerOf(memory.read)};
};

const readerOf = (read: ReadMemory) => createThreadPoolReader(variables, read, 'x64')!;

describe("libuv's pool", () => {
	test('counts its threads, those at rest and the jobs of both queues', () => {
		const {memory, reader} = makePool();
		expect(reader.look()).toEqual({
			threadCount: 4,
			busyThreads: 4,
			lookupThreads: 0,
			isQueued: false,
		});
		expect(reader.queue()).toEqual({jobs: 0, lookups: 0, isCut: false});

		counters(memory, 4, 1, 2);
		link(memory, at('wq'), ...jobs(3), at('run_slow_work_message'), 0x5100_0000);
		link(memory, at('slow_io_pending_wq'), ...jobs(5, 0x5200_0000));
		expect(reader.look()).toEqual({
			threadCount: 4,
			busyThreads: 3,
			lookupThreads: 2,
			isQueued: true,
		});
		expect(reader.queue()).toEqual({jobs: 9, lookups: 5, isCut: false});
	});

	test('before its first job has no thread and no queue', () => {
		const memory = makeMemory();
		memory.words({[at('wq')]: 0, [at('slow_io_pending_wq')]: 0});
		const reader = readerOf(memory.read);
		expect(reader.look()).toEqual({
			threadCount: 0,
			busyThreads: 0,
			lookupThreads: 0,
			isQueued: false,
		});
		expect(reader.queue()).toEqual({jobs: 0, lookups: 0, isCut: false});
		expect(reader.ownTids()).toEqual([]);
	});

	test('the message that stands for lookups is no job, nor is the one that ends the pool', () => {
		const {memory, reader} = makePool();
		link(memory, at('wq'), at('run_slow_work_message'));
		expect(reader.look()?.isQueued).toBe(false);
		link(memory, at('wq'), at('run_slow_work_message'), at('exit_message'));
		expect(reader.queue()).toEqual({jobs: 0, lookups: 0, isCut: false});
	});

	test('is counted up to a thousand jobs, and a ring that never ends is no endless one', () => {
		const {memory, reader} = makePool();
		link(memory, at('wq'), ...jobs(5000));
		expect(reader.queue()).toEqual({jobs: 1000, lookups: 0, isCut: true});
	});

	test('a job that is taken while it is followed makes it try again', () => {
		const {memory} = makePool();
		const [first, ...others] = jobs(4);
		link(memory, at('wq'), first!, ...others);
		let reads = 0;
		const reader = readerOf((address, length) => {
			if (address === first && reads++ === 0) {
				// As uv__queue_remove and uv__queue_init leave it.
				link(memory, at('wq'), ...others);
				link(memory, first!);
			}

			return memory.read(address, length);
		});
		expect(reader.queue()).toEqual({jobs: 3, lookups: 0, isCut: false});
		expect(reads).toBe(1);
	});

	test('one that changes each time, or points where nothing is, is not counted', () => {
		const {memory, reader} = makePool();
		const [first, second] = jobs(2);
		link(memory, at('wq'), first!, second!);
		memory.words({[first!]: first!, [first! + 8]: first!});
		expect(reader.queue()).toBeUndefined();
		memory.words({[at('wq') + 8]: 0x6666_0000});
		expect(reader.queue()).toBeUndefined();
	});

	test('numbers that cannot be are no pool', () => {
		const {memory, reader} = makePool();
		for (const [threads, idle, lookups] of [
			[4, 5, 0],
			[4, 0, 5],
			[2000, 0, 0],
		] as const) {
			counters(memory, threads, idle, lookups);
			expect(reader.look()).toBeUndefined();
		}
	});

	test('tells the ids of its threads from their handles', () => {
		const {memory, reader} = makePool();
		const array = 0x5300_0000;
		memory.words({[at('threads')]: array});
		for (const index of [0, 1, 2, 3]) {
			const handle = 0x5400_0000 + index * 4096;
			memory.words({[array + index * 8]: handle, [handle + 720]: 4711 + index});
		}

		expect(reader.ownTids()).toEqual([4711, 4712, 4713, 4714]);
	});

	test('is not read where a variable is missing, or they are not of one source file', () => {
		const {memory} = makePool();
		for (const {name} of poolVariables) {
			const rest = new Map([...variables].filter(([each]) => each !== name));
			expect(createThreadPoolReader(rest, memory.read, 'x64')).toBeUndefined();
		}

		const apart = new Map([...variables, ['nthreads', 0x7100_0000] as const]);
		expect(createThreadPoolReader(apart, memory.read, 'x64')).toBeUndefined();
	});
});
