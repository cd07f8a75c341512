/** A count with separators, `56,900`. Not by toLocaleString(): the tables that it needs take 6 MB of a program that may have 130. */
export const countText = (value: number): string =>
	String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
