import process from 'node:process';
import meow from 'meow';
import {help} from './help-text.js';
import type {Flags} from './options.js';
import {toolVersion} from './tool-version.js';
import {UsageError} from './usage-error.js';

/** What was asked for: a command, what follows it, and flags. */
export type Invocation = {
	command: string | undefined;
	operands: readonly string[];
	flags: Flags;
};

/** Flags that take a value. */
const valueFlags = {
	delay: {type: 'string', shortFlag: 'd', default: '1'},
	pid: {type: 'string', shortFlag: 'p', isMultiple: true},
	user: {type: 'string', shortFlag: 'u'},
	filter: {type: 'string', shortFlag: 'F'},
	sort: {type: 'string', shortFlag: 's'},
	iterations: {type: 'string', shortFlag: 'n'},
	for: {type: 'string'},
	format: {type: 'string'},
	maxSize: {type: 'string'},
	on: {type: 'string'},
	note: {type: 'string'},
	output: {type: 'string', shortFlag: 'o'},
	failOn: {type: 'string'},
	proc: {type: 'string'},
	color: {type: 'string', default: 'auto'},
} as const;

const switches = {
	batch: {type: 'boolean', shortFlag: 'b', default: false},
	ascii: {type: 'boolean', default: false},
	redact: {type: 'boolean', default: false},
	help: {type: 'boolean', shortFlag: 'h', default: false},
	version: {type: 'boolean', shortFlag: 'V', default: false},
} as const;

/** As it is written on a command line: `failOn` is `--fail-on`, `d` is `-d`. */
const optionName = (name: string): string =>
	name.length === 1
		? `-${name}`
		: `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

const longNames = new Map<string, string>(
	Object.entries({...valueFlags, ...switches}).flatMap(([name, flag]) => {
		const long = optionName(name);
		return 'shortFlag' in flag
			? [
					[long, name],
					[`-${flag.shortFlag}`, name],
				]
			: [[long, name]];
	}),
);

/** Refuses an option that needs a value and has none: the parser would take its default, or the next option for it. */
const refuseMissingValues = (argv: readonly string[]): void => {
	for (const [index, word] of argv.entries()) {
		if (word === '--') {
			return;
		}

		const name = longNames.get(word);
		const next = argv[index + 1];
		const hasValue = next !== undefined && next !== '' && (next === '-' || !/^-\D/.test(next));
		if (name !== undefined && name in valueFlags && !hasValue) {
			throw new UsageError(`${word} needs a value`);
		}
	}
};

const refuseUnknown = (names: readonly string[]): void => {
	for (const name of names) {
		if (!(name in valueFlags || name in switches)) {
			throw new UsageError(`unknown option ${optionName(name)}; see ctop --help`);
		}
	}
};

/** Reads the command line. Help and version print and end the program; throws UsageError for what can't be understood. */
export const parseCli = (argv: readonly string[]): Invocation => {
	refuseMissingValues(argv);
	// meow sets the process's title, which overwrites the arguments that ps shows. A tool that is itself looked at in process
	// lists leaves them alone: without the property that Node.js made, setting it has no effect outside.
	Reflect.deleteProperty(process, 'title');
	const {input, flags, unnormalizedFlags} = meow(help, {
		importMeta: import.meta,
		pkg: {name: 'ctop', version: toolVersion},
		version: `ctop ${toolVersion}`,
		description: false,
		argv,
		// They are refused below, in one line.
		allowUnknownFlags: true,
		inferType: false,
		flags: {...valueFlags, ...switches},
	});
	const shortNames = Object.values({...valueFlags, ...switches}).flatMap(flag =>
		'shortFlag' in flag ? [flag.shortFlag as string] : [],
	);
	refuseUnknown(Object.keys(unnormalizedFlags).filter(name => !shortNames.includes(name)));
	const [command, ...operands] = input.map(String);
	return {command, operands, flags: {...flags, pid: flags.pid ?? []}};
};
