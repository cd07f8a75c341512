import {
	accessSync,
	closeSync,
	constants,
	fsyncSync,
	linkSync,
	openSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type {Snapshot} from '../model/snapshot.js';
import {snapshotToText} from './snapshot-text.js';

// Command lines may hold secrets: nobody else reads the file.
export const ownerOnly = 0o600;

const isExisting = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

/**
Writes a new file in one step: it appears whole or not at all, and never replaces another one. Throws what the file system says;
EEXIST when there is a file of that name.
*/
export const writeNewFile = (file: string, text: string): void => {
	const unfinished = `${file}.${process.pid}.unfinished`;
	const descriptor = openSync(unfinished, 'wx', ownerOnly);
	try {
		try {
			writeFileSync(descriptor, text);
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}

		// Unlike a rename, a link fails when the name is taken.
		linkSync(unfinished, file);
	} finally {
		rmSync(unfinished, {force: true});
	}
};

/** Characters of a host name that mean nothing in a file name. */
const safeName = (name: string): string => name.replaceAll(/[^\w.-]/g, '_').slice(0, 64) || 'host';

/** `ctop-HOST-TIME`, with the UTC time at which the Snapshot was taken, as 20261123T140322Z. */
const baseName = ({host, takenAt}: Snapshot): string => {
	const time = takenAt.replaceAll(/[-:]|\.\d+/g, '').replaceAll(/[^\dTZ]/g, '');
	return `ctop-${safeName(host.name)}-${time}`;
};

/** `ctop-HOST-TIME.json`; further ones of the same second are numbered. */
export const snapshotFileName = (snapshot: Snapshot, attempt: number): string =>
	`${baseName(snapshot)}${attempt === 1 ? '' : `-${attempt}`}.json`;

/** `ctop-HOST-TIME.ctr`, of a recording's first Snapshot. */
export const recordingFileName = (snapshot: Snapshot): string => `${baseName(snapshot)}.ctr`;

const isWritable = (directory: string): boolean => {
	try {
		accessSync(directory, constants.W_OK);
		return true;
	} catch {
		return false;
	}
};

const mostAttempts = 1000;

/** Saves a Snapshot under a free name in the current directory, or in the one for temporary files; returns its path. */
export const saveSnapshot = (snapshot: Snapshot): string => {
	const directory = isWritable(process.cwd()) ? process.cwd() : os.tmpdir();
	const text = snapshotToText(snapshot);
	for (let attempt = 1; ; attempt++) {
		const file = path.join(directory, snapshotFileName(snapshot, attempt));
		try {
			writeNewFile(file, text);
			return file;
		} catch (error) {
			if (!isExisting(error) || attempt === mostAttempts) {
				throw error;
			}
		}
	}
};
