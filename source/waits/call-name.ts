import {isKnown, type Reading} from '../model/reading.js';
import type {SyscallLine} from '../procfs/syscall.js';
import {syscallName} from './syscall-numbers.js';
import {waitChannelKind} from './wait-channel.js';

/** Clocks have small numbers; where `nanosleep` has one, `clock_nanosleep` has an address. */
const clockLimit = 16;

/**
After SIGCONT a sleep goes on as `restart_syscall`, with the arguments of the call that it continues. Only timed calls that count
from their start do so: poll(2), futex(2) and the two sleeps, whose wait channel is then whatever called them.
*/
const continuedCall = (line: SyscallLine, waitChannel: string): string => {
	const kind = waitChannelKind(waitChannel);

	if (kind === 'poll' || kind === 'futex') {
		return kind;
	}

	return line.a0 >= 0 && line.a0 < clockLimit ? 'clock_nanosleep' : 'nanosleep';
};

/** A 64-bit program has its stacks far above: its first one ends at the end of its address space, further ones below that by mmap(2). */
const addressesOf32Bits = 2 ** 32;

/** A 32-bit program on a 64-bit kernel: its calls have other numbers, whose meaning the line doesn't tell; see syscall(2). */
const isOf32BitProgram = ({stackPointer, programCounter}: SyscallLine): boolean =>
	stackPointer > 0 && stackPointer < addressesOf32Bits && programCounter < addressesOf32Bits;

/**
Name of the system call that a thread is in, `undefined` outside any, for numbers without a name and for 32-bit programs. One that the
kernel restarts is named after the call that it continues, as far as the wait channel is known to tell them apart.
*/
export const callName = (
	architecture: string,
	line: SyscallLine,
	waitChannel: Reading<string>,
): string | undefined => {
	const name = isOf32BitProgram(line) ? undefined : syscallName(architecture, line.number);

	return name === 'restart_syscall' && isKnown(waitChannel)
		? continuedCall(line, waitChannel)
		: name;
};
