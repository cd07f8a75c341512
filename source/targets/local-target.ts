import {existsSync, statfsSync} from 'node:fs';
import path from 'node:path';
import type {Target} from './target.js';

/** PROC_SUPER_MAGIC, see statfs(2). */
const procfsType = 0x9f_a0;

/** This machine. */
export const thisMachine: Target = {
	procRoot: '/proc',
	ownKernel: true,
	cgroupRoot: '/sys/fs/cgroup',
	passwdFile: '/etc/passwd',
};

/**
A directory that looks like /proc: a recorded tree, or the host's /proc mounted in a container. Undefined when it isn't one,
told by its `stat` file.
*/
export const directoryTarget = (directory: string): Target | undefined => {
	const procRoot = path.resolve(directory);
	if (procRoot === thisMachine.procRoot) {
		return thisMachine;
	}

	if (!existsSync(path.join(procRoot, 'stat'))) {
		return undefined;
	}

	return {
		procRoot,
		ownKernel: statfsSync(procRoot).type === procfsType,
		// Ids in it mean the users of its own first process, seldom ours.
		passwdFile: path.join(procRoot, '1/root/etc/passwd'),
	};
};
