/** Parses /etc/passwd into names by user id, see passwd(5). The first name of an id counts. */
export const parsePasswd = (text: string): ReadonlyMap<number, string> => {
	const names = new Map<number, string>();
	for (const line of text.split('\n')) {
		const [name, , id] = line.split(':');
		const userId = Number(id);
		if (name && id && !names.has(userId)) {
			names.set(userId, name);
		}
	}

	return names;
};
