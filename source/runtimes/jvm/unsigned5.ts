/** Numbers as HotSpot packs them into up to five bytes (UNSIGNED5, unsigned5.hpp), one after the other. */
export type Unsigned5 = {
	unsigned(): number;
	/** Sign in the lowest bit. */
	signed(): number;
	/** One byte as it is; 0 behind the end. */
	byte(): number;
};

const mostBytes = 5;
const bitsPerByte = 6;
/** A byte below ends a number. */
const firstThatGoesOn = 192;

/** From JDK 20 on no byte of a number is zero: each counts one less. */
export const excludedBytes = (version: number): 0 | 1 => (version >= 20 ? 1 : 0);

/** Reads on behind the end as if there were only zeros. */
export const createUnsigned5 = (bytes: Buffer, excluded: 0 | 1, start = 0): Unsigned5 => {
	let at = start;

	const unsigned = (): number => {
		let value = 0;
		for (let index = 0; index < mostBytes; index++) {
			const byte = bytes[at++] ?? excluded;
			value += (byte - excluded) * 2 ** (bitsPerByte * index);
			if (byte < firstThatGoesOn) {
				break;
			}
		}

		return value;
	};

	return {
		unsigned,
		signed() {
			const value = unsigned();
			return (value >>> 1) ^ -(value & 1);
		},
		byte: () => bytes[at++] ?? 0,
	};
};
