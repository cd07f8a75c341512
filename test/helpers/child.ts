import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';

/** Whether a process that a test started has not ended yet. */
export const isRunning = (child: ChildProcess): boolean =>
	child.exitCode === null && child.signalCode === null;

/** Kills a process that a test started, and waits until it has ended; nothing where there is none any more. */
export const endChild = async (child: ChildProcess | undefined): Promise<void> => {
	if (child && isRunning(child)) {
		const ended = once(child, 'exit');
		child.kill('SIGKILL');
		await ended;
	}
};
