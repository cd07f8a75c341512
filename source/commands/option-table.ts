import {sortKeys} from '../format/view-options.js';
import {colourWords} from './colours.js';
import {
	batchFormats,
	diffFormats,
	lookFormats,
	reportFormats,
	snapshotFormats,
} from './format-names.js';
import {severities} from './parse-values.js';

/** What a value is, where a shell can complete it. */
export type ValueKind = 'file' | 'directory' | 'user' | 'pid';

export type OptionEntry = {
	type: 'string' | 'boolean';
	shortFlag?: string;
	default?: string | boolean;
	isMultiple?: true;
	/** The value, as help shows it. */
	value?: string;
	/** All that the value may be, or what kind of thing it is. */
	values?: readonly string[] | ValueKind;
	/** Lines of help. */
	help: readonly string[];
};

const list = (words: readonly string[]): string => words.join(', ');

/** All options: what is understood, help and completion are made of this one table. */
export const optionTable = {
	delay: {
		type: 'string',
		shortFlag: 'd',
		default: '1',
		value: 'SECONDS|500ms',
		help: ['time between two samples (1)'],
	},
	pid: {
		type: 'string',
		shortFlag: 'p',
		isMultiple: true,
		value: 'PID[,PID]',
		values: 'pid',
		help: ['these processes and their descendants'],
	},
	user: {
		type: 'string',
		shortFlag: 'u',
		value: 'NAME|UID',
		values: 'user',
		help: ['processes of one user'],
	},
	filter: {
		type: 'string',
		shortFlag: 'F',
		value: 'EXPRESSION',
		help: ['word, !word, /regex/, user:, pid:, state:D, wchan:futex, csw>1000'],
	},
	sort: {type: 'string', shortFlag: 's', value: 'COLUMN', values: sortKeys, help: [list(sortKeys)]},
	batch: {
		type: 'boolean',
		shortFlag: 'b',
		default: false,
		help: ['text frames instead of the screen'],
	},
	iterations: {type: 'string', shortFlag: 'n', value: 'N', help: ['stop after N frames']},
	for: {
		type: 'string',
		value: 'DURATION',
		help: ['how long snapshot (5s), preflight (2s) and record (no end) watch'],
	},
	seconds: {
		type: 'string',
		value: 'DURATION',
		help: ['how long probe, or i on the screen, looks (5)'],
	},
	strace: {
		type: 'boolean',
		default: false,
		help: ['probe counts all system calls too: slows the program 10 to 25 times meanwhile'],
	},
	output: {
		type: 'string',
		shortFlag: 'o',
		value: 'FILE|-',
		values: 'file',
		help: [
			'where snapshot, record, report and preflight write; never over another file',
			'probe: a new directory for all that it found',
		],
	},
	format: {
		type: 'string',
		value: 'FORMAT',
		values: [
			...new Set([
				...batchFormats,
				...snapshotFormats,
				...diffFormats,
				...reportFormats,
				...lookFormats,
			]),
		],
		help: [
			`-b: ${list(batchFormats)}       snapshot: ${list(snapshotFormats)}`,
			`diff: ${list(diffFormats)}        report: ${list(reportFormats)}`,
			`preflight, doctor, probe: ${list(lookFormats)}`,
		],
	},
	redact: {
		type: 'boolean',
		default: false,
		help: ['snapshot, record, report: tokens for arguments, paths, users and hosts'],
	},
	note: {type: 'string', value: 'TEXT', help: ['what snapshot shall say about itself']},
	maxSize: {
		type: 'string',
		value: 'SIZE',
		help: ['most that record keeps on disk (64M), the newest of it'],
	},
	on: {
		type: 'string',
		value: 'SEVERITY',
		values: severities,
		help: ['record keeps ten minutes in memory and writes when a finding is as severe'],
	},
	failOn: {
		type: 'string',
		value: 'SEVERITY',
		values: severities,
		help: ['exit 3 when a finding (or a check) is critical, warning or notice'],
	},
	proc: {
		type: 'string',
		value: 'DIRECTORY',
		values: 'directory',
		help: ['a directory that looks like /proc'],
	},
	color: {
		type: 'string',
		default: 'auto',
		value: 'WHEN',
		values: colourWords,
		help: [list(colourWords)],
	},
	ascii: {type: 'boolean', default: false, help: ['no character beyond ASCII']},
	version: {type: 'boolean', shortFlag: 'V', default: false, help: ['the version']},
	help: {type: 'boolean', shortFlag: 'h', default: false, help: ['this help']},
} as const satisfies Readonly<Record<string, OptionEntry>>;

/** As it is written on a command line: `failOn` is `--fail-on`, `d` is `-d`. */
export const optionName = (name: string): string =>
	name.length === 1
		? `-${name}`
		: `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;

/** An option as it is written, with or without its one letter. */
export type WrittenOption = OptionEntry & {long: string; short?: string};

/** The options in their order, each with the names that it is written with. */
export const writtenOptions: readonly WrittenOption[] = Object.entries<OptionEntry>(
	optionTable,
).map(([name, entry]) => ({
	...entry,
	long: optionName(name),
	...(entry.shortFlag !== undefined && {short: optionName(entry.shortFlag)}),
}));
