import type {Wait} from '../../model/wait.js';
import type {RoleClues, TellRoles} from '../role-clues.js';

/*
What Go's runtime sleeps in (runtime/lock_futex.go, os_linux.go): `futexsleep` is a plain FUTEX_WAIT, for a note with the value 0, for a
lock of the runtime's own with 2. An M that is parked sleeps at the note in its own `m`, which is on the heap but for the first thread's.
The notes in the program's own data are those of single threads: sysmon's, which alone has a time limit of a second and more, the one
that starts threads for locked ones (`newmHandoff`), and the one that waits for signals (`sig`).
*/

const sysmon = 'sysmon: watches the others';
const parked = 'idle M: no goroutine to run, or its locked one waits';

/** sysmon sleeps 20 µs and more; what spins for a lock sleeps for less. */
const leastSleepOfSysmon = 0.02;
const leastLimitOfSysmon = 1000;

/**
Whether the innermost frame is one of C's: of a library, or a function without the package that all of Go's have before a dot. A file
without symbols stands before an offset too, but a larger one: programs begin with a page of headers.
*/
const isInC = (stack: readonly string[] | undefined): boolean =>
	/^(?:lib[\w.+-]*\.so[\w.]*\+0x|\w+\+0x[\da-f]{1,3}$)/.test(stack?.[0] ?? '');

const hasGoFrame = (stack: readonly string[] | undefined): boolean =>
	stack?.[0]?.startsWith('runtime.') ?? false;

const isOnHeap = ({region = ''}: Wait): boolean => region === 'anonymous' || region.startsWith('[');

/** By the futex call; nothing where it may as well be C's. */
const atFutex = (wait: Wait, {isMain, stack}: RoleClues): string | undefined => {
	if (wait.futexOperation !== 'WAIT') {
		return undefined;
	}

	if (wait.timed === true) {
		return (wait.timeoutMilliseconds ?? 0) >= leastLimitOfSysmon && !isOnHeap(wait)
			? sysmon
			: undefined;
	}

	if (wait.futexValue !== 0) {
		return wait.futexValue === 2 && hasGoFrame(stack)
			? "waits for a lock of Go's runtime"
			: undefined;
	}

	return isMain || isOnHeap(wait) ? parked : "runtime's own: starts threads, or waits for signals";
};

/**
What a thread of Go's (an M) does for the runtime, by the call that it sleeps in. A goroutine that waits for a mutex or a channel is
put aside, and its thread runs another or is parked: nothing of that can be seen here. Whether a thread that runs has a goroutine or
the collector can't be told either.
*/
const roleOf = (clues: RoleClues): string | undefined => {
	const {wait, stack, lastRole} = clues;
	if (wait && wait.kind !== 'running' && isInC(stack)) {
		return 'in C code, called from Go';
	}

	switch (wait?.kind) {
		case 'epoll':
			return 'network poller';
		case 'sleep':
			// C's sleep is clock_nanosleep.
			return wait.call === 'nanosleep' &&
				(wait.timeoutMilliseconds ?? leastSleepOfSysmon) >= leastSleepOfSysmon
				? sysmon
				: undefined;
		case 'futex':
		case 'lock':
			return atFutex(wait, clues);
		case 'running':
			// It is one and the same all the time, and runs no goroutine ever.
			return lastRole === sysmon ? sysmon : 'runs goroutines or the collector';
		case undefined:
		case 'stopped':
		case 'exited':
			return undefined;
		default:
			return 'in a system call of a goroutine';
	}
};

export const goRoles: TellRoles = threads => threads.map(roleOf);
