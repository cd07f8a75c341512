import {basicTypes, prefixes, specialNamespaces} from './rust-words.js';

/**
Names of Rust symbols in its present scheme ("v0", https://doc.rust-lang.org/rustc/symbol-mangling/v0.html): the path, with generic
arguments left out, as they are longer than what they tell.
*/

type Parser = {
	readonly text: string;
	at: number;
	depth: number;
};

const deepest = 64;

const take = (parser: Parser, letter: string): boolean => {
	const isThere = parser.text[parser.at] === letter;
	parser.at += isThere ? 1 : 0;
	return isThere;
};

/** A number in 62 digits, ended by an underscore: nothing is 0, `0` is 1, `z` is 36. */
const base62 = (parser: Parser): number | undefined => {
	const digits = /^([\da-zA-Z]*)_/.exec(parser.text.slice(parser.at, parser.at + 12));
	if (!digits) {
		return undefined;
	}

	parser.at += digits[0].length;
	let value = 0;
	for (const digit of digits[1]!) {
		const code = Number.parseInt(digit, 36) + (/[A-Z]/.test(digit) ? 26 : 0);
		value = value * 62 + code;
	}

	return digits[1] === '' ? 0 : value + 1;
};

/** `s` and a number in front of a name tell apart things of one name. */
const skipDisambiguator = (parser: Parser): boolean =>
	!take(parser, 's') || base62(parser) !== undefined;

const identifier = (parser: Parser): string | undefined => {
	if (!skipDisambiguator(parser)) {
		return undefined;
	}

	// Names in Punycode stay so: they are rare.
	// No number begins with a 0 but 0 itself: `00` is two names, as of a closure in a closure.
	const length = /^u?(0|[1-9]\d{0,4})_?/.exec(parser.text.slice(parser.at, parser.at + 8));
	if (!length) {
		return undefined;
	}

	parser.at += length[0].length;
	const name = parser.text.slice(parser.at, parser.at + Number(length[1]));
	parser.at += Number(length[1]);
	return name.length === Number(length[1]) ? name : undefined;
};

/** What was written at an earlier place of the symbol. */
const backReference = (
	parser: Parser,
	parse: (parser: Parser) => string | undefined,
): string | undefined => {
	const begin = parser.at - 1;
	const at = base62(parser);
	// It leads back, so that none can lead to itself.
	return at === undefined || at >= begin
		? undefined
		: parse({text: parser.text, at, depth: parser.depth});
};

const join = (outer: string | undefined, name: string | undefined): string | undefined => {
	if (outer === undefined || name === undefined) {
		return undefined;
	}

	return name === '' ? outer : `${outer}::${name}`;
};

const nested = (parser: Parser): string | undefined => {
	const namespace = parser.text[parser.at++] ?? '';
	const outer = path(parser);
	const name = outer === undefined ? undefined : identifier(parser);
	const special = specialNamespaces[namespace];
	return join(
		outer,
		special === undefined || name === undefined
			? name
			: `{${special}${name === '' ? '' : `:${name}`}}`,
	);
};

/** Which block it's in isn't told: the type that it's for is enough. */
const implementation = (parser: Parser, hasTrait: boolean): string | undefined => {
	if (!skipDisambiguator(parser) || path(parser) === undefined) {
		return undefined;
	}

	return hasTrait ? traitImplementation(parser) : type(parser);
};

const traitImplementation = (parser: Parser): string | undefined => {
	const self = type(parser);
	const trait = self === undefined ? undefined : path(parser);
	return self === undefined || trait === undefined ? undefined : `<${self} as ${trait}>`;
};

const generic = (parser: Parser): string | undefined => {
	const name = path(parser);
	while (name !== undefined && !take(parser, 'E')) {
		if (!genericArgument(parser)) {
			return undefined;
		}
	}

	return name;
};

const genericArgument = (parser: Parser): boolean => {
	if (take(parser, 'L')) {
		return base62(parser) !== undefined;
	}

	return take(parser, 'K') ? constant(parser) : type(parser) !== undefined;
};

const constant = (parser: Parser): boolean => {
	if (take(parser, 'p')) {
		return true;
	}

	const value = /^(?:B[\da-zA-Z]*_|[a-z]n?[\da-f]*_)/.exec(parser.text.slice(parser.at));
	parser.at += value?.[0].length ?? 0;
	return value !== null;
};

const path = (parser: Parser): string | undefined => {
	if (++parser.depth > deepest) {
		return undefined;
	}

	const letter = parser.text[parser.at++];
	const found = pathOf(parser, letter);
	parser.depth--;
	return found;
};

const pathOf = (parser: Parser, letter: string | undefined): string | undefined => {
	switch (letter) {
		case 'C':
			return identifier(parser);
		case 'N':
			return nested(parser);
		case 'M':
			return implementation(parser, false);
		case 'X':
			return implementation(parser, true);
		case 'Y':
			return traitImplementation(parser);
		case 'I':
			return generic(parser);
		case 'B':
			return backReference(parser, path);
		default:
			return undefined;
	}
};

const tuple = (parser: Parser): string | undefined => {
	const parts: string[] = [];
	while (!take(parser, 'E')) {
		const part = type(parser);
		if (part === undefined) {
			return undefined;
		}

		parts.push(part);
	}

	return `(${parts.join(', ')})`;
};

/** `G` and a number in front of a type: how many lifetimes it is for. */
const skipBinder = (parser: Parser): boolean => !take(parser, 'G') || base62(parser) !== undefined;

/** `fn(u8) -> bool`; whether it is unsafe or of another language isn't told. */
const functionPointer = (parser: Parser): string | undefined => {
	if (!skipBinder(parser)) {
		return undefined;
	}

	take(parser, 'U');
	if (take(parser, 'K') && !take(parser, 'C') && identifier(parser) === undefined) {
		return undefined;
	}

	const parameters = tuple(parser);
	const result = parameters === undefined ? undefined : type(parser);
	if (result === undefined) {
		return undefined;
	}

	return `fn${parameters}${result === '()' ? '' : ` -> ${result}`}`;
};

/** What a trait's own types are, which is left out like generic arguments. */
const skipAssociatedTypes = (parser: Parser): boolean => {
	while (take(parser, 'p')) {
		if (identifier(parser) === undefined || type(parser) === undefined) {
			return false;
		}
	}

	return true;
};

/** `dyn Error + Send`. */
const traitObject = (parser: Parser): string | undefined => {
	if (!skipBinder(parser)) {
		return undefined;
	}

	const traits: string[] = [];
	while (!take(parser, 'E')) {
		const trait = path(parser);
		if (trait === undefined || !skipAssociatedTypes(parser)) {
			return undefined;
		}

		traits.push(trait);
	}

	return take(parser, 'L') && base62(parser) !== undefined
		? `dyn ${traits.join(' + ')}`
		: undefined;
};

const type = (parser: Parser): string | undefined => {
	const letter = parser.text[parser.at] ?? '';
	const basic = basicTypes[letter];
	const prefix = prefixes[letter];
	if (basic === undefined && prefix === undefined && !'SATBDF'.includes(letter)) {
		return path(parser);
	}

	parser.at++;
	if (basic !== undefined) {
		return basic;
	}

	if (prefix !== undefined) {
		if (take(parser, 'L')) {
			base62(parser);
		}

		const inner = type(parser);
		return inner && prefix + inner;
	}

	switch (letter) {
		case 'B':
			return backReference(parser, type);
		case 'T':
			return tuple(parser);
		case 'D':
			return traitObject(parser);
		case 'F':
			return functionPointer(parser);
		default: {
			const inner = type(parser);
			const isWhole = inner !== undefined && (letter === 'S' || constant(parser));
			return isWhole ? `[${inner}]` : undefined;
		}
	}
};

const longestName = 4096;

/** The path without generic arguments; undefined when it isn't such a name or has parts that aren't known here. */
export const demangleRust = (symbol: string): string | undefined =>
	symbol.startsWith('_R') && symbol.length <= longestName
		? path({text: symbol.slice(2), at: 0, depth: 0})
		: undefined;
