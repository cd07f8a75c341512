import type {Process} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';

/** How deep a process could be looked into, and what one step would raise that. */
export type ProcessAccess = {
	/** `rates`: open files alone. `channels`: also where in the kernel threads sleep. `calls`: also calls, memory and stacks. */
	level: 'rates' | 'channels' | 'calls' | 'kernel';
	text: string;
	/** What to do to see more; missing where all is seen, or nothing would help. */
	raise?: string;
};

const asRoot = 'run ctop as root, or give it CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH';

const userOfObserver = ({processes, sampling}: Snapshot): number | undefined =>
	processes.find(({pid}) => pid === sampling.ownPid)?.userId;

/** Yama refuses what the same user may otherwise do; so does a program that made itself undumpable. See ptrace(2). */
const stepFrom = (process: Process, snapshot: Snapshot): string => {
	const own = userOfObserver(snapshot);
	if (process.userId === undefined || own === undefined || process.userId !== own) {
		const user = process.user ?? process.userId;
		return user === undefined || process.userId === 0 ? asRoot : `${asRoot}; or run it as ${user}`;
	}

	return `${asRoot}; or, if kernel.yama.ptrace_scope is not 0, sysctl kernel.yama.ptrace_scope=0`;
};

/** On which level what is known of a process stands, told from the Snapshot alone, so that a saved one says the same. */
export const processAccess = (process: Process, snapshot: Snapshot): ProcessAccess => {
	if (process.kernelThread) {
		return {
			level: 'kernel',
			text: 'a thread of the kernel: it has no system call, no stack of its own program and no locks to read',
		};
	}

	const {threads} = process;
	if (threads.some(({wait}) => wait?.call !== undefined || wait?.kind === 'page-fault')) {
		return {
			level: 'calls',
			text: 'system calls, time limits, locks with their holders and stacks were read',
		};
	}

	const isRefused = threads.some(({wait}) => wait === null);
	if (threads.some(({waitChannel}) => waitChannel)) {
		return {
			level: 'channels',
			text: 'rates and the function of the kernel that each thread sleeps in; the kernel refused system calls and memory, and with them time limits, locks, holders and stacks',
			raise: stepFrom(process, snapshot),
		};
	}

	if (isRefused) {
		return {
			level: 'rates',
			text: 'states and rates alone; the kernel refused what threads wait for, where they sleep, and memory: no locks, holders or stacks',
			raise: stepFrom(process, snapshot),
		};
	}

	return {level: 'calls', text: 'none of its threads was seen asleep: there was nothing to refuse'};
};
