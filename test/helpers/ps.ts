import {runTool} from './run-tool.js';

export type PsRow = {
	readonly parentPid: number;
	readonly pid: number;
	/** Undefined where ps has a dash. */
	readonly threadCount: number | undefined;
	/** State with its flags, as `Ssl+`. */
	readonly state: string;
	/** How deep in the forest ps draws it; 0 is a root. */
	readonly depth: number;
	/** Without the branches drawn in front of it. */
	readonly command: string;
};

/** Wide enough for a letter and all flags, so that the command always begins in the same place. */
const stateWidth = 8;
const rowPattern = new RegExp(`^ *(\\d+) +(\\d+) +(\\d+|-) (.{${stateWidth}}) (.*)$`);
const branches = /^(?:(?: {4}| \| {2})* \\_ )?/;
const branchWidth = 4;

const parseRow = (line: string): readonly PsRow[] => {
	const [, parentPid, pid, threadCount, state, rest] = rowPattern.exec(line) ?? [];
	if (state === undefined || rest === undefined) {
		return [];
	}

	const drawn = branches.exec(rest)?.[0] ?? '';
	return [
		{
			parentPid: Number(parentPid),
			pid: Number(pid),
			threadCount: threadCount === '-' ? undefined : Number(threadCount),
			state: state.trimEnd(),
			depth: drawn.length / branchWidth,
			command: rest.slice(drawn.length),
		},
	];
};

/** The rows of `ps axwwfo ppid,pid,thcount,stat:8,cmd` in the order of its forest. */
export const parsePs = (text: string): readonly PsRow[] => text.split('\n').flatMap(parseRow);

/** The machine's processes as ps sees them; undefined where it isn't installed. */
export const readPs = async (): Promise<readonly PsRow[] | undefined> => {
	const text = await runTool('ps', ['axwwfo', `ppid,pid,thcount,stat:${stateWidth},cmd`]);
	return text === undefined ? undefined : parsePs(text);
};
