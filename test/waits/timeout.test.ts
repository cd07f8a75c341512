import {expect, test} from 'vitest';
import {createSyscallLine, type SyscallLine} from '../../source/procfs/syscall.js';
import {type Clocks, readTimeout, timeoutArgument} from '../../source/waits/timeout.js';

const line = (registers: Partial<SyscallLine>): SyscallLine => ({
	...createSyscallLine(),
	state: 'blocked',
	...registers,
});

const clocks: Clocks = {
	monotonicMilliseconds: () => 1_000_000,
	realtimeMilliseconds: () => 1_700_000_000_000,
};

/** A process whose only memory is one timespec (or timeval) at 0x7000. */
const holding = (seconds: number, fraction: number) => (address: number, length: number) => {
	if (address !== 0x7000 || length !== 16) {
		return undefined;
	}

	const time = Buffer.alloc(16);
	time.writeBigInt64LE(BigInt(seconds), 0);
	time.writeBigInt64LE(BigInt(fraction), 8);
	return time;
};

const nothing = () => undefined;

test('poll and epoll_wait hold milliseconds, and -1 is for ever however it is extended', () => {
	expect(readTimeout('poll', line({a2: 50}), nothing)).toEqual({milliseconds: 50});
	expect(readTimeout('epoll_wait', line({a3: 0}), nothing)).toEqual({milliseconds: 0});
	expect(timeoutArgument('poll', line({a2: 0xffffffff}))).toEqual({form: 'forever'});
	expect(timeoutArgument('epoll_pwait', line({a3: -1}))).toEqual({form: 'forever'});
});

test.each([
	['ppoll', 'a2'],
	['epoll_pwait2', 'a3'],
	['pselect6', 'a4'],
	['nanosleep', 'a0'],
	['rt_sigtimedwait', 'a2'],
	['semtimedop', 'a3'],
	['io_getevents', 'a4'],
] as const)('%s points at a timespec with %s', (call, register) => {
	expect(readTimeout(call, line({[register]: 0x7000}), holding(1, 50_250_000))).toEqual({
		milliseconds: 1050.25,
	});
	expect(timeoutArgument(call, line({}))).toEqual({form: 'forever'});
});

test('select points at a timeval: microseconds', () => {
	expect(readTimeout('select', line({a4: 0x7000}), holding(0, 50_000))).toEqual({milliseconds: 50});
});

test('clock_nanosleep is relative unless its flag says that it is a point in time', () => {
	const relative = line({a0: 1, a1: 0, a2: 0x7000});
	const absolute = line({a0: 1, a1: 1, a2: 0x7000});
	const wall = line({a0: 0, a1: 1, a2: 0x7000});

	expect(readTimeout('clock_nanosleep', relative, holding(0, 1e6), clocks)).toEqual({
		milliseconds: 1,
	});
	expect(readTimeout('clock_nanosleep', absolute, holding(1001, 0), clocks)).toEqual({
		milliseconds: 1000,
		deadlineMilliseconds: 1_001_000,
	});
	expect(
		readTimeout('clock_nanosleep', wall, holding(1_700_000_002, 0), clocks)?.milliseconds,
	).toBe(2000);
});

test('a clock that is not ours to read gives no number', () => {
	expect(
		readTimeout('clock_nanosleep', line({a0: 2, a1: 1, a2: 0x7000}), holding(5, 0), clocks),
	).toBeUndefined();
});

test('a futex’s limit is a length for WAIT, a point in time for WAIT_BITSET', () => {
	expect(readTimeout('futex', line({a1: 0x80, a3: 0x7000}), holding(0, 5e6), clocks)).toEqual({
		milliseconds: 5,
	});
	expect(
		readTimeout('futex', line({a1: 0x89, a3: 0x7000}), holding(1000, 4e6), clocks)?.milliseconds,
	).toBeCloseTo(4, 6);
	expect(
		readTimeout('futex', line({a1: 0x189, a3: 0x7000}), holding(1_700_000_000, 4e6), clocks)
			?.milliseconds,
	).toBeCloseTo(4, 3);
	expect(timeoutArgument('futex', line({a1: 0x80}))).toEqual({form: 'forever'});
});

test('refused memory is null, memory that is gone and calls without a limit are undefined', () => {
	expect(readTimeout('nanosleep', line({a0: 0x7000}), () => null)).toBeNull();
	expect(readTimeout('nanosleep', line({a0: 0x7000}), nothing)).toBeUndefined();
	expect(readTimeout('read', line({a2: 0x7000}), holding(1, 0))).toBeUndefined();
	expect(readTimeout(undefined, line({}), holding(1, 0))).toBeUndefined();
});
