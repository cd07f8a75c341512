import type {Process} from '../model/process.js';

const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const interpreters =
	/^(?:python|pypy|ruby|perl|php|node|nodejs|deno|bun|java|bash|sh|dash|zsh)[\d.]*t?$/;

/** Options of interpreters that take the next word. */
const withValue = new Set([
	'-X',
	'-W',
	'-Q',
	'-I',
	'-C',
	'-E',
	'--require',
	'-r',
	'-cp',
	'-classpath',
	'--class-path',
	'-p',
	'--module-path',
]);

/** What an interpreter runs: a script, a module, a main class. */
const scriptOf = (words: readonly string[]): string | undefined => {
	for (let index = 1; index < words.length; index++) {
		const word = words[index]!;
		if (word === '-m' || word === '-jar') {
			return words[index + 1] === undefined ? undefined : fileNameOf(words[index + 1]!);
		}

		if (word === '-c' || word === '-e') {
			return undefined;
		}

		if (withValue.has(word)) {
			index++;
		} else if (!word.startsWith('-')) {
			return fileNameOf(word);
		}
	}

	return undefined;
};

/** A worker's number, a port or a version: another one is still the same service. */
const withoutNumbers = (text: string): string => text.replaceAll(/\d+/g, '#');

/**
What a process runs, as a name that stays over a restart, on another machine, and with other settings: its service, or its program,
with the script where an interpreter runs it. Arguments are left out: they are what a fix changes.
*/
export const whatItRuns = (process: Process): string => {
	const {service, commandLine, name, kernelThread} = process;
	if (service !== undefined) {
		return service.name;
	}

	if (kernelThread) {
		return `[${withoutNumbers(name).split('/')[0]}]`;
	}

	const first = commandLine?.[0] ?? '';
	// A title that a process gave itself: `postgres: writer`, `sshd: root@pts/0`.
	const title = /^([\w.-]+):/.exec(first)?.[1];
	if (title !== undefined) {
		return withoutNumbers(title);
	}

	const program = fileNameOf(first).replace(/^-/, '') || name;
	const script = interpreters.test(program) && commandLine ? scriptOf(commandLine) : undefined;
	const shown = withoutNumbers(program.replace(/(?<=[a-z])[\d.]+$/, ''));
	return script === undefined ? shown : `${shown} ${withoutNumbers(script)}`;
};
