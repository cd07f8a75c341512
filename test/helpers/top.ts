import {runTool} from './run-tool.js';

export type TopRow = {
	readonly state: string;
	readonly cpuPercent: number;
	/** Cut and with dots for what can't be printed, as top does. */
	readonly name: string;
};

/** PID USER PR NI VIRT RES SHR S %CPU %MEM TIME+ COMMAND; top's PID is a thread's id with -H. */
const rowPattern = /^ *(\d+) +\S+ +\S+ +\S+ +\S+ +\S+ +\S+ +(\S) +([\d.]+) +\S+ +[\d:.,]+ ?(.*)$/;
const headingPattern = /^ *PID +USER .*$/m;

/** top can be given no more pids than this (top(1), -p). */
const mostPids = 20;

/** By tid, from the last refresh of `top -H -b`; the first ones hold averages since the threads' start. */
export const parseTop = (text: string): ReadonlyMap<number, TopRow> => {
	const lastRefresh = text.slice(text.lastIndexOf('\ntop - ') + 1);
	const heading = headingPattern.exec(lastRefresh);
	const body = heading ? lastRefresh.slice(heading.index + heading[0].length) : '';
	return new Map(
		body.split('\n').flatMap(line => {
			const [, tid, state, cpuPercent, name] = rowPattern.exec(line) ?? [];
			return state === undefined || name === undefined
				? []
				: [[Number(tid), {state, cpuPercent: Number(cpuPercent), name}] as const];
		}),
	);
};

/**
CPU of threads as top sees it over one interval: of these processes, or of the whole machine where there are more than it takes.
Undefined where it isn't installed.
*/
export const readTop = async (
	pids: readonly number[],
	seconds: number,
): Promise<ReadonlyMap<number, TopRow> | undefined> => {
	const chosen = pids.length <= mostPids ? ['-p', pids.join(',')] : [];
	const text = await runTool('top', [
		...['-H', '-b', '-w', '512', '-n', '2', '-d', String(seconds)],
		...chosen,
	]);
	return text === undefined ? undefined : parseTop(text);
};
