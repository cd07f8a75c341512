import {standardNames} from './itanium-words.js';

/**
Names of C++ symbols by the Itanium ABI (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling): the name with its template
arguments; the parameters of a function are left out. Anything rarer (expressions, unusual types) ends the attempt.
*/

/** A name that isn't of this grammar, or uses a part of it that isn't known here. */
export class Unknown extends Error {}

/** Name of the class that a constructor is of: without what encloses it and without its template arguments. */
export const lastPart = (name: string): string => {
	const bare = name.replace(/<.*>$/s, '');
	return bare.slice(bare.lastIndexOf(':') + 1);
};

export type Parser = {
	readonly text: string;
	at: number;
	depth: number;
	readonly substitutions: string[];
	templateArguments: readonly string[];
	/** Names stand in types as types stand in names. */
	readonly names: {encoding(parser: Parser): string; name(parser: Parser): string};
};

export const peek = (parser: Parser, word: string): boolean => {
	return parser.text.startsWith(word, parser.at);
};

export const take = (parser: Parser, word: string): boolean => {
	const isThere = peek(parser, word);
	parser.at += isThere ? word.length : 0;
	return isThere;
};

export const expect = (parser: Parser, word: string): void => {
	if (!take(parser, word)) {
		throw new Unknown(word);
	}
};

export const remember = (parser: Parser, name: string): string => {
	parser.substitutions.push(name);
	return name;
};

export const number = (parser: Parser): number => {
	const digits = /^\d+/.exec(parser.text.slice(parser.at, parser.at + 9))?.[0];
	if (digits === undefined) {
		throw new Unknown('number');
	}

	parser.at += digits.length;
	return Number(digits);
};

export const sourceName = (parser: Parser): string => {
	const length = number(parser);
	const name = parser.text.slice(parser.at, parser.at + length);
	if (length === 0 || name.length < length) {
		throw new Unknown('name');
	}

	parser.at += length;
	return name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name;
};

export const discriminator = (parser: Parser): void => {
	if (take(parser, '_')) {
		take(parser, '_');
		number(parser);
		take(parser, '_');
	}
};

/** `B5cxx11`: tags of the ABI, of which nobody wants to read. */
export const withTags = (parser: Parser, name: string): string => {
	while (take(parser, 'B')) {
		sourceName(parser);
	}

	return name;
};

export const substitution = (parser: Parser): string => {
	const standard = standardNames[parser.text.slice(parser.at, parser.at + 2)];
	if (standard !== undefined) {
		parser.at += 2;
		return standard;
	}

	const code = /^S([\dA-Z]*)_/.exec(parser.text.slice(parser.at, parser.at + 8));
	if (!code) {
		throw new Unknown('substitution');
	}

	parser.at += code[0].length;
	const index = code[1] === '' ? 0 : Number.parseInt(code[1]!, 36) + 1;
	const known = parser.substitutions[index];
	if (known === undefined) {
		throw new Unknown('substitution');
	}

	return known;
};
