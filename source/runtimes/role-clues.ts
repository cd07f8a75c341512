import type {Reading} from '../model/reading.js';
import type {Wait} from '../model/wait.js';

/** What is known of a thread that tells what its runtime has it for. */
export type RoleClues = {
	tid: number;
	/** Kernel's name of it: cut to 15 characters. */
	name: string;
	/** Whether it is the process's first thread. */
	isMain: boolean;
	wait: Reading<Wait>;
	/** What it was told to be before. */
	lastRole: string | undefined;
	/** Whether it is of its runtime's pool of threads; undefined where that can't be read. */
	isOfPool: boolean | undefined;
	/** Functions that it sleeps in, innermost first, as text with offsets. */
	stack: readonly string[] | undefined;
};

/** Role of each thread, in the same order; undefined for the program's own and where nothing tells. */
export type TellRoles = (threads: readonly RoleClues[]) => readonly (string | undefined)[];
