import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {type FileHandles, parseFileNr} from '../../procfs/file-nr.js';
import {readText} from '../../procfs/read-text.js';
import type {Place} from '../place.js';
import {parseReading} from './kernel.js';

/** Limits of the whole machine. */
export type LimitsReading = {
	fileHandles: Reading<FileHandles>;
	maximumThreads: Reading<number>;
	maximumPid: Reading<number>;
};

const parseNumber = (text: string): number | undefined =>
	/^\d+/.test(text) ? Number.parseInt(text, 10) : undefined;

export const readLimits = ({procRoot}: Place): LimitsReading => {
	const setting = (name: string) => readText(join(procRoot, 'sys', name));
	return {
		fileHandles: parseReading(setting('fs/file-nr'), parseFileNr),
		maximumThreads: parseReading(setting('kernel/threads-max'), parseNumber),
		maximumPid: parseReading(setting('kernel/pid_max'), parseNumber),
	};
};
