import {readlinkSync} from 'node:fs';

/** Where a symbolic link leads, as text; undefined when it is refused, gone, or none. */
export const readLink = (path: string): string | undefined => {
	try {
		return readlinkSync(path);
	} catch {
		return undefined;
	}
};
