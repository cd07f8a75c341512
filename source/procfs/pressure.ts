/** One line of a file in /proc/pressure, see the kernel's psi.rst. */
export type PressureCounters = {
	avg10Percent: number;
	avg60Percent: number;
	avg300Percent: number;
	totalMicroseconds: number;
};

export type PressureFile = {some?: PressureCounters; full?: PressureCounters};

/** Parses a file of /proc/pressure or a cgroup's *.pressure; lines that it doesn't know are left out. */
export const parsePressure = (text: string): PressureFile => {
	const file: PressureFile = {};
	const lines = text.matchAll(
		/^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)/gm,
	);
	for (const [, kind, avg10, avg60, avg300, total] of lines) {
		file[kind as 'some' | 'full'] = {
			avg10Percent: Number(avg10),
			avg60Percent: Number(avg60),
			avg300Percent: Number(avg300),
			totalMicroseconds: Number(total),
		};
	}

	return file;
};
