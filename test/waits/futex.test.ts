import {expect, test} from 'vitest';
import {createSyscallLine, type SyscallLine} from '../../source/procfs/syscall.js';
import {decodeFutex, futexKey} from '../../source/waits/futex.js';

const line = (registers: Partial<SyscallLine>): SyscallLine => ({
	...createSyscallLine(),
	state: 'blocked',
	...registers,
});

test('a contended mutex waits privately, without a limit, for the value 2', () => {
	expect(decodeFutex('futex', line({a0: 0x5000, a1: 0x80, a2: 2}))).toEqual({
		operation: 'WAIT',
		address: 0x5000,
		value: 2,
		timed: false,
		timeoutAddress: 0,
		absolute: false,
		realtime: false,
		isPrivate: true,
	});
});

test('a bit-set wait has a point in time as its limit, on the clock that its flag names', () => {
	expect(decodeFutex('futex', line({a1: 0x189, a3: 0x7000}))).toMatchObject({
		operation: 'WAIT_BITSET',
		timed: true,
		timeoutAddress: 0x7000,
		absolute: true,
		realtime: true,
		isPrivate: true,
	});
	expect(decodeFutex('futex', line({a1: 0x89, a3: 0x7000}))).toMatchObject({realtime: false});
	expect(decodeFutex('futex', line({a1: 0x109}))).toMatchObject({isPrivate: false, timed: false});
});

test('priority inheritance expects no value, and LOCK_PI counts on the wall clock', () => {
	expect(decodeFutex('futex', line({a1: 0x86, a2: 77, a3: 1}))).toMatchObject({
		operation: 'LOCK_PI',
		value: undefined,
		realtime: true,
	});
	expect(decodeFutex('futex', line({a1: 0x8d, a3: 1}))).toMatchObject({
		operation: 'LOCK_PI2',
		realtime: false,
	});
});

test('a sign-extended value is the word’s 32 bits', () => {
	expect(decodeFutex('futex', line({a1: 0, a2: -2_147_456_708}))).toMatchObject({
		value: 0x8000693c,
	});
});

test('operations that do not sleep are no waits', () => {
	for (const operation of [1, 3, 4, 5, 7, 10, 12]) {
		expect(decodeFutex('futex', line({a1: operation | 0x80}))).toBeUndefined();
	}

	expect(decodeFutex('poll', line({}))).toBeUndefined();
	expect(decodeFutex(undefined, line({}))).toBeUndefined();
});

test('futex_wait takes its arguments in another order', () => {
	expect(
		decodeFutex('futex_wait', line({a0: 0x5000, a1: 7, a2: -1, a3: 0x82, a4: 0x7000, a5: 1})),
	).toEqual({
		operation: 'WAIT',
		address: 0x5000,
		value: 7,
		timed: true,
		timeoutAddress: 0x7000,
		absolute: true,
		realtime: false,
		isPrivate: true,
	});
});

test('futex_waitv’s first word is read from the process’s memory', () => {
	const waiter = Buffer.alloc(24);
	waiter.writeBigUInt64LE(3n, 0);
	waiter.writeBigUInt64LE(0x7f0000001000n, 8);
	waiter.writeUInt32LE(0x82, 16);
	const call = line({a0: 0x9000, a1: 1, a3: 0x7000, a4: 0});

	expect(decodeFutex('futex_waitv', call, () => waiter)).toMatchObject({
		operation: 'WAITV',
		address: 0x7f0000001000,
		value: 3,
		isPrivate: true,
		timed: true,
		realtime: true,
	});
	expect(decodeFutex('futex_waitv', call, () => null)).toMatchObject({
		address: undefined,
		timed: true,
	});
});

test('the two words of a condition variable share a key, neighbouring locks do not', () => {
	expect(futexKey(0x7f00000000f4)).toBe(0x7f00000000f0);
	expect(futexKey(0x7f00000000f0)).toBe(0x7f00000000f0);
	expect(futexKey(0x7f00000000f8)).toBe(0x7f00000000f8);
});
