import {findMapping} from '../procfs/maps.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {Places} from '../symbols/places.js';
import type {AddressSpaces} from './address-spaces.js';

/** What object a lock on the heap is a part of, as far as the object itself tells. */
export type MemberNames = {
	/**
	`member at +56 of shop::Inventory`; null when no object tells. Undefined until its symbols were looked for, in the background.
	*/
	nameOf(process: ProcessEntry, address: number): string | null | undefined;
};

/** How far into an object a lock may lie. */
const bytesBefore = 512;
const wordBytes = 8;
const vtablePrefix = '_ZTV';
/** The Itanium C++ ABI, 2.5.2: an object points behind two words of its class's table of virtual functions. */
const vtableHeaderBytes = 16;
/** glibc's malloc keeps a chunk's size in front of it, with three flags in its lowest bits. */
const chunkFlags = 7;
const smallestChunk = 32;
const largestChunk = 2 ** 30;

/** `distance`: from the pointer to the lock. */
type VtablePointer = {distance: number; className: string};

export const createMemberNames = (spaces: AddressSpaces, places: Places): MemberNames => {
	/** Name of the class whose table of virtual functions a word points into; null: none. */
	const classAt = (process: ProcessEntry, word: number): string | null | undefined => {
		const mappings = spaces.of(process).mappings() ?? [];
		const mapping = word > 0 ? findMapping(mappings, word) : undefined;
		const isOfFile = mapping !== undefined && mapping.inode !== 0;
		const place =
			isOfFile && mapping.permissions[2] !== 'x'
				? places.of(process.pid, mappings, mapping)
				: undefined;
		if (!place) {
			return null;
		}

		const at = word - place.bias;
		const symbol = place.file.symbolAt(at);
		if (symbol === undefined) {
			place.file.ask({pid: process.pid, mapping: place.mapping}, at);
			return undefined;
		}

		return symbol?.name.startsWith(vtablePrefix) && at - symbol.start >= vtableHeaderBytes
			? symbol.readable.replace(/^vtable for /, '')
			: null;
	};

	/** Whether a piece of memory that malloc gave away begins at the pointer and holds the lock. */
	const isChunk = (bytes: Buffer, distance: number): boolean => {
		const at = bytes.length - distance - wordBytes;
		const size = at < 0 ? 0 : Number(bytes.readBigUInt64LE(at)) & ~chunkFlags;
		return size >= smallestChunk && size < largestChunk && size % 16 === 0 && size > distance;
	};

	return {
		nameOf(process, address) {
			const space = spaces.of(process);
			const start = Math.max(space.mappingOf(address)?.start ?? address, address - bytesBefore);
			const bytes = space.memory.read(start, address - start);
			const found: VtablePointer[] = [];
			let isPending = false;
			for (
				let distance = wordBytes;
				bytes && distance + wordBytes <= bytes.length;
				distance += wordBytes
			) {
				const word = Number(bytes.readBigUInt64LE(bytes.length - distance));
				const className = classAt(process, word);
				isPending ||= className === undefined;
				if (className) {
					found.push({distance, className});
				}
			}

			if (isPending) {
				return undefined;
			}

			// Without the beginning of its chunk a pointer may be another, earlier object's.
			const [nearest] = found;
			return bytes && nearest && found.some(({distance}) => isChunk(bytes, distance))
				? `member at +${nearest.distance} of ${nearest.className}`
				: null;
		},
	};
};
