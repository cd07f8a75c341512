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

/**
Name of the system call that a thread is in, `undefined` outside any and for numbers without a name. One that the kernel restarts is
named after the call that it continues, as far as the wait channel is known to tell them apart.
*/
export const callName = (
	architecture: string,
	line: SyscallLine,
	waitChannel: Reading<string>,
): string | undefined => {
	const name = syscallName(architecture, line.number);

	return name === 'restart_syscall' && isKnown(waitChannel)
		? continuedCall(line, waitChannel)
		: name;
};
