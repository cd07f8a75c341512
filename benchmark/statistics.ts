const ascending = (values: readonly number[]): readonly number[] =>
	[...values].sort((a, b) => a - b);

/** The middle value; of an even count the mean of the two in the middle; undefined of none. */
export const median = (values: readonly number[]): number | undefined => {
	const sorted = ascending(values);
	const middle = sorted.length / 2;
	const above = sorted[Math.floor(middle)];
	const below = sorted[Math.ceil(middle) - 1];
	return above === undefined || below === undefined ? undefined : (above + below) / 2;
};

export type Spread = {readonly median: number; readonly minimum: number; readonly maximum: number};

export const spreadOf = (values: readonly number[]): Spread | undefined => {
	const middle = median(values);
	return middle === undefined
		? undefined
		: {median: middle, minimum: Math.min(...values), maximum: Math.max(...values)};
};

/** Slope of the least-squares line through the points; undefined when their x do not differ. */
export const slope = (
	points: ReadonlyArray<{readonly x: number; readonly y: number}>,
): number | undefined => {
	const meanX = points.reduce((sum, {x}) => sum + x, 0) / points.length;
	const meanY = points.reduce((sum, {y}) => sum + y, 0) / points.length;
	const variance = points.reduce((sum, {x}) => sum + (x - meanX) ** 2, 0);
	const covariance = points.reduce((sum, {x, y}) => sum + (x - meanX) * (y - meanY), 0);
	return variance > 0 ? covariance / variance : undefined;
};
