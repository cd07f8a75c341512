/** One mapping of a process's address space, from /proc/PID/maps; see proc_pid_maps(5). */
export type Mapping = {
	/** First address. */
	start: number;
	/** First address behind it. */
	end: number;
	/** `rw-p`… */
	permissions: string;
	/** Where in the file it begins. */
	offset: number;
	/** `major:minor` in hexadecimal, as the kernel writes it. */
	device: string;
	/** 0 where there is no file. */
	inode: number;
	/** The file, `[heap]`, `[stack]`, `[anon:…]`, or an empty text where it's anonymous. */
	path: string;
	/** Whether the kernel says that the file has been removed or replaced. */
	isDeleted: boolean;
};

const deletedSuffix = ' (deleted)';

const linePattern =
	/^([\da-f]+)-([\da-f]+) ([\w-]{4}) ([\da-f]+) ([\da-f]+:[\da-f]+) (\d+)(?: +(.*))?$/;

const mostTextsKept = 10_000;
const texts = new Map<string, string>();

/**
The same text as it was seen before: a process has hundreds of mappings, and few different permissions, devices and files. What is kept
is a copy, because a piece of a text holds on to all of it.
*/
const shared = (text: string): string => {
	const known = texts.get(text);
	if (known !== undefined) {
		return known;
	}

	if (texts.size >= mostTextsKept) {
		texts.clear();
	}

	const copy = Buffer.from(text).toString();
	texts.set(copy, copy);
	return copy;
};

/** The kernel escapes only the end of line in the path, so `\012` in a name is read as one. */
const unescapePath = (path: string): string => path.replaceAll('\\012', '\n');

/** How a line of memory of no file goes on behind its permissions. */
const anonymous = ' 00000000 00:00 0 ';
const permissionsLength = 4;

/** The same for memory of no file, which is nearly all that a process of thousands of threads has mapped; undefined for other lines. */
const parseAnonymous = (line: string): Mapping | undefined => {
	const dash = line.indexOf('-');
	const blank = line.indexOf(' ', dash);
	const from = blank + 1 + permissionsLength;
	if (dash <= 0 || line.length !== from + anonymous.length || !line.endsWith(anonymous)) {
		return undefined;
	}

	const start = Number.parseInt(line.slice(0, dash), 16);
	const end = Number.parseInt(line.slice(dash + 1, blank), 16);
	return Number.isNaN(start + end)
		? undefined
		: {
				start,
				end,
				permissions: shared(line.slice(blank + 1, from)),
				offset: 0,
				device: '00:00',
				inode: 0,
				path: '',
				isDeleted: false,
			};
};

const parseLine = (line: string): Mapping | undefined => {
	const fields = linePattern.exec(line);

	if (fields === null) {
		return undefined;
	}

	const [
		,
		start = '',
		end = '',
		permissions = '',
		offset = '',
		device = '',
		inode = '',
		path = '',
	] = fields;
	const isDeleted = inode !== '0' && path.endsWith(deletedSuffix);

	return {
		start: Number.parseInt(start, 16),
		end: Number.parseInt(end, 16),
		permissions: shared(permissions),
		offset: Number.parseInt(offset, 16),
		device: shared(device),
		inode: Number(inode),
		path: shared(unescapePath(isDeleted ? path.slice(0, -deletedSuffix.length) : path)),
		isDeleted,
	};
};

/**
Mappings by rising address, as the kernel writes them. Lines that can't be understood are left out, and so are
mappings beyond 2^53 (`[vsyscall]`), which no position in /proc/PID/mem reaches.
*/
export const parseMaps = (text: string): readonly Mapping[] => {
	const mappings: Mapping[] = [];

	for (const line of text.split('\n')) {
		const mapping = parseAnonymous(line) ?? parseLine(line);

		if (mapping !== undefined && Number.isSafeInteger(mapping.end)) {
			mappings.push(mapping);
		}
	}

	return mappings;
};

/** Mapping that holds an address, by binary search; `undefined` when none does. */
export const findMapping = (mappings: readonly Mapping[], address: number): Mapping | undefined => {
	let low = 0;
	let high = mappings.length - 1;

	while (low <= high) {
		const middle = (low + high) >>> 1;
		const mapping = mappings[middle]!;

		if (address < mapping.start) {
			high = middle - 1;
		} else if (address >= mapping.end) {
			low = middle + 1;
		} else {
			return mapping;
		}
	}

	return undefined;
};
