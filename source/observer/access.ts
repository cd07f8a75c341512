import {getuid} from 'node:process';
import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Sampling} from '../model/snapshot.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** What could be seen of the processes, and how often the kernel refused to tell more. */
export type Access = Pick<Sampling, 'level' | 'refused' | 'nextStep'>;

/** CAP_SYS_PTRACE, see capabilities(7): with it the kernel refuses next to nothing about other users' processes. */
const tracingCapability = 1n << 19n;

/** What decides how much this program may see. */
export type Rights = {
	/** Whether it may look into other users' processes. */
	tracesOthers: boolean;
	isRoot: boolean;
	/** The setting kernel.yama.ptrace_scope, see ptrace(2); undefined: this kernel has none. */
	ptraceScope?: number;
	/** Whether other users' processes are not even listed: /proc is mounted with hidepid=2, see proc(5). */
	hidesOthers: boolean;
};

export const readRights = (procRoot: string): Rights => {
	const effective = /^CapEff:\s*([\da-f]+)/m.exec(readText(`${procRoot}/self/status`) ?? '')?.[1];
	const scope = Number.parseInt(readText(`${procRoot}/sys/kernel/yama/ptrace_scope`) ?? '', 10);
	return {
		tracesOthers: effective !== undefined && (BigInt(`0x${effective}`) & tracingCapability) !== 0n,
		isRoot: getuid?.() === 0,
		...(!Number.isNaN(scope) && {ptraceScope: scope}),
		// It always runs, and anybody may read that file where it is listed.
		hidesOthers: readText(`${procRoot}/1/stat`) === undefined,
	};
};

const nobodyMay = 3;
const onlyDescendants = 1;

/** By what stands in the way first. */
const nextStepFor = (level: Sampling['level'], {isRoot, ptraceScope = 0}: Rights): string => {
	if (ptraceScope >= nobodyMay) {
		return 'none until the machine starts anew: kernel.yama.ptrace_scope is 3';
	}

	if (isRoot) {
		return 'give it CAP_SYS_PTRACE: docker run --cap-add SYS_PTRACE';
	}

	return level === 'open' && ptraceScope === onlyDescendants
		? "sudo sysctl kernel.yama.ptrace_scope=0 for one's own processes, or run ctop as root for all"
		: 'run ctop as root, or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH';
};

const counted = createMemo<Process, number>();

/** Threads whose wait channel was refused; counted anew where something changed. */
const refusedChannels = ({published}: ProcessEntry): number => {
	if (published === undefined) {
		return 0;
	}

	let refused = counted.get(published);
	if (refused === undefined) {
		refused = 0;
		for (const {waitChannel} of published.threads) {
			refused += waitChannel === null ? 1 : 0;
		}

		counted.set(published, refused);
	}

	return refused;
};

/** Sums up what was refused: threads for files of threads, processes for files of processes. */
export const describeAccess = (
	processes: Iterable<ProcessEntry>,
	ownPid: number,
	rights: Rights,
): Access => {
	const refused: Record<string, number> = {};
	const count = (file: string, by = 1) => {
		refused[file] = (refused[file] ?? 0) + by;
	};

	let seen = 0;
	for (const process of processes) {
		if (process.commandLine === null) {
			count('cmdline');
		}

		if (process.kernelThread) {
			continue;
		}

		if (process.waitsRefused) {
			count('syscall', process.threads.size);
		} else if (process.pid !== ownPid) {
			seen++;
		}

		const channels = refusedChannels(process);
		if (channels > 0) {
			count('wchan', channels);
		}
	}

	const {tracesOthers, hidesOthers} = rights;
	if (tracesOthers || (refused['syscall'] === undefined && !hidesOthers)) {
		return {level: 'full', refused};
	}

	const level = seen > 0 ? 'own' : 'open';
	return {level, refused, nextStep: nextStepFor(level, rights)};
};
