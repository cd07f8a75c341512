/** AT_PAGESZ, see getauxval(3). */
const pageSizeKey = 6n;
const wordBytes = 8;

/** Finds the size of a page in /proc/PID/auxv of a 64-bit little-endian machine, see proc_pid_auxv(5); undefined when it isn't there. */
export const parsePageSize = (bytes: Buffer): number | undefined => {
	for (let at = 0; at + 2 * wordBytes <= bytes.length; at += 2 * wordBytes) {
		if (bytes.readBigUInt64LE(at) === pageSizeKey) {
			return Number(bytes.readBigUInt64LE(at + wordBytes));
		}
	}

	return undefined;
};
