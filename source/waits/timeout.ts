import type {Reading} from '../model/reading.js';
import type {ReadMemory} from '../procfs/memory.js';
import type {SyscallLine} from '../procfs/syscall.js';
import {decodeFutex} from './futex.js';

/** How a call was told when to give up: `monotonic` and `realtime` are points on those clocks. */
export type TimeoutClock = 'relative' | 'monotonic' | 'realtime' | 'other';

/** Where a call keeps its time limit. `forever`: it was told to wait without one. */
export type TimeoutArgument =
	| {form: 'forever'}
	| {form: 'milliseconds'; value: number}
	| {form: 'timespec' | 'timeval'; address: number; clock: TimeoutClock};

type Register = 'a0' | 'a1' | 'a2' | 'a3' | 'a4' | 'a5';

/** The argument that holds the limit, and what it is: see each call's own manual page. */
const timeoutArguments: ReadonlyMap<
	string,
	{register: Register; form: 'milliseconds' | 'timespec' | 'timeval'; clock: TimeoutClock}
> = new Map([
	['poll', {register: 'a2', form: 'milliseconds', clock: 'relative'}],
	['ppoll', {register: 'a2', form: 'timespec', clock: 'relative'}],
	['epoll_wait', {register: 'a3', form: 'milliseconds', clock: 'relative'}],
	['epoll_pwait', {register: 'a3', form: 'milliseconds', clock: 'relative'}],
	['epoll_pwait2', {register: 'a3', form: 'timespec', clock: 'relative'}],
	['select', {register: 'a4', form: 'timeval', clock: 'relative'}],
	['pselect6', {register: 'a4', form: 'timespec', clock: 'relative'}],
	['nanosleep', {register: 'a0', form: 'timespec', clock: 'relative'}],
	['rt_sigtimedwait', {register: 'a2', form: 'timespec', clock: 'relative'}],
	['semtimedop', {register: 'a3', form: 'timespec', clock: 'relative'}],
	['io_getevents', {register: 'a4', form: 'timespec', clock: 'relative'}],
	['io_pgetevents', {register: 'a4', form: 'timespec', clock: 'relative'}],
	['mq_timedsend', {register: 'a4', form: 'timespec', clock: 'realtime'}],
	['mq_timedreceive', {register: 'a4', form: 'timespec', clock: 'realtime'}],
]);

const timerAbsolute = 1;

/** Clocks of clock_nanosleep(2) by number; CPU-time clocks and CLOCK_TAI aren't ours to read. */
const clockByNumber: ReadonlyMap<number, TimeoutClock> = new Map([
	[0, 'realtime'],
	[1, 'monotonic'],
	[8, 'realtime'],
]);

const inMemory = (
	form: 'timespec' | 'timeval',
	address: number,
	clock: TimeoutClock,
): TimeoutArgument => (address === 0 ? {form: 'forever'} : {form, address, clock});

/** `clock_nanosleep(clock, flags, request, remain)`. */
const clockNanosleep = (line: SyscallLine): TimeoutArgument => {
	const isAbsolute = (line.a1 & timerAbsolute) !== 0;
	const clock = isAbsolute ? (clockByNumber.get(line.a0 | 0) ?? 'other') : 'relative';

	return inMemory('timespec', line.a2, clock);
};

const futexTimeout = (call: string, line: SyscallLine): TimeoutArgument | undefined => {
	const futex = decodeFutex(call, line);

	if (futex === undefined) {
		return undefined;
	}

	const clock = futex.realtime ? 'realtime' : 'monotonic';

	return inMemory('timespec', futex.timeoutAddress, futex.absolute ? clock : 'relative');
};

/** Which argument limits a call's sleep; `undefined` for a call that has no such argument (its socket still may time out). */
export const timeoutArgument = (
	call: string | undefined,
	line: SyscallLine,
): TimeoutArgument | undefined => {
	if (call === undefined) {
		return undefined;
	}

	if (call === 'clock_nanosleep') {
		return clockNanosleep(line);
	}

	const argument = timeoutArguments.get(call);

	if (argument === undefined) {
		return futexTimeout(call, line);
	}

	const value = line[argument.register];

	if (argument.form === 'milliseconds') {
		const milliseconds = value | 0;

		return milliseconds < 0 ? {form: 'forever'} : {form: 'milliseconds', value: milliseconds};
	}

	return inMemory(argument.form, value, argument.clock);
};

/** The clocks that absolute limits are compared with, in milliseconds. */
export type Clocks = {
	monotonicMilliseconds: () => number;
	realtimeMilliseconds: () => number;
};

/** This machine's clocks; `process.hrtime` is CLOCK_MONOTONIC. */
export const systemClocks: Clocks = {
	monotonicMilliseconds: () => Number(process.hrtime.bigint()) / 1e6,
	realtimeMilliseconds: () => Date.now(),
};

export type Timeout = {
	/** Length that the call was told to wait, or for a point in time what is left until it (negative: it has passed). */
	milliseconds: number;
	/** The point in time on its clock; the gaps between a thread's successive ones are the period it polls with. */
	deadlineMilliseconds?: number;
};

/** `struct timespec` or `timeval`, with 64-bit fields as on all 64-bit Linux. */
const toMilliseconds = (time: Buffer, unitsPerMillisecond: number): number =>
	Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / unitsPerMillisecond;

/**
Time limit of the call that a thread sleeps in.

`undefined`: it waits for ever, has no such argument, counts on a clock that can't be read, or its memory is gone.
`null`: the kernel refused to let us read it.
*/
export const readTimeout = (
	call: string | undefined,
	line: SyscallLine,
	readMemory: ReadMemory,
	clocks: Clocks = systemClocks,
): Reading<Timeout> => {
	const argument = timeoutArgument(call, line);

	if (argument === undefined || argument.form === 'forever') {
		return undefined;
	}

	if (argument.form === 'milliseconds') {
		return {milliseconds: argument.value};
	}

	if (argument.clock === 'other') {
		return undefined;
	}

	const time = readMemory(argument.address, 16);

	if (time === null || time === undefined) {
		return time;
	}

	const milliseconds = toMilliseconds(time, argument.form === 'timeval' ? 1e3 : 1e6);

	if (argument.clock === 'relative') {
		return {milliseconds};
	}

	const now =
		argument.clock === 'realtime' ? clocks.realtimeMilliseconds() : clocks.monotonicMilliseconds();

	return {milliseconds: milliseconds - now, deadlineMilliseconds: milliseconds};
};
