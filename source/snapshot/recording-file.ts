import {closeSync, existsSync, ftruncateSync, openSync, renameSync, writeSync} from 'node:fs';
import type {RecordedChunk} from './recording-stream.js';
import {ownerOnly} from './write-snapshot.js';

/** A recording on disk: a lifetime, from `open` to `close`. */
export type RecordingFile = {
	readonly file: string;
	/** All that was written, also what was dropped since. */
	readonly bytesWritten: number;
	/** Whether the next record should begin a member, so that a new file can begin with it. */
	readonly isFull: boolean;
	/** Writes whole records; throws what the file system says and leaves the file with those before. */
	append: (chunks: readonly RecordedChunk[]) => void;
	close: () => void;
};

const suffix = '.ctr';

/** Where the older half of a recording is kept: `shop.ctr` has `shop.old.ctr`. */
export const olderFileName = (file: string): string =>
	file.endsWith(suffix) ? `${file.slice(0, -suffix.length)}.old${suffix}` : `${file}.old`;

const takenError = (file: string): NodeJS.ErrnoException =>
	Object.assign(new Error(`${file} exists; not overwritten`), {code: 'EEXIST'});

/**
Opens a new recording, for its owner only, never over another file: EEXIST when there is one, also one of the older half's name.
From half of `maxBytes` on the file becomes the older half, in the place of the one before, and a new one begins: no more than
`maxBytes` are on disk, and at least the newer half of what fits.
*/
export const openRecordingFile = (file: string, maxBytes: number): RecordingFile => {
	const older = olderFileName(file);
	if (existsSync(older)) {
		throw takenError(older);
	}

	const open = (): number => {
		try {
			return openSync(file, 'wx', ownerOnly);
		} catch (error) {
			throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? takenError(file) : error;
		}
	};

	let descriptor = open();
	let size = 0;
	let bytesWritten = 0;

	const write = (bytes: Buffer): void => {
		let position = 0;
		try {
			while (position < bytes.length) {
				position += writeSync(descriptor, bytes, position);
			}
		} catch (error) {
			ftruncateSync(descriptor, size);
			throw error;
		}

		size += bytes.length;
		bytesWritten += bytes.length;
	};

	const rotate = (): void => {
		closeSync(descriptor);
		renameSync(file, older);
		descriptor = open();
		size = 0;
	};

	return {
		file,
		get bytesWritten() {
			return bytesWritten;
		},
		get isFull() {
			return size >= maxBytes / 2;
		},
		append(chunks) {
			for (const {bytes, startsMember} of chunks) {
				if (startsMember && size >= maxBytes / 2) {
					rotate();
				}

				write(bytes);
			}
		},
		close() {
			closeSync(descriptor);
		},
	};
};
