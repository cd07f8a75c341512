/** Sizes of /proc/meminfo by the kernel's name: bytes where it writes kB, plain counts (`HugePages_Total`) otherwise. */
export type MemoryInfo = ReadonlyMap<string, number>;

/** Parses /proc/meminfo, see proc_meminfo(5). A name that the kernel doesn't have is missing. */
export const parseMeminfo = (text: string): MemoryInfo => {
	const sizes = new Map<string, number>();
	for (const [, name, value, unit] of text.matchAll(/^([\w()]+):\s+(\d+)( kB)?$/gm)) {
		sizes.set(name!, Number(value) * (unit ? 1024 : 1));
	}

	return sizes;
};
