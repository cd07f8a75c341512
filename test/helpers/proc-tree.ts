import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** A thread as its files under /proc tell it. */
export type TreeThread = {
	pid: number;
	tid?: number;
	name?: string;
	state?: string;
	parentPid?: number;
	startTimeTicks?: number;
	startStack?: number;
	runNanoseconds?: number;
	delayNanoseconds?: number;
	slices?: number;
	voluntarySwitches?: number;
	involuntarySwitches?: number;
	userTicks?: number;
	systemTicks?: number;
	commandLine?: readonly string[];
};

export type ProcTree = {
	readonly root: string;
	/** Writes the files of a thread, in place where they are there already. */
	write(thread: TreeThread): void;
	writeMachine(runnable: number, threads: number, lastPid: number): void;
	remove(): void;
};

const statText = (thread: TreeThread): string => {
	const {pid, tid = pid, name = 'web', state = 'S', parentPid = 1} = thread;
	const {userTicks = 0, systemTicks = 0, startTimeTicks = 1000, startStack = 0} = thread;
	const zeros = (count: number) => Array.from({length: count}, () => 0);
	return [
		...[tid, `(${name})`, state, parentPid, pid, pid, 0, -1, ...zeros(5)],
		...[userTicks, systemTicks, 0, 0, 20, 0, 1, 0, startTimeTicks, ...zeros(5)],
		...[startStack, ...zeros(24)],
	].join(' ');
};

const statusText = (thread: TreeThread): string => {
	const {pid, tid = pid, name = 'web', state = 'S'} = thread;
	const {voluntarySwitches = 0, involuntarySwitches = 0} = thread;
	return `Name:\t${name}\nState:\t${state} (x)\nTgid:\t${pid}\nPid:\t${tid}\nUid:\t0\t0\t0\t0\nvoluntary_ctxt_switches:\t${voluntarySwitches}\nnonvoluntary_ctxt_switches:\t${involuntarySwitches}\n`;
};

/** An empty folder to be filled with files like those of /proc. */
export const createProcTree = (): ProcTree => {
	const root = mkdtempSync(path.join(tmpdir(), 'ctop-proc-'));
	writeFileSync(
		path.join(root, 'stat'),
		'cpu  1 0 1 10 0 0 0 0\ncpu0 1 0 1 10 0 0 0 0\nbtime 1763900000\n',
	);
	writeFileSync(path.join(root, 'uptime'), '100.00 50.00\n');
	return {
		root,
		writeMachine(runnable, threads, lastPid) {
			writeFileSync(
				path.join(root, 'loadavg'),
				`0.00 0.00 0.00 ${runnable}/${threads} ${lastPid}\n`,
			);
		},
		write(thread) {
			const {pid, tid = pid, commandLine = ['web'], slices = 0} = thread;
			const {runNanoseconds = 1000, delayNanoseconds = 0} = thread;
			const folder = path.join(root, String(pid), 'task', String(tid));
			mkdirSync(folder, {recursive: true});
			writeFileSync(path.join(folder, 'stat'), statText(thread));
			writeFileSync(path.join(folder, 'status'), statusText(thread));
			writeFileSync(
				path.join(folder, 'schedstat'),
				`${runNanoseconds} ${delayNanoseconds} ${slices}\n`,
			);
			if (tid === pid) {
				const process = path.join(root, String(pid));
				writeFileSync(path.join(process, 'stat'), statText(thread));
				writeFileSync(path.join(process, 'status'), statusText(thread));
				writeFileSync(path.join(process, 'cmdline'), commandLine.map(word => `${word}\0`).join(''));
			}
		},
		remove() {
			rmSync(root, {recursive: true, force: true});
		},
	};
};
