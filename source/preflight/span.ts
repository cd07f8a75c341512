/** Two readings of the same thing and the time between them; 0 seconds when there is only one. */
export type Span<Reading> = {first: Reading; last: Reading; seconds: number};

/** Growth of a counter per second; undefined without time between the readings, or when it went backwards. */
export const perSecond = (
	first: number | undefined,
	last: number | undefined,
	seconds: number,
): number | undefined =>
	first === undefined || last === undefined || last < first || seconds <= 0
		? undefined
		: (last - first) / seconds;

/** Growth of a counter between two readings; undefined when either lacks it, or it went backwards. */
export const growth = (first: number | undefined, last: number | undefined): number | undefined =>
	first === undefined || last === undefined || last < first ? undefined : last - first;
