import {closeSync, fstatSync, openSync, read, readSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import type {Mapping} from '../procfs/maps.js';
import type {ReadBytes} from './elf-file.js';

export type MappedFile = {
	read: ReadBytes;
	/** Reads into a buffer without making this thread wait; resolves with the number of bytes, 0 when it fails. */
	readLater: (buffer: Buffer, offset: number, length: number) => Promise<number>;
	close: () => void;
	/** The same text as long as it's the same file with the same content. */
	identity: string;
};

const openDescriptor = (path: string): number | undefined => {
	try {
		return openSync(path, 'r');
	} catch {
		return undefined;
	}
};

const fileStat = (descriptor: number): Stats | undefined => {
	try {
		const stat = fstatSync(descriptor);

		return stat.isFile() ? stat : undefined;
	} catch {
		return undefined;
	}
};

const readBytes =
	(descriptor: number): ReadBytes =>
	(offset, length) => {
		if (!Number.isSafeInteger(offset) || offset < 0 || length < 0) {
			return undefined;
		}

		try {
			const bytes = Buffer.allocUnsafe(length);

			return readSync(descriptor, bytes, 0, length, offset) === length ? bytes : undefined;
		} catch {
			return undefined;
		}
	};

const readLater =
	(descriptor: number): MappedFile['readLater'] =>
	async (buffer, offset, length) =>
		Number.isSafeInteger(offset)
			? new Promise(resolve => {
					read(descriptor, buffer, 0, length, offset, (error, count) => resolve(error ? 0 : count));
				})
			: 0;

const asMappedFile = (descriptor: number, stat: Stats): MappedFile => ({
	read: readBytes(descriptor),
	readLater: readLater(descriptor),
	close: () => closeSync(descriptor),
	identity: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}`,
});

/** Opens a file by its path alone; `undefined` when there is none that can be read. */
export const openFile = (path: string): MappedFile | undefined => {
	const descriptor = openDescriptor(path);
	const stat = descriptor === undefined ? undefined : fileStat(descriptor);

	if (descriptor === undefined || stat === undefined) {
		if (descriptor !== undefined) {
			closeSync(descriptor);
		}

		return undefined;
	}

	return asMappedFile(descriptor, stat);
};

/**
Opens the file that a process has mapped, as that process sees it: by its path below /proc/PID/root, or through
/proc/PID/map_files (which needs more privilege) when the path now leads to another file or to none. `undefined` when neither works.
*/
export const openMappedFile = (
	procRoot: string,
	pid: number,
	mapping: Mapping,
): MappedFile | undefined => {
	const folder = join(procRoot, String(pid));
	const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;

	for (const path of [join(folder, 'root', mapping.path), join(folder, 'map_files', range)]) {
		const descriptor = openDescriptor(path);

		if (descriptor === undefined) {
			continue;
		}

		const stat = fileStat(descriptor);

		if (stat?.ino === mapping.inode) {
			return asMappedFile(descriptor, stat);
		}

		closeSync(descriptor);
	}

	return undefined;
};
