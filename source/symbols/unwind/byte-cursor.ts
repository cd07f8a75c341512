/** Reads numbers out of bytes one after the other. Past the end it throws a RangeError, as damaged tables lead there. */
export type ByteCursor = {
	at: number;
	readonly end: number;
	readonly bytes: Buffer;
	/** Address of the first byte in the file's own address space, for pointers that are relative to themselves. */
	readonly address: number;
};

export const createCursor = (
	bytes: Buffer,
	address: number,
	at = 0,
	end = bytes.length,
): ByteCursor => ({
	at,
	end,
	bytes,
	address,
});

export const readU8 = (cursor: ByteCursor): number => cursor.bytes.readUInt8(cursor.at++);

export const readU16 = (cursor: ByteCursor): number => {
	cursor.at += 2;
	return cursor.bytes.readUInt16LE(cursor.at - 2);
};

export const readU32 = (cursor: ByteCursor): number => {
	cursor.at += 4;
	return cursor.bytes.readUInt32LE(cursor.at - 4);
};

/** Exact up to 2^53, signed. */
export const readI64 = (cursor: ByteCursor): number => {
	cursor.at += 8;
	return Number(cursor.bytes.readBigInt64LE(cursor.at - 8));
};

/** An unsigned number of variable length (LEB128), exact up to 2^53. */
export const readUleb = (cursor: ByteCursor): number => {
	let value = 0;
	let factor = 1;
	let byte: number;
	do {
		byte = readU8(cursor);
		value += (byte & 0x7f) * factor;
		factor *= 128;
	} while ((byte & 0x80) !== 0);

	return value;
};

/** A signed number of variable length. */
export const readSleb = (cursor: ByteCursor): number => {
	let value = 0;
	let factor = 1;
	let byte: number;
	do {
		byte = readU8(cursor);
		value += (byte & 0x7f) * factor;
		factor *= 128;
	} while ((byte & 0x80) !== 0);

	return (byte & 0x40) === 0 ? value : value - factor;
};

const readers: Readonly<Record<number, (cursor: ByteCursor) => number>> = {
	0: readI64,
	1: readUleb,
	2: readU16,
	3: readU32,
	4: readI64,
	9: readSleb,
	10: cursor => (readU16(cursor) << 16) >> 16,
	11: cursor => readU32(cursor) | 0,
	12: readI64,
};

const relativeToItself = 0x10;
const relativeToData = 0x30;

/** A pointer in one of the encodings of exception tables (DW_EH_PE_*); undefined when this one isn't known. */
export const readPointer = (
	cursor: ByteCursor,
	encoding: number,
	dataAddress = 0,
): number | undefined => {
	const own = cursor.address + cursor.at;
	const value = readers[encoding & 0xf]?.(cursor);
	switch (encoding & 0x70) {
		case 0:
			return value;
		case relativeToItself:
			return value === undefined ? undefined : own + value;
		case relativeToData:
			return value === undefined ? undefined : dataAddress + value;
		default:
			return undefined;
	}
};
