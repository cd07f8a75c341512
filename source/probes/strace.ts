import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {ExactCall} from '../model/probe.js';
import {parseStraceSummary} from './strace-summary.js';
import {findTool, firstComplaint, startTool} from './tools.js';

/** After it was told to let go, strace is killed so many seconds later; the kernel then lets go of what it traced. */
const secondsUntilKilled = 5;

export type StraceOptions = {
	pid: number;
	seconds: number;
	/** Told of how much of the time is over, from 0 to 1. */
	onProgress: (share: number) => void;
	/** Lets go of the process at once. */
	signal?: AbortSignal | undefined;
};

/**
Counts the system calls of all threads with `strace -c -w -f`, which slows them down 10 to 25 times. It runs under timeout(1), in a
session of its own: it lets go of the process after the given seconds whatever becomes of ctop. A text says why it could not be done.
*/
export const countCalls = async ({
	pid,
	seconds,
	onProgress,
	signal,
}: StraceOptions): Promise<{seconds: number; calls: readonly ExactCall[]} | {reason: string}> => {
	const strace = findTool('strace');
	const timeout = findTool('timeout');
	if (strace === undefined || timeout === undefined) {
		return {
			reason: `system calls were not counted: ${strace ? 'timeout' : 'strace'} is not installed`,
		};
	}

	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-strace-'));
	const summary = path.join(folder, 'summary');
	const began = performance.now();
	const {child, done} = startTool(timeout, [
		...['-s', 'INT', '-k', String(secondsUntilKilled), String(seconds)],
		...[strace, '-c', '-w', '-f', '-q', '-o', summary, '-p', String(pid)],
	]);
	// timeout(1) hands it on.
	const letGo = () => child.kill('SIGINT');
	signal?.addEventListener('abort', letGo);
	const timer = setInterval(
		() => onProgress(Math.min(1, (performance.now() - began) / (seconds * 1000))),
		100,
	);
	try {
		const {errors} = await done;
		const calls = parseStraceSummary(readFileSync(summary, 'utf8'));
		return calls.length === 0
			? {reason: `system calls were not counted: ${firstComplaint(errors)}`}
			: {seconds: (performance.now() - began) / 1000, calls};
	} catch (error) {
		return {reason: `system calls were not counted: ${(error as Error).message}`};
	} finally {
		clearInterval(timer);
		signal?.removeEventListener('abort', letGo);
		rmSync(folder, {recursive: true, force: true});
	}
};
