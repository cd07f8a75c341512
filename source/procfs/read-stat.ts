import {readPath} from './descriptor.js';
import {parseStat, type Stat} from './stat.js';

/** Larger than any stat file; one for all, since thousands of them are read. */
const buffer = Buffer.alloc(4096);

/** A process's or a thread's stat, see proc_pid_stat(5), opened and closed; undefined when it is gone or refused. */
export const readStat = (path: string): Stat | undefined => {
	const length = readPath(path, buffer);
	return length > 0 ? parseStat(buffer, length) : undefined;
};
