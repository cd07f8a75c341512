import {statfsSync, statSync} from 'node:fs';

/** PROC_SUPER_MAGIC of linux/magic.h: elsewhere the size of a folder is what its names take up. */
const procMagic = 0x9f_a0;

/**
How many files the process in this folder has open, where the kernel refuses to list them: since Linux 6.2 it tells everybody that as the
size of the folder `fd` (proc_fd_getattr in fs/proc/fd.c). Undefined of older kernels, of recordings and of processes that are gone.
*/
export const openFileCount = (folder: string): number | undefined => {
	const path = `${folder}/fd`;
	try {
		const {size} = statSync(path);
		return size > 0 && statfsSync(path).type === procMagic ? size : undefined;
	} catch {
		return undefined;
	}
};
