/** Counters of /proc/vmstat by the kernel's name; a name that the kernel doesn't have is missing. */
export type VmCounters = ReadonlyMap<string, number>;

/** Parses /proc/vmstat, see proc_vmstat(5): one `name value` a line. */
export const parseVmstat = (text: string): VmCounters => {
	const counters = new Map<string, number>();
	for (const [, name, value] of text.matchAll(/^(\w+) (\d+)$/gm)) {
		counters.set(name!, Number(value));
	}

	return counters;
};
