/** Open files of the whole machine, see proc_sys_fs(5). */
export type FileHandles = {allocated: number; free: number; maximum: number};

/** Parses /proc/sys/fs/file-nr; undefined when it is not one. */
export const parseFileNr = (text: string): FileHandles | undefined => {
	const match = /^(\d+)\s+(\d+)\s+(\d+)/.exec(text);
	return match
		? {allocated: Number(match[1]), free: Number(match[2]), maximum: Number(match[3])}
		: undefined;
};
