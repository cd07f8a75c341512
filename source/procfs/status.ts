import {createScanner, findBytes, scanInteger} from './digits.js';

/** The part of a status file that is read each time a thread has run. Reused, so that a sweep makes no garbage. */
export type TaskStatus = {
	/** Kernel's letter for the state. */
	state: number;
	voluntarySwitches: number;
	involuntarySwitches: number;
	/** Where the name lies in the bytes that were parsed, escaped as proc_pid_status(5) says. */
	nameStart: number;
	nameEnd: number;
};

export const createTaskStatus = (): TaskStatus => ({
	state: 0,
	voluntarySwitches: 0,
	involuntarySwitches: 0,
	nameStart: 0,
	nameEnd: 0,
});

const newline = 10;
const statePattern = Buffer.from('\nState:\t');
const voluntaryPattern = Buffer.from('\nvoluntary_ctxt_switches:');
const nameOffset = 'Name:\t'.length;
const scanner = createScanner();

// The switches are the last two lines on most kernels, so the search begins near the end.
const tailLength = 256;

/** Parses /proc/PID/task/TID/status; false when a line is missing. */
export const parseTaskStatus = (bytes: Uint8Array, length: number, into: TaskStatus): boolean => {
	const nameEnd = bytes.indexOf(newline);
	const stateAt = nameEnd < 0 ? -1 : findBytes(bytes, statePattern, nameEnd, length);
	if (stateAt < 0) {
		return false;
	}

	const tail = Math.max(stateAt, length - tailLength);
	let switchesAt = findBytes(bytes, voluntaryPattern, tail, length);
	if (switchesAt < 0 && tail > stateAt) {
		switchesAt = findBytes(bytes, voluntaryPattern, stateAt, length);
	}

	if (switchesAt < 0 || !scanInteger(scanner, bytes, switchesAt, length)) {
		return false;
	}

	const voluntarySwitches = scanner.value;
	if (!scanInteger(scanner, bytes, scanner.position, length)) {
		return false;
	}

	into.state = bytes[stateAt + statePattern.length]!;
	into.voluntarySwitches = voluntarySwitches;
	into.involuntarySwitches = scanner.value;
	into.nameStart = nameOffset;
	into.nameEnd = nameEnd;
	return true;
};

/** What changes seldom in a process's status. Missing keys: the kernel doesn't print them. */
export type ProcessStatus = {
	/** Name of the process that the thread belongs to. */
	threadGroup: number;
	userId?: number;
	lockedBytes?: number;
	/** Number of CPUs in its affinity mask. */
	cpusAllowed?: number;
	/** Ids in each pid namespace, outermost first. */
	namespacePids: readonly number[];
};

/** Number of CPUs in a list such as `0-3,8`, the format of cpuset(7). */
export const countCpuList = (list: string): number => {
	let count = 0;
	for (const range of list.trim().split(',')) {
		const [first, last = first] = range.split('-');
		if (first !== undefined && first !== '') {
			count += Number(last) - Number(first) + 1;
		}
	}

	return count;
};

/** Parses /proc/PID/status as far as it describes the process. Values of `Name` can't fake a line: its newlines are escaped. */
export const parseProcessStatus = (text: string): ProcessStatus => {
	const values = new Map<string, string>();
	for (const line of text.split('\n')) {
		const colon = line.indexOf(':');
		if (colon > 0) {
			values.set(line.slice(0, colon), line.slice(colon + 1).trim());
		}
	}

	const userId = values.get('Uid')?.split(/\s+/)[1];
	const locked = values.get('VmLck');
	const cpus = values.get('Cpus_allowed_list');
	return {
		threadGroup: Number(values.get('Tgid') ?? 0),
		...(userId === undefined ? {} : {userId: Number(userId)}),
		...(locked === undefined ? {} : {lockedBytes: Number.parseInt(locked, 10) * 1024}),
		...(cpus === undefined ? {} : {cpusAllowed: countCpuList(cpus)}),
		namespacePids: (values.get('NSpid') ?? '').split(/\s+/).filter(Boolean).map(Number),
	};
};

/** Turns a status file's escapes (`\n`, `\\`) back into the name's own characters. */
export const unescapeName = (name: string): string =>
	name.includes('\\')
		? name.replaceAll(/\\(n|\\)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : '\\'))
		: name;

/** Numbers of the signals that a process has handlers for, from its status file; undefined when the kernel doesn't print them. */
export const parseCaughtSignals = (text: string): ReadonlySet<number> | undefined => {
	const mask = /^SigCgt:\s*([\da-f]+)$/m.exec(text)?.[1];
	if (mask === undefined) {
		return undefined;
	}

	const bits = BigInt(`0x${mask}`);
	const numbers = Array.from({length: mask.length * 4}, (_, bit) => bit + 1);
	return new Set(numbers.filter(number => (bits & (1n << BigInt(number - 1))) !== 0n));
};
