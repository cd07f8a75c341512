import {readdirSync, readlinkSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {type Mount, parseMountinfo} from '../../procfs/mountinfo.js';
import {openFileCount} from '../../procfs/open-file-count.js';
import {readText} from '../../procfs/read-text.js';
import {refusedOrGone} from '../../procfs/refused-or-gone.js';
import type {Place} from '../place.js';
import {printable} from '../words.js';
import {mayHang} from './file-system-usage.js';

export type SocketOwner = {pid: number; name: string};

/** A file without a name that a process still holds open: its space is given back when the last one closes it. */
export type DeletedFile = {
	/** `major:minor` of its file system. */
	device: string;
	inode: number;
	/** Where it was, as the kernel tells it. */
	path: string;
	/** Space that it takes up, which a sparse file's length says nothing of. */
	bytes: number;
	/** Processes that hold it open. */
	holders: readonly SocketOwner[];
};

/** Reading one costs about 5 µs; more than this many would stop being a quick look. */
const descriptorBudget = 200_000;
const deletedSuffix = ' (deleted)';
const blockBytes = 512;

const link = (path: string): string => {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
};

/** As makedev(3) splits it on Linux. */
const deviceName = (device: number): string => {
	const number = BigInt(device);
	const major = ((number >> 8n) & 0xf_ffn) | ((number >> 32n) & 0xff_ff_f0_00n);
	const minor = (number & 0xffn) | ((number >> 12n) & 0xff_ff_ff_00n);
	return `${major}:${minor}`;
};

/** Whether a file's size can be asked for without waiting for a server: told by its mount, before it is touched. */
const createSafetyCheck = (place: Place) => {
	const byFile = new Map<string, readonly Mount[]>();
	const mountsOf = (directory: string): readonly Mount[] => {
		const namespace = link(join(directory, 'ns', 'mnt'));
		const known = byFile.get(namespace);
		if (known) {
			return known;
		}

		const mounts = parseMountinfo(readText(join(directory, 'mountinfo')) ?? '');
		byFile.set(namespace, mounts);
		return mounts;
	};

	return (directory: string, descriptor: string): boolean => {
		const information = readText(join(directory, 'fdinfo', descriptor)) ?? '';
		const id = Number(/^mnt_id:\s*(\d+)/m.exec(information)?.[1]);
		const mount =
			mountsOf(directory).find(mount => mount.id === id) ??
			mountsOf(place.viewpoint).find(mount => mount.id === id);
		return mount !== undefined && !mayHang(mount.type);
	};
};

/** Looks through the descriptors of processes, one after the other, and gathers what is worth telling. */
export const createDescriptorReader = (place: Place, wantedSockets: ReadonlySet<number>) => {
	const deleted = new Map<string, {file: DeletedFile; holders: Map<number, SocketOwner>}>();
	const socketOwners = new Map<number, SocketOwner>();
	const isSafe = createSafetyCheck(place);
	let read = 0;
	let refused = 0;
	let skipped = 0;

	const noteDeleted = (directory: string, descriptor: string, path: string, owner: SocketOwner) => {
		if (!isSafe(directory, descriptor)) {
			return;
		}

		const stats = statSync(join(directory, 'fd', descriptor), {throwIfNoEntry: false});
		// A name may end in ' (deleted)' by itself: only a link count of 0 says that it's gone.
		if (!stats?.isFile() || stats.nlink !== 0) {
			return;
		}

		const device = deviceName(stats.dev);
		const key = `${device} ${stats.ino}`;
		const known = deleted.get(key)?.holders ?? new Map<number, SocketOwner>();
		known.set(owner.pid, owner);
		const file = {
			device,
			inode: stats.ino,
			path: printable(path.slice(0, -deletedSuffix.length)),
			bytes: stats.blocks * blockBytes,
			holders: [],
		};
		deleted.set(key, {file, holders: known});
	};

	const noteDescriptor = (directory: string, descriptor: string, owner: SocketOwner) => {
		const target = link(join(directory, 'fd', descriptor));
		if (target.startsWith('socket:[')) {
			const inode = Number(target.slice(8, -1));
			if (wantedSockets.has(inode) && !socketOwners.has(inode)) {
				socketOwners.set(inode, owner);
			}
		} else if (target.endsWith(deletedSuffix)) {
			noteDeleted(directory, descriptor, target, owner);
		}
	};

	return {
		/** Number of descriptors that a process holds; null when that is refused as well, undefined when it has exited. */
		read: (directory: string, owner: SocketOwner): Reading<number> => {
			let names: readonly string[];
			try {
				names = readdirSync(join(directory, 'fd'));
			} catch (error) {
				const reading = refusedOrGone(error);
				refused += reading === null ? 1 : 0;
				return reading === null ? (openFileCount(directory) ?? null) : undefined;
			}

			if (read + names.length > descriptorBudget) {
				skipped++;
				return names.length;
			}

			read += names.length;
			for (const name of names) {
				noteDescriptor(directory, name, owner);
			}

			return names.length;
		},
		result: () => ({
			deletedFiles: Array.from(deleted.values(), ({file, holders}) => ({
				...file,
				holders: [...holders.values()],
			})),
			socketOwners,
			refused,
			skipped,
		}),
	};
};
