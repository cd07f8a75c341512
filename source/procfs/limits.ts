/** A soft limit of a process; Infinity where it is `unlimited`. */
export type SoftLimits = {
	openFiles?: number;
	/** Processes and threads of the process's user. */
	processes?: number;
};

const softLimit = (text: string, name: string): number | undefined => {
	const value = new RegExp(`^${name} +(\\d+|unlimited)`, 'm').exec(text)?.[1];
	return value === undefined ? undefined : value === 'unlimited' ? Infinity : Number(value);
};

/** Parses /proc/PID/limits, see proc_pid_limits(5). */
export const parseLimits = (text: string): SoftLimits => ({
	openFiles: softLimit(text, 'Max open files'),
	processes: softLimit(text, 'Max processes'),
});
