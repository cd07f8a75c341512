/** Time of all CPUs since boot, in clock ticks; see proc_stat(5). */
export type CpuTicks = {
	user: number;
	nice: number;
	system: number;
	idle: number;
	iowait: number;
	irq: number;
	softirq: number;
	steal: number;
};

export type MachineStat = {
	cpu: CpuTicks;
	/** CPUs that are online. */
	cpus: number;
	contextSwitches: number;
	/** Seconds since the epoch. */
	bootTimeSeconds: number;
	/** Processes and threads ever started. */
	forks: number;
	runnable: number;
	blocked: number;
};

const numberAfter = (text: string, name: string): number =>
	Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** Parses /proc/stat; undefined when it is not one. Fields that an old kernel lacks count as 0. */
export const parseMachineStat = (text: string): MachineStat | undefined => {
	const match = /^cpu +(.*)$/m.exec(text);
	if (!match) {
		return undefined;
	}

	const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
		match[1]!.split(' ').map(Number);
	return {
		// The kernel counts guests' time in `user` and `nice` already.
		cpu: {user, nice, system, idle, iowait, irq, softirq, steal},
		cpus: text.match(/^cpu\d+ /gm)?.length ?? 0,
		contextSwitches: numberAfter(text, 'ctxt'),
		bootTimeSeconds: numberAfter(text, 'btime'),
		forks: numberAfter(text, 'processes'),
		runnable: numberAfter(text, 'procs_running'),
		blocked: numberAfter(text, 'procs_blocked'),
	};
};
