import type {ElfFile, ReadBytes} from './elf-file.js';

/** NT_GNU_BUILD_ID, see elf(5). */
const buildIdType = 3;
const noteLimitBytes = 65_536;

const align = (value: number): number => (value + 3) & ~3;

/** The id that the linker gave a file, in hexadecimal; undefined when it gave none. */
export const readBuildId = (file: ElfFile, read: ReadBytes): string | undefined => {
	for (const {offset, size} of file.notes) {
		const notes = read(offset, Math.min(size, noteLimitBytes));
		for (let at = 0; notes && at + 12 <= notes.length; ) {
			const nameSize = notes.readUInt32LE(at);
			const size = notes.readUInt32LE(at + 4);
			const value = at + 12 + align(nameSize);
			if (
				notes.readUInt32LE(at + 8) === buildIdType &&
				notes.toString('latin1', at + 12, at + 16) === 'GNU\0' &&
				size > 1 &&
				value + size <= notes.length
			) {
				return notes.toString('hex', value, value + size);
			}

			at = value + align(size);
		}
	}

	return undefined;
};

/** Where distributions put the symbols that they stripped off a file: below /usr/lib/debug by its id. */
export const debugFilePath = (buildId: string): string =>
	`/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
