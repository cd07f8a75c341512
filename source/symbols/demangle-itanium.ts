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
import {builtinTypes, operators, specialNames, typeSuffixes} from './itanium-words.js';

const longestName = 4096;
const deepest = 64;

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

	return peek(parser, 'I') ? name + templateArgumentsOf(parser) : name;
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
		if (!isWhole && !peek(parser, 'E')) {
			remember(parser, name);
		}
	}

	return name;
};

/** The name with its next part appended. */
const nestedPart = (parser: Parser, name: string): string => {
	if (peek(parser, 'I')) {
		return name + templateArgumentsOf(parser);
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

	const operator = operators[parser.text.slice(parser.at, parser.at + 2)];
	if (operator === undefined) {
		throw new Unknown(next);
	}

	parser.at += 2;
	return `operator${operator}`;
};

const lambda = (parser: Parser): string => {
	const parameters: string[] = [];
	while (!take(parser, 'E')) {
		parameters.push(parseType(parser));
	}

	const index = peek(parser, '_') ? 1 : number(parser) + 2;
	expect(parser, '_');
	const shown = parameters.length === 1 && parameters[0] === 'void' ? '' : parameters.join(', ');
	return `{lambda(${shown})#${index}}`;
};

const templateArgumentsOf = (parser: Parser): string => {
	expect(parser, 'I');
	const list: string[] = [];
	while (!take(parser, 'E')) {
		list.push(...templateArgument(parser));
	}

	parser.templateArguments = list;
	return `<${list.join(', ')}>`;
};

const templateArgument = (parser: Parser): string[] => {
	if (take(parser, 'J')) {
		const list: string[] = [];
		while (!take(parser, 'E')) {
			list.push(...templateArgument(parser));
		}

		return list;
	}

	return [take(parser, 'L') ? literal(parser) : parseType(parser)];
};

const literal = (parser: Parser): string => {
	if (take(parser, '_Z')) {
		const name = parseEncoding(parser);
		while (!take(parser, 'E')) {
			parseType(parser);
		}

		return name;
	}

	const type = parseType(parser);
	const value = /^n?\d+(?=E)/.exec(parser.text.slice(parser.at))?.[0] ?? '';
	parser.at += value.length;
	expect(parser, 'E');
	const text = value.replace('n', '-');
	return type === 'bool' ? (text === '0' ? 'false' : 'true') : text;
};

const parseType = (parser: Parser): string => {
	if (++parser.depth > deepest) {
		throw new Unknown('too deep');
	}

	try {
		return typeInside(parser);
	} finally {
		parser.depth--;
	}
};

const typeInside = (parser: Parser): string => {
	const two = parser.text.slice(parser.at, parser.at + 2);
	const builtin = builtinTypes[two] ?? builtinTypes[two[0] ?? ''];
	if (builtin !== undefined) {
		parser.at += builtinTypes[two] === undefined ? 1 : 2;
		return builtin;
	}

	const suffix = typeSuffixes[two[0] ?? ''];
	if (suffix !== undefined) {
		parser.at++;
		return remember(parser, parseType(parser) + suffix);
	}

	if (two === 'Dp') {
		parser.at += 2;
		return parseType(parser);
	}

	switch (two[0]) {
		case 'F':
			return functionType(parser);
		case 'A':
			return arrayType(parser);
		case 'T':
			return templateParameter(parser);
		case 'S': {
			const name = peek(parser, 'St') ? remember(parser, parseName(parser)) : substitution(parser);
			return peek(parser, 'I') ? remember(parser, name + templateArgumentsOf(parser)) : name;
		}

		default:
			return remember(parser, parseName(parser));
	}
};

const functionType = (parser: Parser): string => {
	parser.at++;
	const types: string[] = [];
	while (!take(parser, 'E')) {
		types.push(parseType(parser));
	}

	const [result = 'void', ...parameters] = types;
	return remember(parser, `${result} (${parameters.filter(each => each !== 'void').join(', ')})`);
};

const arrayType = (parser: Parser): string => {
	parser.at++;
	const size = peek(parser, '_') ? '' : String(number(parser));
	expect(parser, '_');
	return remember(parser, `${parseType(parser)} [${size}]`);
};

const templateParameter = (parser: Parser): string => {
	const code = /^T(\d*)_/.exec(parser.text.slice(parser.at, parser.at + 8));
	const index = code ? (code[1] === '' ? 0 : Number(code[1]) + 1) : -1;
	const known = parser.templateArguments[index];
	if (!code || known === undefined) {
		throw new Unknown('parameter');
	}

	parser.at += code[0].length;
	return remember(parser, known);
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
		});
	} catch (error) {
		if (error instanceof Unknown) {
			return undefined;
		}

		throw error;
	}
};
