import {expect, test} from 'vitest';
import {createCollectorReader} from '../../../source/runtimes/go/collector.js';
import type {
	CollectorField,
	CollectorLayout,
} from '../../../source/runtimes/go/collector-layout.js';

const bias = 0x1000;

/** A process's memory with these numbers, and where its program's file says that they are. */
const processWith = (numbers: Partial<Record<CollectorField, {value: number; size?: 4}>>) => {
	const memory = Buffer.alloc(20_000);
	const layout = new Map<CollectorField, {address: number; size: number}>();
	const reads: number[] = [];
	let address = 64;
	for (const [field, {value, size = 8}] of Object.entries(numbers)) {
		layout.set(field as CollectorField, {address, size});
		if (size === 4) {
			memory.writeInt32LE(value, address);
		} else {
			memory.writeBigInt64LE(BigInt(value), address);
		}

		// The limits lie in another variable, some pages away.
		address += field === 'cycles' ? 10_000 : size;
	}

	const read = (from: number, length: number): Buffer | undefined => {
		reads.push(length);
		return from - bias + length <= memory.length
			? memory.subarray(from - bias, from - bias + length)
			: undefined;
	};
	return {layout: layout as CollectorLayout, read, reads};
};

test('the counters of Go 1.20 and newer, with one read for what lies close together', () => {
	const {layout, read, reads} = processWith({
		endedAt: {value: 5_000_000},
		assistTime: {value: 300},
		dedicatedTime: {value: 700},
		idleTime: {value: 50},
		stoppedProcessors: {value: 8, size: 4},
		cycles: {value: 42, size: 4},
		gcPercent: {value: -1, size: 4},
		memoryLimit: {value: 2 ** 31},
		heapMarked: {value: 12_345},
	});
	expect(createCollectorReader(layout, bias, read)()).toEqual({
		endedAt: 5_000_000,
		cycles: 42,
		markNanoseconds: 1000,
		pauseNanoseconds: 0,
		stoppedProcessors: 8,
		idleNanoseconds: 50,
		gcPercent: -1,
		memoryLimitBytes: 2 ** 31,
		liveHeapBytes: 12_345,
	});
	expect(reads).toHaveLength(2);
});

test('those of older ones, where what idle processors do is known of one cycle', () => {
	const {layout, read} = processWith({
		endedAt: {value: 5_000_000},
		totalTime: {value: 1000},
		pauseTotal: {value: 20},
		cycleAssistTime: {value: 3},
		cycleDedicatedTime: {value: 4},
		cycleFractionalTime: {value: 5},
		cycleIdleTime: {value: 6},
		stoppedProcessors: {value: 2, size: 4},
		cycles: {value: 42, size: 4},
	});
	expect(createCollectorReader(layout, bias, read)()).toEqual({
		endedAt: 5_000_000,
		cycles: 42,
		markNanoseconds: 1000,
		pauseNanoseconds: 20,
		stoppedProcessors: 2,
		cycle: {markNanoseconds: 12, idleNanoseconds: 6},
	});
});

test('no limit is none, and memory that cannot be read tells nothing', () => {
	const {layout, read} = processWith({
		idleTime: {value: 0},
		memoryLimit: {value: Number(0x7fff_ffff_ffff_fc00n)},
	});
	expect(createCollectorReader(layout, bias, read)()).not.toHaveProperty('memoryLimitBytes');
	expect(createCollectorReader(layout, bias, () => null)()).toBeUndefined();
	expect(createCollectorReader(layout, bias, () => undefined)()).toBeUndefined();
});
