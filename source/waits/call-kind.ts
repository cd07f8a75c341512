import {semaphoreCalls} from '../model/semaphore-calls.js';
import type {WaitKind} from '../model/wait.js';
import type {SyscallLine} from '../procfs/syscall.js';

/** Calls whose purpose is to wait, and for what; see section 2 of the manual. */
const kindByCall: ReadonlyMap<string, WaitKind> = new Map<string, WaitKind>([
	['nanosleep', 'sleep'],
	['clock_nanosleep', 'sleep'],
	['poll', 'poll'],
	['ppoll', 'poll'],
	['select', 'poll'],
	['pselect6', 'poll'],
	['io_getevents', 'poll'],
	['io_pgetevents', 'poll'],
	['io_uring_enter', 'poll'],
	['epoll_wait', 'epoll'],
	['epoll_pwait', 'epoll'],
	['epoll_pwait2', 'epoll'],
	['wait4', 'child'],
	['waitid', 'child'],
	// A parent sleeps in these until its vfork child has run execve.
	['vfork', 'child'],
	['clone', 'child'],
	['clone3', 'child'],
	['pause', 'signal'],
	['rt_sigsuspend', 'signal'],
	['rt_sigtimedwait', 'signal'],
	['accept', 'socket'],
	['accept4', 'socket'],
	['connect', 'socket'],
	['recvfrom', 'socket'],
	['recvmsg', 'socket'],
	['recvmmsg', 'socket'],
	['sendto', 'socket'],
	['sendmsg', 'socket'],
	['sendmmsg', 'socket'],
	['flock', 'file-lock'],
	['fsync', 'disk'],
	['fdatasync', 'disk'],
	['sync', 'disk'],
	['syncfs', 'disk'],
	['sync_file_range', 'disk'],
	['msync', 'disk'],
]);

/** Calls that change the address space, whose lock all threads of a process share. */
export const addressSpaceCalls: ReadonlySet<string> = new Set(
	'mmap munmap mremap mprotect pkey_mprotect madvise brk mlock mlock2 munlock mlockall'.split(' '),
);

/** Calls whose first argument is the descriptor that they wait on. */
const descriptorCalls: ReadonlySet<string> = new Set(
	`read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 ioctl fcntl flock
	epoll_wait epoll_pwait epoll_pwait2 accept accept4 connect recvfrom recvmsg recvmmsg
	sendto sendmsg sendmmsg fsync fdatasync syncfs sync_file_range close getdents64 ftruncate
	fallocate io_uring_enter mq_timedreceive mq_timedsend splice`.split(/\s+/),
);

/**
What a call waits on that has no descriptor: `System V semaphores 32768`, by the id of the set that ipcs(1) lists, which is the first argument
of semop(2).
*/
export const callTarget = (call: string, line: SyscallLine): string | undefined =>
	semaphoreCalls.has(call) ? `System V semaphores ${line.a0 | 0}` : undefined;

const setLockAndWait = 7;
const setOpenFileLockAndWait = 38;

/** What a call waits for, as far as its name and its arguments say; a `read` may wait for anything. */
export const callKind = (call: string, line: SyscallLine): WaitKind | undefined => {
	if (call === 'fcntl') {
		const command = line.a1 | 0;

		return command === setLockAndWait || command === setOpenFileLockAndWait
			? 'file-lock'
			: undefined;
	}

	return kindByCall.get(call);
};

/** File descriptor that a call works on; `undefined` for calls that name none or many. */
export const callDescriptor = (call: string, line: SyscallLine): number | undefined =>
	descriptorCalls.has(call) ? line.a0 | 0 : undefined;

/** Kind of wait by what a descriptor is, as readlink(2) of /proc/PID/fd/N gives it. */
export const descriptorKind = (target: string): WaitKind | undefined => {
	if (target.startsWith('socket:[')) {
		return 'socket';
	}

	if (target.startsWith('pipe:[')) {
		return 'pipe';
	}

	return /^\/dev\/(?:pts\/\d+|tty\w*|console)$/.test(target) ? 'terminal' : undefined;
};
