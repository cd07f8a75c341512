/** Parses a list of numbers as the kernel writes it for CPUs and NUMA nodes: `0-3,8` is [0, 1, 2, 3, 8]. */
export const parseCpuList = (text: string): readonly number[] =>
	text
		.trim()
		.split(',')
		.filter(part => /^\d+(-\d+)?$/.test(part))
		.flatMap(part => {
			const [first = 0, last = first] = part.split('-').map(Number);
			return Array.from({length: last - first + 1}, (_, index) => first + index);
		});
