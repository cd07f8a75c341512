import type {ReadMemory} from '../../procfs/memory.js';

/** Numbers and texts in a process's memory; 0 and an empty text where nothing can be read. */
export type Peek = {
	bytes(address: number, length: number): Buffer | undefined;
	pointer(address: number): number;
	uint32(address: number): number;
	uint16(address: number): number;
	/** Text that ends with a zero byte, 255 bytes at most. */
	text(address: number): string;
};

const pageBytes = 4096;
const longestText = 255;

/** A word as a number; addresses of user space are exact, anything above 2^53 is none and reads as 0. */
const asNumber = (bytes: Buffer, at: number): number => {
	const value = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
	return Number.isSafeInteger(value) ? value : 0;
};

export const createPeek = (read: ReadMemory): Peek => {
	const bytes = (address: number, length: number): Buffer | undefined =>
		address > 0 ? (read(address, length) ?? undefined) : undefined;
	return {
		bytes,
		pointer(address) {
			const found = bytes(address, 8);
			return found ? asNumber(found, 0) : 0;
		},
		uint32: address => bytes(address, 4)?.readUInt32LE(0) ?? 0,
		uint16: address => bytes(address, 2)?.readUInt16LE(0) ?? 0,
		text(address) {
			// Up to the end of the page: behind it there may be no memory.
			const first = Math.min(longestText, pageBytes - (address % pageBytes));
			const found = bytes(address, first);
			const end = found?.indexOf(0) ?? -1;
			if (found && end < 0 && first < longestText) {
				const rest = bytes(address + first, longestText - first);
				return Buffer.concat([found, rest ?? Buffer.alloc(0)])
					.toString('latin1')
					.replace(/\0.*$/s, '');
			}

			return found && end >= 0 ? found.toString('latin1', 0, end) : '';
		},
	};
};

/** Reads whole pages and keeps them: for tables that are read once, with many small reads close together. */
export const readByPages = (read: ReadMemory): ReadMemory => {
	const pages = new Map<number, Buffer | undefined>();
	const pageAt = (start: number): Buffer | undefined => {
		if (!pages.has(start)) {
			pages.set(start, read(start, pageBytes) ?? undefined);
		}

		return pages.get(start);
	};

	let last = {start: -1, page: undefined as Buffer | undefined};
	return (address, length) => {
		const start = address - (address % pageBytes);
		const page = start === last.start ? last.page : pageAt(start);
		last = {start, page};
		if (!page || address + length > start + pageBytes) {
			return read(address, length);
		}

		return page.subarray(address - start, address - start + length);
	};
};
