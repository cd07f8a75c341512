import {
	expect,
	number,
	type Parser,
	peek,
	remember,
	substitution,
	take,
	Unknown,
} from './itanium-parser.js';
import {functionText, literalText} from './itanium-text.js';
import {builtinTypes, typeSuffixes} from './itanium-words.js';

/** Types in mangled C++ names, and what stands between the brackets of templates. */

const deepest = 64;

/** A name with its template arguments, which come next. */
export const withArguments = (parser: Parser, name: string): string => {
	expect(parser, 'I');
	const list: string[] = [];
	while (!take(parser, 'E')) {
		list.push(...templateArgument(parser));
	}

	parser.templateArguments = list;
	// `operator<< <int>`
	return `${name}${name.endsWith('<') ? ' ' : ''}<${list.join(', ')}>`;
};

const templateArgument = (parser: Parser): string[] => {
	if (take(parser, 'J')) {
		const list: string[] = [];
		while (!take(parser, 'E')) {
			list.push(...templateArgument(parser));
		}

		return list;
	}

	if (take(parser, 'X')) {
		const text = expression(parser);
		expect(parser, 'E');
		return [text];
	}

	return [take(parser, 'L') ? literal(parser) : parseType(parser)];
};

/** Of expressions only constants are known here, and addresses of functions, which are by far the most frequent. */
const expression = (parser: Parser): string => {
	const sign = take(parser, 'ad') ? '&' : '';
	expect(parser, 'L');
	return sign + literal(parser);
};

const literal = (parser: Parser): string => {
	if (take(parser, '_Z')) {
		const name = parser.names.encoding(parser);
		while (!take(parser, 'E')) {
			parseType(parser);
		}

		return name;
	}

	const type = parseType(parser);
	const value = /^n?\d+(?=E)/.exec(parser.text.slice(parser.at))?.[0] ?? '';
	parser.at += value.length;
	expect(parser, 'E');
	return literalText(type, value);
};

export const parseType = (parser: Parser): string => {
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
		return remember(
			parser,
			peek(parser, 'F') ? functionType(parser, suffix) : parseType(parser) + suffix,
		);
	}

	if (two === 'Dp') {
		parser.at += 2;
		return parseType(parser);
	}

	switch (two[0]) {
		case 'F':
			return functionType(parser);
		case 'M':
			return memberPointer(parser);
		case 'A':
			return arrayType(parser);
		case 'T':
			return templateParameter(parser);
		case 'S': {
			const name = peek(parser, 'St')
				? remember(parser, parser.names.name(parser))
				: substitution(parser);
			return peek(parser, 'I') ? remember(parser, withArguments(parser, name)) : name;
		}

		default:
			return remember(parser, parser.names.name(parser));
	}
};

/** A pointer to it is written in the middle of it: that is what `pointer` is for, which may be `*` or a class's. */
const functionType = (parser: Parser, pointer = '', qualifiers = ''): string => {
	expect(parser, 'F');
	take(parser, 'Y');
	const types: string[] = [];
	while (!take(parser, 'E')) {
		types.push(parseType(parser));
	}

	remember(parser, functionText(types));
	return functionText(types, {inside: pointer, qualifiers});
};

const memberPointer = (parser: Parser): string => {
	parser.at++;
	const pointer = `${parseType(parser)}::*`;
	const isConstant = peek(parser, 'KF') && take(parser, 'K');
	if (!peek(parser, 'F')) {
		return remember(parser, `${parseType(parser)} ${pointer}`);
	}

	const text = functionType(parser, pointer, isConstant ? ' const' : '');
	// The function with its qualifier is a type of its own.
	if (isConstant) {
		remember(parser, text);
	}

	return remember(parser, text);
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
