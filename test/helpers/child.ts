import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';

/** Kills a process that a test started, and waits until it has ended; nothing where there is none any more. */
export const endChild = async (child: ChildProcess | undefined): Promise<void> => {
	if (child && child.exitCode === null && child.signalCode === null) {
		const ended = once(child, 'exit');
		child.kill('SIGKILL');
		await ended;
	}
};
