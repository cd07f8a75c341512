import {
	discriminator,
	expect,
	lastPart,
	number,
	type Parser,
	peek,
	remember,
	sourceName,
	substitution,
	take,
	Unknown,
	withTags,
} from './itanium-parser.js';
import {lambdaText} from './itanium-text.js';
import {parseType, withArguments} from './itanium-types.js';
import {operators, specialNames} from './itanium-words.js';

const longestName = 4096;

/** How far `this` is moved, by a constant (`h`) or by a table's (`v`), before a thunk goes on to its function. */
const thunk = /^T(?:(h)n?\d+_|vn?\d+_n?\d+_)/;

const parseEncoding = (parser: Parser): string => {
	const moved = thunk.exec(parser.text.slice(parser.at, parser.at + 32));
	if (moved) {
		parser.at += moved[0].length;
		return `${moved[1] ? 'non-virtual' : 'virtual'} thunk to ${parseEncoding(parser)}`;
	}

	const special = specialNames[parser.text.slice(parser.at, parser.at + 2)];
	if (special !== undefined) {
		parser.at += 2;
		return special + parseEncoding(parser);
	}

	return parseName(parser);
};

const parseName = (parser: Parser): string => {
	if (take(parser, 'N')) {
		return nestedName(parser);
	}

	if (take(parser, 'Z')) {
		return localName(parser);
	}

	let name: string;
	if (peek(parser, 'S') && !peek(parser, 'St')) {
		name = substitution(parser);
	} else {
		name = take(parser, 'St') ? `std::${unqualifiedName(parser, '')}` : unqualifiedName(parser, '');
		if (peek(parser, 'I')) {
			remember(parser, name);
		}
	}

	return peek(parser, 'I') ? withArguments(parser, name) : name;
};

/** `Z` function `E` name: a variable or class inside a function. */
const localName = (parser: Parser): string => {
	const enclosing = parseEncoding(parser);
	while (!take(parser, 'E')) {
		parseType(parser);
	}

	if (take(parser, 's')) {
		return enclosing;
	}

	const name = parseName(parser);
	discriminator(parser);
	return `${enclosing}::${name}`;
};

const nestedName = (parser: Parser): string => {
	// What a member function says of its object isn't part of its name.
	while (/[KVrRO]/.test(parser.text[parser.at] ?? '')) {
		parser.at++;
	}

	let name = '';
	while (!take(parser, 'E')) {
		const isWhole = peek(parser, 'S');
		name = nestedPart(parser, name);
		// The value of a variable, in which a lambda stands.
		take(parser, 'M');
		if (!isWhole && !peek(parser, 'E')) {
			remember(parser, name);
		}
	}

	return name;
};

/** The name with its next part appended. */
const nestedPart = (parser: Parser, name: string): string => {
	if (peek(parser, 'I')) {
		return withArguments(parser, name);
	}

	if (peek(parser, 'S')) {
		return substitution(parser);
	}

	if (peek(parser, 'T')) {
		return parseType(parser);
	}

	const part = unqualifiedName(parser, lastPart(name));
	return name === '' ? part : `${name}::${part}`;
};

const unqualifiedName = (parser: Parser, enclosing: string): string => {
	const next = parser.text[parser.at] ?? '';
	take(parser, 'L');
	if (/\d/.test(parser.text[parser.at] ?? '')) {
		return withTags(parser, sourceName(parser));
	}

	if (/^C[1-5]/.test(parser.text.slice(parser.at, parser.at + 2))) {
		parser.at += 2;
		return withTags(parser, enclosing);
	}

	if (/^D[0-5]/.test(parser.text.slice(parser.at, parser.at + 2))) {
		parser.at += 2;
		return `~${enclosing}`;
	}

	if (take(parser, 'Ul')) {
		return lambda(parser);
	}

	if (take(parser, 'Ut')) {
		if (!peek(parser, '_')) {
			number(parser);
		}

		expect(parser, '_');
		return '{unnamed}';
	}

	if (take(parser, 'cv')) {
		return `operator ${parseType(parser)}`;
	}

	const operator = operators[parser.text.slice(parser.at, parser.at + 2)];
	if (operator === undefined) {
		throw new Unknown(next);
	}

	parser.at += 2;
	return `operator${operator}`;
};

/** As many as a lambda may have. */
const autoParameters = Array.from({length: 16}, (_, index) => `auto:${index + 1}`);

const lambda = (parser: Parser): string => {
	const parameters: string[] = [];
	const outer = parser.templateArguments;
	// Its template parameters are those that it declares with `auto`.
	parser.templateArguments = autoParameters;
	while (!take(parser, 'E')) {
		parameters.push(parseType(parser));
	}

	parser.templateArguments = outer;

	const index = peek(parser, '_') ? 1 : number(parser) + 2;
	expect(parser, '_');
	return lambdaText(parameters, index);
};

/** The name without parameters; undefined when it isn't a C++ name or has parts that aren't known here. */
export const demangleItanium = (symbol: string): string | undefined => {
	if (!symbol.startsWith('_Z') || symbol.length > longestName) {
		return undefined;
	}

	try {
		return parseEncoding({
			text: symbol,
			at: 2,
			depth: 0,
			substitutions: [],
			templateArguments: [],
			names: {encoding: parseEncoding, name: parseName},
		});
	} catch (error) {
		if (error instanceof Unknown) {
			return undefined;
		}

		throw error;
	}
};
