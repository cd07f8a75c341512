/** What the timers of the CPUs are called there: on x86 and PowerPC, in guests of Hyper-V, on ARM. */
const timerRow = /^ *(?:LOC|HVS):|\barch_timer$/;

/**
Parses /proc/interrupts: how often a CPU's own timer has interrupted it, all CPUs together, whatever it was set for: the scheduler's
tick, or a sleep or time limit that ran out. Undefined where this architecture calls it otherwise.
*/
export const parseTimerInterrupts = (text: string): number | undefined => {
	let total = 0;
	for (const line of text.split('\n')) {
		if (!timerRow.test(line)) {
			continue;
		}

		for (const word of line.slice(line.indexOf(':') + 1).matchAll(/ +(\d+)(?= )/gy)) {
			total += Number(word[1]);
		}
	}

	return total > 0 ? total : undefined;
};
