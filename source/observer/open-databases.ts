import {databaseOf, isNamedAsSqlite} from '../locks/sqlite-locks.js';
import {parseDescriptorInfo} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {AddressSpaces} from './address-spaces.js';
import {listOpenFiles} from './open-files.js';

/** By the inode of each file that belongs to one, the path of the database. */
export type Databases = ReadonlyMap<number, string>;

/** SQLite's databases that processes have open, as their files' names say, or all of their files where they have its library mapped. */
export type OpenDatabases = {
	/** Empty as long as nobody looked. */
	of(process: ProcessEntry): Databases;
	/** Begins a tick: a few processes more may be looked through. */
	beginTick(): void;
	/** Whether a process has none, as far as is known. */
	hasNone(process: ProcessEntry): boolean;
};

const mostProcesses = 16;
const mostDescriptors = 64;
/** Databases are opened and closed. */
const ticksToLookAgain = 10;

const usesLibrary = (process: ProcessEntry, spaces: AddressSpaces): boolean =>
	spaces
		.of(process)
		.mappings()
		?.some(({path}) => /sqlite[^/]*$/i.test(path ?? '')) === true;

export const createOpenDatabases = (procRoot: string, spaces: AddressSpaces): OpenDatabases => {
	const known = new WeakMap<ProcessEntry, {tick: number; databases: Databases}>();
	let tick = 0;
	let left = mostProcesses;

	const read = (process: ProcessEntry): Databases => {
		const folder = `${procRoot}/${process.pid}`;
		const files = (listOpenFiles(folder)?.slice(0, mostDescriptors) ?? [])
			.map(fd => ({fd, path: readLink(`${folder}/fd/${fd}`) ?? ''}))
			.filter(({path}) => path.startsWith('/') && !path.startsWith('/dev/'));
		const named = files.filter(({path}) => isNamedAsSqlite(path));
		const others = usesLibrary(process, spaces) ? files : [];
		const databases = new Map<number, string>();
		for (const {fd, path} of named.length > 0 ? named : others) {
			const inode = parseDescriptorInfo(readText(`${folder}/fdinfo/${fd}`) ?? '')?.inode;
			if (inode !== undefined) {
				databases.set(inode, databaseOf(path));
			}
		}

		return databases;
	};

	return {
		beginTick() {
			tick++;
			left = mostProcesses;
		},
		of(process) {
			const before = known.get(process);
			if (left === 0 || (before && tick - before.tick < ticksToLookAgain)) {
				return before?.databases ?? new Map();
			}

			left--;
			const databases = read(process);
			known.set(process, {tick, databases});
			return databases;
		},
		hasNone(process) {
			const before = known.get(process);
			return (
				before !== undefined && before.databases.size === 0 && tick - before.tick < ticksToLookAgain
			);
		},
	};
};
