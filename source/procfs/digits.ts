const zero = 48;
const nine = 57;
const minus = 45;

/**
Reads numbers out of bytes without making strings. `value` is the number read last, `position` the byte behind it. A scanner
is reused for every file: one object for millions of numbers.
*/
export type Scanner = {
	value: number;
	position: number;
};

export const createScanner = (): Scanner => ({value: 0, position: 0});

/** Reads the next decimal integer at or behind `from`; false when there is none before `end`. Exact up to 2^53. */
export const scanInteger = (
	scanner: Scanner,
	bytes: Uint8Array,
	from: number,
	end: number,
): boolean => {
	let position = from;
	while (position < end && (bytes[position]! < zero || bytes[position]! > nine)) {
		position++;
	}

	if (position === end) {
		return false;
	}

	const negative = position > from && bytes[position - 1] === minus;
	let value = 0;
	while (position < end) {
		const byte = bytes[position]!;
		if (byte < zero || byte > nine) {
			break;
		}

		value = value * 10 + (byte - zero);
		position++;
	}

	scanner.value = negative ? -value : value;
	scanner.position = position;
	return true;
};

/** Where `pattern` begins in `bytes` at or behind `from`, or -1. */
export const findBytes = (
	bytes: Uint8Array,
	pattern: Uint8Array,
	from: number,
	end: number,
): number => {
	const first = pattern[0];
	const last = end - pattern.length;
	for (let start = from; start <= last; start++) {
		if (bytes[start] !== first) {
			continue;
		}

		let matched = 1;
		while (matched < pattern.length && bytes[start + matched] === pattern[matched]) {
			matched++;
		}

		if (matched === pattern.length) {
			return start;
		}
	}

	return -1;
};
