import type {ProcessEntry} from '../sampler/task-entry.js';

/** Which program of which process something is known of. */
export type ProgramMark = Pick<ProcessEntry, 'generation' | 'startTimeTicks'>;

/**
What is known, where it is of the program that a process runs now; else undefined: it may have begun another one (execve), or its id may have
been given to another process.
*/
export const ofSameProgram = <Known extends ProgramMark>(
	known: Known | undefined,
	{generation, startTimeTicks}: ProgramMark,
): Known | undefined =>
	known?.generation === generation && known.startTimeTicks === startTimeTicks ? known : undefined;
