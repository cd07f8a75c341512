/** Reads one number or text after the other; beyond the end it throws, as Buffer does. */
export type Cursor = {
	/** Where the next one is read. */
	at: number;
	/** Of so many bytes, the smallest first. Numbers above 2 ** 53 lose their last bits. */
	fixed(bytes: number): number;
	/** LEB128, see 7.6 of the DWARF standard. */
	unsigned(): number;
	signed(): number;
	/** Up to a zero. */
	text(): string;
};

/** Longer ones are damaged. */
const mostLebBytes = 10;

export const createCursor = (bytes: Buffer, start: number): Cursor => {
	const readLeb = (): {value: number; bits: number; last: number} => {
		let value = 0;
		for (let count = 0; count < mostLebBytes; count++) {
			const byte = bytes.readUInt8(cursor.at++);
			value += (byte & 127) * 2 ** (7 * count);
			if (byte < 128) {
				return {value, bits: 7 * (count + 1), last: byte};
			}
		}

		throw new RangeError('a number without an end');
	};

	const cursor: Cursor = {
		at: start,
		fixed(count) {
			const from = cursor.at;
			cursor.at += count;
			return count <= 6
				? bytes.readUIntLE(from, count)
				: bytes.readUInt32LE(from) + bytes.readUInt32LE(from + 4) * 2 ** 32;
		},
		unsigned: () => readLeb().value,
		signed() {
			const {value, bits, last} = readLeb();
			return (last & 64) === 0 ? value : value - 2 ** bits;
		},
		text() {
			const end = bytes.indexOf(0, cursor.at);
			if (end < 0) {
				throw new RangeError('a text without an end');
			}

			const text = bytes.toString('utf8', cursor.at, end);
			cursor.at = end + 1;
			return text;
		},
	};
	return cursor;
};
