import {createScanner, scanInteger} from './digits.js';

/** What ctop uses of /proc/PID/stat and /proc/PID/task/TID/stat, see proc_pid_stat(5). */
export type Stat = {
	name: string;
	state: string;
	parentPid: number;
	processGroup: number;
	session: number;
	terminalProcessGroup: number;
	flags: number;
	/** Minor and major ones. */
	pageFaults: number;
	userTicks: number;
	systemTicks: number;
	/** User and system time of children that have ended and were waited for, and of theirs: `cutime` and `cstime`. */
	childrenTicks: number;
	nice: number;
	threadCount: number;
	startTimeTicks: number;
	/** Address at which its stack begins; 0 when we may not look into it. */
	startStack: number;
	lastCpu: number;
	policy: number;
};

const openBracket = 40;
const closeBracket = 41;
const scanner = createScanner();

// Numbers behind the state, by their position there: field 4 of the man page is number 0.
const field = {
	parentPid: 0,
	processGroup: 1,
	session: 2,
	terminalProcessGroup: 4,
	flags: 5,
	minorFaults: 6,
	majorFaults: 8,
	userTicks: 10,
	systemTicks: 11,
	childrenUserTicks: 12,
	childrenSystemTicks: 13,
	nice: 15,
	threadCount: 16,
	startTimeTicks: 18,
	startStack: 24,
	lastCpu: 35,
	policy: 37,
} as const;
const fieldCount = 38;
const numbers = new Float64Array(fieldCount);

/** PF_KTHREAD of the kernel's sched.h: a kernel thread. */
export const kernelThreadFlag = 0x20_00_00;

/** PF_IO_WORKER and PF_USER_WORKER of the same: a thread that the kernel runs for a process, such as io_uring's. */
export const userWorkerFlags = 0x10 | 0x40_00;

/**
Parses a stat file; undefined when it is not one. The name ends at the *last* closing bracket, since a name may hold brackets,
blanks and newlines itself.
*/
export const parseStat = (bytes: Uint8Array, length: number): Stat | undefined => {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, length);
	const nameStart = text.indexOf(openBracket) + 1;
	const nameEnd = text.lastIndexOf(closeBracket);
	if (nameStart === 0 || nameEnd < nameStart || nameEnd + 2 >= length) {
		return undefined;
	}

	let position = nameEnd + 3;
	for (let index = 0; index < fieldCount; index++) {
		if (!scanInteger(scanner, bytes, position, length)) {
			return undefined;
		}

		numbers[index] = scanner.value;
		position = scanner.position;
	}

	return {
		name: text.toString('utf8', nameStart, nameEnd),
		state: String.fromCharCode(bytes[nameEnd + 2]!),
		parentPid: numbers[field.parentPid]!,
		processGroup: numbers[field.processGroup]!,
		session: numbers[field.session]!,
		terminalProcessGroup: numbers[field.terminalProcessGroup]!,
		flags: numbers[field.flags]!,
		pageFaults: numbers[field.minorFaults]! + numbers[field.majorFaults]!,
		userTicks: numbers[field.userTicks]!,
		systemTicks: numbers[field.systemTicks]!,
		childrenTicks: numbers[field.childrenUserTicks]! + numbers[field.childrenSystemTicks]!,
		nice: numbers[field.nice]!,
		threadCount: numbers[field.threadCount]!,
		startTimeTicks: numbers[field.startTimeTicks]!,
		startStack: numbers[field.startStack]!,
		lastCpu: numbers[field.lastCpu]!,
		policy: numbers[field.policy]!,
	};
};
