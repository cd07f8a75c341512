import type {Process} from '../model/process.js';
import type {Sampling} from '../model/snapshot.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** What could be seen of the processes, and how often the kernel refused to tell more. */
export type Access = Pick<Sampling, 'level' | 'refused'>;

/** CAP_SYS_PTRACE, see capabilities(7): with it the kernel refuses next to nothing about other users' processes. */
const tracingCapability = 1n << 19n;

/** Whether this program may look into other users' processes. */
export const mayTraceOthers = (procRoot: string): boolean => {
	const effective = /^CapEff:\s*([\da-f]+)/m.exec(readText(`${procRoot}/self/status`) ?? '')?.[1];
	return effective !== undefined && (BigInt(`0x${effective}`) & tracingCapability) !== 0n;
};

const counted = new WeakMap<Process, number>();

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
	tracesOthers: boolean,
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

	if (tracesOthers || refused['syscall'] === undefined) {
		return {level: 'full', refused};
	}

	return {level: seen > 0 ? 'own' : 'open', refused};
};
