/** Last part of a path. */
export const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const interpreters =
	/^(?:python|pypy|ruby|node|nodejs|java|bash|sh|dash|env|tini|dumb-init)[\d.]*t?$/;

// Options of the interpreters that take the next word: `python -X dev -W ignore app.py`, `ruby -I lib app.rb`, `java -cp lib Main`.
const optionsWithValue = new Set([
	'-X',
	'-W',
	'-Q',
	'-I',
	'-r',
	'-C',
	'-E',
	'--require',
	'-cp',
	'-classpath',
	'--class-path',
	'--module-path',
	'--add-modules',
	'--add-opens',
	'--add-exports',
]);

/** A command line taken apart. */
export type Program = {
	/** Path of the interpreter, as written; missing when the program is run directly. */
	interpreter?: string;
	/** File name of the program or name of the module: `gunicorn` in `python3 -m gunicorn app:app`. */
	program: string;
	/** Words behind the program. */
	arguments: readonly string[];
};

/** Finds the program that an interpreter runs, behind its options. An empty command line has an empty program. */
export const findProgram = (commandLine: readonly string[]): Program => {
	const first = commandLine[0] ?? '';
	// A login shell and some daemons put a dash before their name.
	const firstName = fileNameOf(first).replace(/^-/, '');
	if (!interpreters.test(firstName)) {
		return {program: firstName, arguments: commandLine.slice(1)};
	}

	for (let index = 1; index < commandLine.length; index++) {
		const word = commandLine[index]!;
		if (word === '-m') {
			return {
				interpreter: first,
				program: commandLine[index + 1] ?? '',
				arguments: commandLine.slice(index + 2),
			};
		}

		// Code on the command line has no program's name: `python -c 'import …'`.
		if (word === '-c' || word === '-e') {
			return {interpreter: first, program: '', arguments: commandLine.slice(index + 2)};
		}

		if (optionsWithValue.has(word)) {
			index++;
		} else if (!word.startsWith('-')) {
			return {
				interpreter: first,
				program: fileNameOf(word),
				arguments: commandLine.slice(index + 1),
			};
		}
	}

	return {interpreter: first, program: '', arguments: []};
};

/** A number given as an option. */
export type NumberOption = {
	value: number;
	/** As it stands on the command line: `-w 40`, `-w40`, `--workers=40`. */
	written: string;
};

/**
Value of the last of the options called one of `names` that is a plain number, as
`-w 40`, `-w40`, `--workers 40` or `--workers=40`; nothing when none is there.
*/
export const findNumberOption = (
	words: readonly string[],
	names: readonly string[],
): NumberOption | undefined => {
	let found: NumberOption | undefined;
	for (const [index, word] of words.entries()) {
		for (const name of names) {
			const next = words[index + 1];
			if (word === name && next !== undefined && /^\d{1,6}$/.test(next)) {
				found = {value: Number(next), written: `${name} ${next}`};
				continue;
			}

			const attached = word.startsWith(name)
				? /^=?(\d{1,6})$/.exec(word.slice(name.length))
				: undefined;
			// `--workers40` is no option, `-w40` is one.
			if (attached && (!name.startsWith('--') || word[name.length] === '=')) {
				found = {value: Number(attached[1]), written: word};
			}
		}
	}

	return found;
};
