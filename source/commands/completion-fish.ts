import {fileCommands, namedCommands, wordCommands} from './completion-words.js';
import {type ValueKind, type WrittenOption, writtenOptions} from './option-table.js';

/** What fish(1) offers for such things: its own functions, or its completion of files. */
const kinds: Readonly<Record<ValueKind, string>> = {
	file: '-r -F',
	directory: `-x -a '(__fish_complete_directories)'`,
	user: `-x -a '(__fish_complete_users)'`,
	pid: `-x -a '(__fish_complete_pids)'`,
};

/** In single quotes for fish, in which a backslash counts. */
const quoted = (text: string): string =>
	`'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;

const valueWords = ({type, values}: WrittenOption): string => {
	if (type === 'boolean') {
		return '';
	}

	if (values === undefined) {
		return ' -x';
	}

	return typeof values === 'string' ? ` ${kinds[values]}` : ` -x -a ${quoted(values.join(' '))}`;
};

const optionLine = (option: WrittenOption): string => {
	const {short, long, help} = option;
	const letter = short === undefined ? '' : ` -s ${short.slice(1)}`;
	return `complete -c ctop${letter} -l ${long.slice(2)}${valueWords(option)} -d ${quoted(help[0] ?? '')}`;
};

/** A script for fish(1) to read, as with `ctop completion fish | source`. */
export const fishCompletion = (ruleNames: readonly string[]): string => {
	const after = (names: readonly string[]): string =>
		`complete -c ctop -n '__fish_seen_subcommand_from ${names.join(' ')}'`;
	return `${[
		'# fish completion of ctop; read it with: ctop completion fish | source',
		'complete -c ctop -f',
		...namedCommands.map(
			({name, help}) => `complete -c ctop -n __fish_use_subcommand -a ${name} -d ${quoted(help)}`,
		),
		`${after(fileCommands)} -F`,
		...wordCommands(ruleNames).map(
			({name, words}) => `${after([name])} -a ${quoted(words.join(' '))}`,
		),
		...writtenOptions.map(optionLine),
	].join('\n')}\n`;
};
