import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {join} from 'node:path';
import type {Mapping} from '../procfs/maps.js';
import type {ReadBytes} from './elf-file.js';

export type MappedFile = {read: ReadBytes; close: () => void};

const openDescriptor = (path: string): number | undefined => {
	try {
		return openSync(path, 'r');
	} catch {
		return undefined;
	}
};

const isSameFile = (descriptor: number, inode: number): boolean => {
	try {
		const stat = fstatSync(descriptor);

		return stat.isFile() && stat.ino === inode;
	} catch {
		return false;
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

		if (isSameFile(descriptor, mapping.inode)) {
			return {read: readBytes(descriptor), close: () => closeSync(descriptor)};
		}

		closeSync(descriptor);
	}

	return undefined;
};
