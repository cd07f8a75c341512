import type {Mapping} from '../../procfs/maps.js';
import {openFile} from '../../symbols/mapped-file.js';
import {goVersion} from './build-info.js';

/** The description begins the program's data, behind what is made read-only at start. */
const partBytes = 2 ** 16;
const mostParts = 4;

/** Version of Go that a program was made with, read from the first bytes of its parts that hold data; undefined for other programs. */
export const readGoVersion = (file: string, mappings: readonly Mapping[]): string | undefined => {
	const data = mappings.filter(({permissions, offset}) => permissions[2] !== 'x' && offset > 0);
	const opened = data.length > 0 ? openFile(file) : undefined;
	try {
		for (const {start, end, offset} of data.slice(-mostParts).reverse()) {
			const bytes = opened?.read(offset, Math.min(partBytes, end - start));
			const version = bytes && goVersion(bytes);
			if (version !== undefined) {
				return version;
			}
		}

		return undefined;
	} finally {
		opened?.close();
	}
};
