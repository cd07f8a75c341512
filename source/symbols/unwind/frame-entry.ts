import {createCursor, readPointer, readSleb, readU8, readUleb} from './byte-cursor.js';

/** What functions of one kind have in common (CIE); see the Linux Standard Base, "Exception Frames". */
export type CommonEntry = {
	codeAlignment: number;
	dataAlignment: number;
	returnRegister: number;
	pointerEncoding: number;
	hasAugmentation: boolean;
	/** The frame of a signal handler's return: the caller was interrupted, it didn't call. */
	isSignalFrame: boolean;
	/** Instructions that hold at each function's beginning. */
	program: Buffer;
};

/** How the frames of one function are laid out (FDE). */
export type FrameEntry = {
	common: CommonEntry;
	/** First address and first one behind, as in the file. */
	start: number;
	end: number;
	program: Buffer;
};

/** Bytes of the frame section from an address on: at least as many as asked for, unless it ends before. */
export type ReadFrames = (address: number, length: number) => Buffer | undefined;

const longestEntry = 65_536;
const typicalEntry = 256;
const wideLength = 0xffff_ffff;

/** One entry without its length field, and the address of what it holds; undefined at the end mark or when it's damaged. */
const readEntry = (
	read: ReadFrames,
	address: number,
): {bytes: Buffer; address: number; next: number} | undefined => {
	const first = read(address, typicalEntry);
	const length = first && first.length >= 4 ? first.readUInt32LE(0) : 0;
	// Entries of more than 4 GiB don't exist in practice.
	if (!first || length < 8 || length > longestEntry || length === wideLength) {
		return undefined;
	}

	const bytes = first.length >= length + 4 ? first : read(address, length + 4);
	return bytes && bytes.length >= length + 4
		? {bytes: bytes.subarray(4, length + 4), address: address + 4, next: address + 4 + length}
		: undefined;
};

const readString = (bytes: Buffer, at: number): string =>
	bytes.toString('latin1', at, bytes.indexOf(0, at));

const parseCommon = (bytes: Buffer, address: number): CommonEntry | undefined => {
	const version = bytes.readUInt8(4);
	const augmentation = readString(bytes, 5);
	if ((version !== 1 && version !== 3) || (augmentation !== '' && augmentation[0] !== 'z')) {
		return undefined;
	}

	const cursor = createCursor(bytes, address, 6 + augmentation.length);
	const codeAlignment = readUleb(cursor);
	const dataAlignment = readSleb(cursor);
	const returnRegister = version === 1 ? readU8(cursor) : readUleb(cursor);
	let pointerEncoding = 0;
	let programAt = cursor.at;
	if (augmentation !== '') {
		const length = readUleb(cursor);
		programAt = cursor.at + length;
		for (const letter of augmentation.slice(1)) {
			if (letter === 'R') {
				pointerEncoding = readU8(cursor);
			} else if (letter === 'P') {
				const encoding = readU8(cursor);
				readPointer(cursor, encoding & 0x0f);
			} else if (letter === 'L') {
				readU8(cursor);
			}
		}
	}

	return {
		codeAlignment,
		dataAlignment,
		returnRegister,
		pointerEncoding,
		hasAugmentation: augmentation !== '',
		isSignalFrame: augmentation.includes('S'),
		program: bytes.subarray(programAt),
	};
};

/**
The entry of a function at its address in the file, with the common entry that it names; `next` is where the following entry begins. No
entry for common entries themselves. Undefined at the end, or where the section is damaged.
*/
export const readFrameEntry = (
	read: ReadFrames,
	address: number,
	commons: Map<number, CommonEntry | undefined>,
): {next: number; entry: FrameEntry | undefined} | undefined => {
	const raw = readEntry(read, address);
	if (!raw) {
		return undefined;
	}

	const back = raw.bytes.readUInt32LE(0);
	if (back === 0) {
		return {next: raw.next, entry: undefined};
	}

	const commonAddress = raw.address - back;
	if (!commons.has(commonAddress)) {
		const common = readEntry(read, commonAddress);
		commons.set(commonAddress, common && parseCommon(common.bytes, common.address));
	}

	const common = commons.get(commonAddress);
	if (!common) {
		return {next: raw.next, entry: undefined};
	}

	const cursor = createCursor(raw.bytes, raw.address, 4);
	const start = readPointer(cursor, common.pointerEncoding);
	const size = readPointer(cursor, common.pointerEncoding & 0x0f);
	if (start === undefined || size === undefined) {
		return {next: raw.next, entry: undefined};
	}

	if (common.hasAugmentation) {
		const length = readUleb(cursor);
		cursor.at += length;
	}

	return {
		next: raw.next,
		entry: {common, start, end: start + size, program: raw.bytes.subarray(cursor.at)},
	};
};
