/** A time limit as people chose it, to so many digits: `50 ms`, `1.5 s`. What is read of a point in time is a little short of that. */
export const limitText = (milliseconds: number, digits = 2): string =>
	milliseconds >= 1000
		? `${Number((milliseconds / 1000).toPrecision(digits))} s`
		: `${Number(milliseconds.toPrecision(digits))} ms`;
