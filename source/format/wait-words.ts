import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitShare} from '../model/wait.js';
import {printable} from './printable.js';

/**
What a thread mostly waits for: what it was seen in most often during the interval,
else what it waits for now.
*/
export const dominantWait = (thread: Thread): Wait | WaitShare | undefined =>
	thread.waits?.[0] ?? thread.wait ?? undefined;

const stateWords: Readonly<Record<string, string>> = {
	R: 'running',
	S: 'sleeping',
	D: 'blocked',
	T: 'stopped',
	t: 'traced',
	Z: 'exited',
	X: 'exited',
	I: 'idle',
};

/** The kernel's letter for a state as a word: `sleeping`, `exited`. */
export const stateWord = (state: string): string => stateWords[state] ?? state;

/** What a thread waits for in one word: `futex`, `epoll`…, else the kernel's function, else its state. */
export const waitWord = (thread: Thread): string => {
	const wait = dominantWait(thread);
	if (wait !== undefined && wait.kind !== 'other') {
		return wait.kind;
	}

	return printable(wait?.call ?? (thread.waitChannel || undefined) ?? stateWord(thread.state));
};

/** Name of the lock that it waits on, where one was found. */
export const lockName = (process: Process, thread: Thread): string | undefined => {
	const lockId = dominantWait(thread)?.lockId;
	const lock = lockId === undefined ? undefined : process.locks?.find(({id}) => id === lockId);
	return lock === undefined ? undefined : printable(lock.name);
};

/** A wait channel without what the compiler appends to a function's clones. */
export const waitChannelName = (channel: string): string =>
	printable(channel.replace(/(?:\.(?:constprop|isra|part|cold|llvm)(?:\.\d+)?)+$/, ''));
