import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {dominantWait, waitWord} from './wait-words.js';
import {
	lockById,
	lockTitle,
	runningText,
	waitText,
	withoutTarget,
	withTarget,
} from './waiting-on.js';

/** Time limits of one class: the nearest of 1, 2, 5, 10… Of a limit that is a point in time only what is left of it is seen. */
const limitClass = (milliseconds: number): string => {
	if (milliseconds <= 0) {
		return '0';
	}

	const power = 10 ** Math.floor(Math.log10(milliseconds));
	const nearest = [1, 2, 5, 10].reduce((best, step) =>
		Math.abs(Math.log(milliseconds / (step * power))) <
		Math.abs(Math.log(milliseconds / (best * power)))
			? step
			: best,
	);
	return String(nearest * power);
};

/** Whether it is one of the process's locks that is waited on. */
const isLockWait = (process: Process, {lockId}: Wait): boolean =>
	lockId !== undefined && lockById(process, lockId) !== undefined;

const keyOfWait = (process: Process, wait: Wait): string => {
	if (isLockWait(process, wait)) {
		return wait.lockId!;
	}

	const {kind, call = '', region = '', timeoutMilliseconds, target = ''} = wait;
	if (timeoutMilliseconds !== undefined) {
		return `${kind} ${limitClass(timeoutMilliseconds)}`;
	}

	if (kind === 'file-lock') {
		return `${kind} ${target}`;
	}

	return kind === 'futex' || kind === 'lock'
		? `${kind} ${region}`
		: kind === 'other'
			? `${kind} ${call}`
			: kind;
};

/** What makes waits of different threads alike: which lock, or which kind with about which limit; not who holds the lock, nor which socket. */
export const waitClass = (process: Process, thread: Thread): string => {
	const wait = dominantWait(thread);
	return wait === undefined ? waitWord(thread) : keyOfWait(process, withTarget(wait, thread));
};

/** What threads of a class wait on, by one of them. */
export const waitClassText = (process: Process, thread: Thread): string => {
	const wait = dominantWait(thread);
	if (wait === undefined) {
		return thread.state === 'R' ? runningText(thread) : waitWord(thread);
	}

	if (wait.kind === 'running') {
		return runningText(thread);
	}

	const lock = lockById(process, wait.lockId);
	return lock === undefined
		? waitText(process, withoutTarget(withTarget(wait, thread)))
		: lockTitle(process, lock);
};
