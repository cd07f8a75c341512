/** Parses /etc/passwd into names by user id, see passwd(5). The first name of an id counts. */
export const parsePasswd = (text: string): ReadonlyMap<number, string> => {
	const names = new Map<number, string>();
	for (const [, name, id] of text.matchAll(/^([^#:\n][^:\n]*):[^:\n]*:(\d+):/gm)) {
		const userId = Number(id);
		if (!names.has(userId)) {
			names.set(userId, name!);
		}
	}

	return names;
};
