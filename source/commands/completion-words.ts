import {type CommandEntry, commandTable} from './command-table.js';

/** The commands that have a name. */
export const namedCommands: readonly CommandEntry[] = commandTable.filter(({name}) => name !== '');

/** The commands that take files. */
export const fileCommands: readonly string[] = namedCommands
	.filter(({operands}) => operands === 'files')
	.map(({name}) => name);

/** The commands that take one of some words, each with its words. */
export const wordCommands = (
	ruleNames: readonly string[],
): readonly {name: string; words: readonly string[]}[] =>
	namedCommands.flatMap(({name, operands}) => {
		if (operands === 'none' || operands === 'files') {
			return [];
		}

		return [{name, words: operands === 'rules' ? ruleNames : operands}];
	});

/** In single quotes for a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
