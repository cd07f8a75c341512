import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';

/** As many as a middling thread pool; only the sum matters to the tools. */
const threadsPerProcess = 50;
const wakesPerSecond = 2;
/** Should this program die in a way that leaves the load's stdin open. */
const maximumSeconds = 6 * 60 * 60;

export type Workload = {readonly threads: number; readonly activePercent: number};

export type Load = {
	/** All threads of the machine with the load on it. */
	readonly machineThreads: number;
	readonly stop: () => Promise<void>;
};

/** The fourth field of /proc/loadavg is runnable/total (proc_loadavg(5)). */
export const countMachineThreads = (): number =>
	Number(/\/(\d+) /.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1]);

/** Starts the load and waits until all its threads exist. Rejects with its own words when they can't. */
export const startLoad = async (program: string, workload: Workload): Promise<Load> => {
	const processes = Math.max(1, Math.round(workload.threads / threadsPerProcess));
	const threads = Math.max(1, Math.round(workload.threads / processes));
	const child = spawn(
		program,
		[processes, threads, workload.activePercent, wakesPerSecond, maximumSeconds].map(String),
		{stdio: ['pipe', 'pipe', 'pipe']},
	);
	// Not at its exit, when its last words may not have been read yet.
	const exited = once(child, 'close');
	let complaint = '';
	child.stderr.on('data', data => {
		complaint += String(data);
	});
	const isReady = await Promise.race([
		once(child.stdout, 'data').then(([data]) => String(data).startsWith('ready ')),
		exited.then(() => false),
	]);
	const stop = async () => {
		child.stdin.end();
		await exited;
	};

	if (!isReady) {
		await stop();
		const [firstWords] = complaint.trim().split('\n');
		throw new Error(firstWords || 'the load ended before it was ready');
	}

	return {machineThreads: countMachineThreads(), stop};
};
