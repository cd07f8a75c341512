import type {ReadMemory} from '../procfs/memory.js';
import type {SyscallLine} from '../procfs/syscall.js';
import {callDescriptor} from './call-kind.js';

const pollEntryBytes = 8;
/** Far more than any program does well to wait for by these calls. */
const mostDescriptors = 16_384;
const bitsPerByte = 8;

/** `poll(fds, nfds, …)`: an array of `struct {int fd; short events, revents}`; entries below zero are ignored. */
const polled = (line: SyscallLine, readMemory: ReadMemory): readonly number[] => {
	const count = Math.min(line.a1, mostDescriptors);
	const bytes = count > 0 ? readMemory(line.a0, count * pollEntryBytes) : undefined;
	return bytes
		? Array.from({length: count}, (_, index) => bytes.readInt32LE(index * pollEntryBytes)).filter(
				fd => fd >= 0,
			)
		: [];
};

/** `select(nfds, read, write, except, …)`: sets of bits. They are the call's own while it waits. */
const selected = (line: SyscallLine, readMemory: ReadMemory): readonly number[] => {
	const length = Math.min(Math.ceil(line.a0 / bitsPerByte), mostDescriptors / bitsPerByte);
	const found = new Set<number>();
	for (const address of [line.a1, line.a2, line.a3]) {
		const bytes = address > 0 && length > 0 ? readMemory(address, length) : undefined;
		for (let fd = 0; bytes && fd < length * bitsPerByte; fd++) {
			if (((bytes[fd >> 3]! >> (fd & 7)) & 1) !== 0) {
				found.add(fd);
			}
		}
	}

	return [...found].sort((a, b) => a - b);
};

/** Descriptors that a sleeping call waits on, as far as its arguments and the memory that they point at tell. */
export const waitedDescriptors = (
	call: string,
	line: SyscallLine,
	readMemory: ReadMemory,
): readonly number[] => {
	switch (call) {
		case 'poll':
		case 'ppoll':
			return polled(line, readMemory);
		case 'select':
		case 'pselect6':
			return selected(line, readMemory);
		default: {
			const fd = callDescriptor(call, line);
			return fd === undefined || fd < 0 ? [] : [fd];
		}
	}
};

/** P_PID of waitid(2). */
const byPid = 1;

/** Pid, in the caller's own pid namespace, of the one child that a call waits for; undefined where any of them will do. */
export const waitedChild = (
	call: string,
	{a0, a1}: Pick<SyscallLine, 'a0' | 'a1'>,
): number | undefined => {
	// A pid_t has 32 bits, of which the kernel shows 64; below 1 it means any child, or a group of them.
	const pid = call === 'waitid' ? (a0 === byPid ? a1 | 0 : 0) : call === 'wait4' ? a0 | 0 : 0;
	return pid > 0 ? pid : undefined;
};
