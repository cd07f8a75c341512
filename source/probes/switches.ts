import {readText} from '../procfs/read-text.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import type {ThreadTally} from './thread-tally.js';

/** Reads the voluntary switches of a thread since it began; undefined when it is gone. */
export type ReadSwitches = (entry: ThreadEntry) => number | undefined;

export const switchesReader =
	(folder: string): ReadSwitches =>
	entry => {
		const text = readText(`${folder}/task/${entry.tid}/status`);
		const found = /^voluntary_ctxt_switches:\s*(\d+)/m.exec(text ?? '')?.[1];
		return found === undefined ? undefined : Number(found);
	};

/** Voluntary switches in the end, of those whose switches are known from the beginning. */
export const countSwitches = (tallies: Iterable<ThreadTally>, read: ReadSwitches): void => {
	for (const tally of tallies) {
		if (!tally.entry.dead && tally.firstVoluntarySwitches !== undefined) {
			tally.voluntarySwitches = read(tally.entry);
		}
	}
};
