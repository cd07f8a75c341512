/** Time that one tick may spend on what can also be done in a later one: reading symbols, unwinding stacks. */
export type WorkBudget = {
	/** Whether there is time left to begin a piece of work, which may then take a few milliseconds more. */
	mayBegin(): boolean;
	/** Begins a new tick. */
	refill(): void;
	/** Runs a piece of work and counts its time. */
	spend<Result>(work: () => Result): Result;
};

/** `first`: what the first ticks have instead, in which everything is new. */
export const createWorkBudget = (
	millisecondsPerTick: number,
	first: {ticks: number; milliseconds: number} = {ticks: 0, milliseconds: millisecondsPerTick},
): WorkBudget => {
	let ticks = 0;
	let left = first.milliseconds;
	return {
		mayBegin: () => left > 0,
		refill() {
			left = ticks < first.ticks ? first.milliseconds : millisecondsPerTick;
			ticks++;
		},
		spend(work) {
			const began = performance.now();
			try {
				return work();
			} finally {
				left -= performance.now() - began;
			}
		},
	};
};
