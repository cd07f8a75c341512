import {existsSync} from 'node:fs';
import {join, posix} from 'node:path';
import {pathAndAncestors} from '../../procfs/cgroup.js';
import type {Mount} from '../../procfs/mountinfo.js';
import type {Place} from '../place.js';

export type Controller = 'cpu' | 'memory' | 'pids';

/** Where one controller's files of a process are. */
export type ControllerDirectories = {
	version: 1 | 2;
	/** Own cgroup first, then those above it as far as they can be seen: a limit may sit on any of them. */
	directories: readonly string[];
};

/** A process's path in the hierarchy of a controller, from the lines of /proc/PID/cgroup; see cgroups(7). */
export const cgroupPath = (
	text: string,
	controller: Controller,
): {version: 1 | 2; path: string} | undefined => {
	const lines = Array.from(text.matchAll(/^(\d+):([^:]*):(.*)$/gm));
	const first = lines.find(([, , names]) => names!.split(',').includes(controller));
	const unified = lines.find(([, id, names]) => id === '0' && names === '');
	return first ? {version: 1, path: first[3]!} : unified && {version: 2, path: unified[3]!};
};

/** Finds the directories of a controller; undefined when its hierarchy isn't mounted or the process has none. */
export const findController = (
	place: Place,
	mounts: readonly Mount[],
	cgroupText: string,
	controller: Controller,
): ControllerDirectories | undefined => {
	const found = cgroupPath(cgroupText, controller);
	const mount = mounts.find(({type, superOptions}) =>
		found?.version === 1
			? type === 'cgroup' && superOptions.includes(controller)
			: type === 'cgroup2',
	);
	if (!found || !mount) {
		return undefined;
	}

	const top = join(place.rootPrefix, mount.mountPoint);
	// In a container the mount shows only what lies below its own cgroup, by the name `/`.
	const relative = posix.relative(mount.root, found.path);
	const path = relative.startsWith('..') || !existsSync(join(top, relative)) ? '' : relative;
	return {
		version: found.version,
		directories: pathAndAncestors(path).map(ancestor => join(top, ancestor)),
	};
};
