/** Texts of one machine are few: names of threads, addresses of locks. Past this many, all are forgotten. */
const mostKept = 10_000;

/** The same function of a text, which keeps what it found: rules ask of each thread each tick, always the same few. */
export const remember = <Value>(find: (text: string) => Value): ((text: string) => Value) => {
	const found = new Map<string, Value>();
	return text => {
		const known = found.get(text);
		if (known !== undefined) {
			return known;
		}

		if (found.size >= mostKept) {
			found.clear();
		}

		const value = find(text);
		found.set(text, value);
		return value;
	};
};
