import process from 'node:process';
import meow from 'meow';
import {type OptionEntry, optionName, optionTable, writtenOptions} from './option-table.js';
import type {Flags} from './options.js';
import {didYouMean} from './suggest.js';
import {UsageError} from './usage-error.js';

/** What was asked for: a command, what follows it, and flags. */
export type Invocation = {
	command: string | undefined;
	operands: readonly string[];
	flags: Flags;
};

const namesByWord = new Map<string, string>(
	Object.entries<OptionEntry>(optionTable).flatMap(([name, {shortFlag}]) => [
		[optionName(name), name],
		...(shortFlag === undefined ? [] : [[optionName(shortFlag), name] as const]),
	]),
);

const takesValue = (name: string): boolean =>
	Object.entries<OptionEntry>(optionTable).some(
		([each, {type}]) => each === name && type === 'string',
	);

/** Refuses an option that needs a value and has none: the parser would take its default, or the next option for it. */
const refuseMissingValues = (argv: readonly string[]): void => {
	for (const [index, word] of argv.entries()) {
		if (word === '--') {
			return;
		}

		const name = namesByWord.get(word);
		const next = argv[index + 1];
		const hasValue = next !== undefined && next !== '' && (next === '-' || !/^-\D/.test(next));
		if (name !== undefined && takesValue(name) && !hasValue) {
			throw new UsageError(`${word} needs a value`);
		}
	}
};

const refuseUnknown = (names: readonly string[]): void => {
	for (const name of names) {
		if (!(name in optionTable)) {
			const written = optionName(name);
			const known = writtenOptions.map(({long}) => long);
			const hint = written.startsWith('--') ? didYouMean(written, known) : '';
			throw new UsageError(`unknown option ${written}${hint || '; see ctop --help'}`);
		}
	}
};

/** Reads the command line; throws UsageError for what can't be understood. */
export const parseCli = (argv: readonly string[]): Invocation => {
	refuseMissingValues(argv);
	// meow sets the process's title, which overwrites the arguments that ps shows. A tool that is itself looked at in process
	// lists leaves them alone: without the property that Node.js made, setting it has no effect outside.
	Reflect.deleteProperty(process, 'title');
	const {input, flags, unnormalizedFlags} = meow('', {
		importMeta: import.meta,
		pkg: {name: 'ctop'},
		description: false,
		// Printed by the program itself, which notices when that fails.
		autoHelp: false,
		autoVersion: false,
		argv,
		// They are refused below, in one line.
		allowUnknownFlags: true,
		inferType: false,
		flags: optionTable,
	});
	const shortNames = Object.values<OptionEntry>(optionTable).flatMap(
		({shortFlag}) => shortFlag ?? [],
	);
	refuseUnknown(Object.keys(unnormalizedFlags).filter(name => !shortNames.includes(name)));
	const [command, ...operands] = input.map(String);
	return {command, operands, flags: {...flags, pid: flags.pid ?? []}};
};
