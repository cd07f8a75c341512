import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {readText} from '../procfs/read-text.js';
import {createPerfScriptParser, type PerfSample, perfFields} from './perf-script.js';
import {findTool, firstComplaint, startTool, type ToolRun} from './tools.js';

/** Samples a second: not in step with timers of a hundred a second. */
export const perfHertz = 99;

/** perf at work on a process. */
export type PerfRecording = {
	/** Ends it before its time. */
	stop(): void;
	/** What it saw, or why it saw nothing. */
	finish(): Promise<{samples: readonly PerfSample[]} | {reason: string}>;
	/** Takes away what it wrote; to be called in the end in any case. */
	clean(): void;
};

const mostSamples = 200_000;
const patienceMilliseconds = 60_000;

/** Why perf saw nothing, and what would help: the kernel's setting where it was refused, more open files where there were too few. */
const refusal = (errors: string): string => {
	const complaint = firstComplaint(errors);
	if (/too many (?:events|open files)/i.test(complaint)) {
		return `perf could not record: ${complaint} (it opens a file for each thread on each CPU: it needs a higher 'ulimit -n')`;
	}

	const paranoid = (readText('/proc/sys/kernel/perf_event_paranoid') ?? '').trim();
	return `perf could not record: ${complaint} (kernel.perf_event_paranoid is ${paranoid}; run as root, with CAP_PERFMON, or set it to 1)`;
};

const withPatience = async (run: ToolRun): Promise<{code: number | null; errors: string}> => {
	const timer = setTimeout(() => run.child.kill('SIGKILL'), patienceMilliseconds);
	try {
		return await run.done;
	} finally {
		clearTimeout(timer);
	}
};

/**
Starts `perf record -F 99 -g` on a process for some seconds; undefined where perf isn't installed. It ends by itself, even when ctop
is killed: its own clock is a sleep(1).
*/
export const startPerf = (pid: number, seconds: number): PerfRecording | undefined => {
	const file = findTool('perf');
	if (file === undefined) {
		return undefined;
	}

	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-perf-'));
	const data = path.join(folder, 'perf.data');
	const record = startTool(file, [
		'record',
		...['-F', String(perfHertz), '-g', '-k', 'CLOCK_MONOTONIC', '-p', String(pid), '-o', data],
		...['--', 'sleep', String(seconds)],
	]);

	return {
		stop() {
			record.child.kill('SIGINT');
		},
		async finish() {
			const {errors} = await withPatience(record);
			const samples: PerfSample[] = [];
			const parser = createPerfScriptParser(sample => {
				if (samples.length < mostSamples) {
					samples.push(sample);
				}
			});
			const script = startTool(file, ['script', '-i', data, '-F', perfFields], parser.push);
			const {code} = await withPatience(script);
			parser.end();
			return samples.length === 0 && code !== 0 ? {reason: refusal(errors)} : {samples};
		},
		clean() {
			record.child.kill('SIGINT');
			rmSync(folder, {recursive: true, force: true});
		},
	};
};
