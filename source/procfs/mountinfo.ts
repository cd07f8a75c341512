/** One line of /proc/PID/mountinfo, see proc_pid_mountinfo(5). */
export type Mount = {
	id: number;
	parentId: number;
	/** `major:minor` of the file system. */
	device: string;
	/** Directory of the file system that forms the root of this mount. */
	root: string;
	mountPoint: string;
	/** Options of this mount: `rw`, `ro`, `nosuid`… */
	options: readonly string[];
	type: string;
	source: string;
	/** Options of the file system itself, for all its mounts. */
	superOptions: readonly string[];
};

/** The kernel writes blank, tab, newline and backslash as three octal digits. */
const unescapeOctal = (text: string): string =>
	text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
		String.fromCharCode(Number.parseInt(digits, 8)),
	);

const parseLine = (line: string): Mount | undefined => {
	const [front, back] = line.split(' - ', 2);
	const [id, parentId, device, root, mountPoint, options] = front!.split(' ');
	const [type, source, superOptions] = back?.split(' ') ?? [];
	if (!device || !root || !mountPoint || !options || !type || source === undefined) {
		return undefined;
	}

	return {
		id: Number(id),
		parentId: Number(parentId),
		device,
		root: unescapeOctal(root),
		mountPoint: unescapeOctal(mountPoint),
		options: options.split(','),
		type,
		source: unescapeOctal(source),
		superOptions: superOptions?.split(',') ?? [],
	};
};

/** Parses /proc/PID/mountinfo in its order; lines that are none are left out. */
export const parseMountinfo = (text: string): readonly Mount[] =>
	text
		.split('\n')
		.map(parseLine)
		.filter(mount => mount !== undefined);
