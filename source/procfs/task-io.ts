/** What a task's reads and writes came to, see proc_pid_io(5). Calls count whether they succeed or not, bytes only when they moved. */
export type TaskIo = {
	readBytes: number;
	writtenBytes: number;
	reads: number;
	writes: number;
};

const format = /^rchar: (\d+)\nwchar: (\d+)\nsyscr: (\d+)\nsyscw: (\d+)$/m;

/** Parses /proc/PID/task/TID/io; undefined when it is none, as where the kernel was built without it. */
export const parseTaskIo = (text: string): TaskIo | undefined => {
	const fields = format.exec(text);
	return fields
		? {
				readBytes: Number(fields[1]),
				writtenBytes: Number(fields[2]),
				reads: Number(fields[3]),
				writes: Number(fields[4]),
			}
		: undefined;
};
