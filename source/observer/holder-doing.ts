import type {ThreadEntry} from '../sampler/task-entry.js';
import {syscallName} from '../waits/syscall-numbers.js';
import type {Holder} from './lock-word.js';
import type {WaitReader} from './wait-reader.js';

/** What a thread that holds a lock does at this moment: `running`, or the call that it sleeps in; undefined where that can't be told. */
export type HolderDoing = (holder: Holder) => string | undefined;

export const createHolderDoing =
	({
		threads,
		waits,
		architecture,
	}: {
		threads: ReadonlyMap<number, ThreadEntry>;
		waits: WaitReader;
		architecture: string;
	}): HolderDoing =>
	({tid}) => {
		const entry = threads.get(tid);
		const line = entry && waits.readSyscall(entry);
		if (!line || line.state === 'exited' || line.state === 'kernel') {
			return undefined;
		}

		if (line.state === 'running') {
			return 'running';
		}

		return line.number < 0
			? 'page fault'
			: (syscallName(architecture, line.number) ?? `system call ${line.number}`);
	};
