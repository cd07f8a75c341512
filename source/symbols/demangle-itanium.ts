/**
Names of C++ symbols by the Itanium ABI (https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling): the name with its template
arguments; the parameters of a function are left out. Anything rarer (expressions, unusual types) ends the attempt.
*/

const builtinTypes: Readonly<Record<string, string>> = {
	v: 'void',
	w: 'wchar_t',
	b: 'bool',
	c: 'char',
	a: 'signed char',
	h: 'unsigned char',
	s: 'short',
	t: 'unsigned short',
	i: 'int',
	j: 'unsigned int',
	l: 'long',
	m: 'unsigned long',
	x: 'long long',
	y: 'unsigned long long',
	n: '__int128',
	o: 'unsigned __int128',
	f: 'float',
	d: 'double',
	e: 'long double',
	z: '...',
	Dn: 'std::nullptr_t',
	Di: 'char32_t',
	Ds: 'char16_t',
	Du: 'char8_t',
	Da: 'auto',
};

const standardNames: Readonly<Record<string, string>> = {
	St: 'std',
	Sa: 'std::allocator',
	Sb: 'std::basic_string',
	Ss: 'std::string',
	Si: 'std::istream',
	So: 'std::ostream',
	Sd: 'std::iostream',
};

const operators: Readonly<Record<string, string>> = {
	nw: ' new',
	na: '[]',
	dl: ' delete',
	da: ' delete[]',
	eq: '==',
	ne: '!=',
	lt: '<',
	gt: '>',
	le: '<=',
	ge: '>=',
	ss: '<=>',
	pl: '+',
	mi: '-',
	ml: '*',
	dv: '/',
	rm: '%',
	pp: '++',
	mm: '--',
	aS: '=',
	pL: '+=',
	mI: '-=',
	ls: '<<',
	rs: '>>',
	cl: '()',
	ix: '[]',
	pt: '->',
	de: '*',
	ad: '&',
	aa: '&&',
	oo: '||',
	nt: '!',
	or: '|',
	an: '&',
	eo: '^',
	co: '~',
};

const typeSuffixes: Readonly<Record<string, string>> = {
	P: '*',
	R: '&',
	O: '&&',
	K: ' const',
	V: ' volatile',
};

const specialNames: Readonly<Record<string, string>> = {
	TV: 'vtable for ',
	TT: 'VTT for ',
	TI: 'typeinfo for ',
	TS: 'typeinfo name for ',
	GV: 'guard variable for ',
	TH: 'TLS init function for ',
	TW: 'TLS wrapper function for ',
};

/** A name that isn't of this grammar, or uses a part of it that isn't known here. */
class Unknown extends Error {}

const longestName = 4096;
const deepest = 64;

/** Name of the class that a constructor is of: without what encloses it and without its template arguments. */
const lastPart = (name: string): string => {
	const bare = name.replace(/<.*>$/s, '');
	return bare.slice(bare.lastIndexOf(':') + 1);
};

class Parser {
	readonly #text: string;
	#at = 0;
	#depth = 0;
	readonly #substitutions: string[] = [];
	#templateArguments: readonly string[] = [];

	constructor(text: string) {
		this.#text = text;
	}

	name(): string {
		const special = specialNames[this.#text.slice(this.#at, this.#at + 2)];
		if (special !== undefined) {
			this.#at += 2;
			return special + this.name();
		}

		return this.#name();
	}

	#peek(word: string): boolean {
		return this.#text.startsWith(word, this.#at);
	}

	#take(word: string): boolean {
		const isThere = this.#peek(word);
		this.#at += isThere ? word.length : 0;
		return isThere;
	}

	#expect(word: string): void {
		if (!this.#take(word)) {
			throw new Unknown(word);
		}
	}

	#remember(name: string): string {
		this.#substitutions.push(name);
		return name;
	}

	#number(): number {
		const digits = /^\d+/.exec(this.#text.slice(this.#at, this.#at + 9))?.[0];
		if (digits === undefined) {
			throw new Unknown('number');
		}

		this.#at += digits.length;
		return Number(digits);
	}

	#sourceName(): string {
		const length = this.#number();
		const name = this.#text.slice(this.#at, this.#at + length);
		if (length === 0 || name.length < length) {
			throw new Unknown('name');
		}

		this.#at += length;
		return name.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : name;
	}

	#name(): string {
		if (this.#take('N')) {
			return this.#nestedName();
		}

		if (this.#take('Z')) {
			return this.#localName();
		}

		let name: string;
		if (this.#peek('S') && !this.#peek('St')) {
			name = this.#substitution();
		} else {
			name = this.#take('St') ? `std::${this.#unqualifiedName('')}` : this.#unqualifiedName('');
			if (this.#peek('I')) {
				this.#remember(name);
			}
		}

		return this.#peek('I') ? name + this.#templateArgumentsOf() : name;
	}

	/** `Z` function `E` name: a variable or class inside a function. */
	#localName(): string {
		const enclosing = this.name();
		while (!this.#take('E')) {
			this.#type();
		}

		if (this.#take('s')) {
			return enclosing;
		}

		const name = this.#name();
		this.#discriminator();
		return `${enclosing}::${name}`;
	}

	#discriminator(): void {
		if (this.#take('_')) {
			this.#take('_');
			this.#number();
			this.#take('_');
		}
	}

	#nestedName(): string {
		// What a member function says of its object isn't part of its name.
		while (/[KVrRO]/.test(this.#text[this.#at] ?? '')) {
			this.#at++;
		}

		let name = '';
		while (!this.#take('E')) {
			const isWhole = this.#peek('S');
			name = this.#nestedPart(name);
			if (!isWhole && !this.#peek('E')) {
				this.#remember(name);
			}
		}

		return name;
	}

	/** The name with its next part appended. */
	#nestedPart(name: string): string {
		if (this.#peek('I')) {
			return name + this.#templateArgumentsOf();
		}

		if (this.#peek('S')) {
			return this.#substitution();
		}

		if (this.#peek('T')) {
			return this.#type();
		}

		const part = this.#unqualifiedName(lastPart(name));
		return name === '' ? part : `${name}::${part}`;
	}

	#unqualifiedName(enclosing: string): string {
		const next = this.#text[this.#at] ?? '';
		this.#take('L');
		if (/\d/.test(this.#text[this.#at] ?? '')) {
			return this.#withTags(this.#sourceName());
		}

		if (/^C[1-5]/.test(this.#text.slice(this.#at, this.#at + 2))) {
			this.#at += 2;
			return this.#withTags(enclosing);
		}

		if (/^D[0-5]/.test(this.#text.slice(this.#at, this.#at + 2))) {
			this.#at += 2;
			return `~${enclosing}`;
		}

		if (this.#take('Ul')) {
			return this.#lambda();
		}

		if (this.#take('Ut')) {
			if (!this.#peek('_')) {
				this.#number();
			}

			this.#expect('_');
			return '{unnamed}';
		}

		const operator = operators[this.#text.slice(this.#at, this.#at + 2)];
		if (operator === undefined) {
			throw new Unknown(next);
		}

		this.#at += 2;
		return `operator${operator}`;
	}

	/** `B5cxx11`: tags of the ABI, of which nobody wants to read. */
	#withTags(name: string): string {
		while (this.#take('B')) {
			this.#sourceName();
		}

		return name;
	}

	#lambda(): string {
		const parameters: string[] = [];
		while (!this.#take('E')) {
			parameters.push(this.#type());
		}

		const index = this.#peek('_') ? 1 : this.#number() + 2;
		this.#expect('_');
		const shown = parameters.length === 1 && parameters[0] === 'void' ? '' : parameters.join(', ');
		return `{lambda(${shown})#${index}}`;
	}

	#substitution(): string {
		const standard = standardNames[this.#text.slice(this.#at, this.#at + 2)];
		if (standard !== undefined) {
			this.#at += 2;
			return standard;
		}

		const code = /^S([\dA-Z]*)_/.exec(this.#text.slice(this.#at, this.#at + 8));
		if (!code) {
			throw new Unknown('substitution');
		}

		this.#at += code[0].length;
		const index = code[1] === '' ? 0 : Number.parseInt(code[1]!, 36) + 1;
		const known = this.#substitutions[index];
		if (known === undefined) {
			throw new Unknown('substitution');
		}

		return known;
	}

	#templateArgumentsOf(): string {
		this.#expect('I');
		const list: string[] = [];
		while (!this.#take('E')) {
			list.push(...this.#templateArgument());
		}

		this.#templateArguments = list;
		return `<${list.join(', ')}>`;
	}

	#templateArgument(): string[] {
		if (this.#take('J')) {
			const list: string[] = [];
			while (!this.#take('E')) {
				list.push(...this.#templateArgument());
			}

			return list;
		}

		return [this.#take('L') ? this.#literal() : this.#type()];
	}

	#literal(): string {
		if (this.#take('_Z')) {
			const name = this.name();
			while (!this.#take('E')) {
				this.#type();
			}

			return name;
		}

		const type = this.#type();
		const value = /^n?\d+(?=E)/.exec(this.#text.slice(this.#at))?.[0] ?? '';
		this.#at += value.length;
		this.#expect('E');
		const text = value.replace('n', '-');
		return type === 'bool' ? (text === '0' ? 'false' : 'true') : text;
	}

	#type(): string {
		if (++this.#depth > deepest) {
			throw new Unknown('too deep');
		}

		try {
			return this.#typeInside();
		} finally {
			this.#depth--;
		}
	}

	#typeInside(): string {
		const two = this.#text.slice(this.#at, this.#at + 2);
		const builtin = builtinTypes[two] ?? builtinTypes[two[0] ?? ''];
		if (builtin !== undefined) {
			this.#at += builtinTypes[two] === undefined ? 1 : 2;
			return builtin;
		}

		const suffix = typeSuffixes[two[0] ?? ''];
		if (suffix !== undefined) {
			this.#at++;
			return this.#remember(this.#type() + suffix);
		}

		if (two === 'Dp') {
			this.#at += 2;
			return this.#type();
		}

		switch (two[0]) {
			case 'F':
				return this.#functionType();
			case 'A':
				return this.#arrayType();
			case 'T':
				return this.#templateParameter();
			case 'S': {
				const name = this.#peek('St') ? this.#remember(this.#name()) : this.#substitution();
				return this.#peek('I') ? this.#remember(name + this.#templateArgumentsOf()) : name;
			}

			default:
				return this.#remember(this.#name());
		}
	}

	#functionType(): string {
		this.#at++;
		const types: string[] = [];
		while (!this.#take('E')) {
			types.push(this.#type());
		}

		const [result = 'void', ...parameters] = types;
		return this.#remember(`${result} (${parameters.filter(each => each !== 'void').join(', ')})`);
	}

	#arrayType(): string {
		this.#at++;
		const size = this.#peek('_') ? '' : String(this.#number());
		this.#expect('_');
		return this.#remember(`${this.#type()} [${size}]`);
	}

	#templateParameter(): string {
		const code = /^T(\d*)_/.exec(this.#text.slice(this.#at, this.#at + 8));
		const index = code ? (code[1] === '' ? 0 : Number(code[1]) + 1) : -1;
		const known = this.#templateArguments[index];
		if (!code || known === undefined) {
			throw new Unknown('parameter');
		}

		this.#at += code[0].length;
		return this.#remember(known);
	}
}

/** The name without parameters; undefined when it isn't a C++ name or has parts that aren't known here. */
export const demangleItanium = (symbol: string): string | undefined => {
	if (!symbol.startsWith('_Z') || symbol.length > longestName) {
		return undefined;
	}

	try {
		return new Parser(symbol.slice(2)).name();
	} catch (error) {
		if (error instanceof Unknown) {
			return undefined;
		}

		throw error;
	}
};
