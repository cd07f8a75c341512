import {demangleItanium} from './demangle-itanium.js';
import {demangleRust} from './demangle-rust.js';

/** What Rust's older scheme writes for characters that C++ names can't have. */
const rustEscapes: Readonly<Record<string, string>> = {
	SP: '@',
	BP: '*',
	RF: '&',
	LT: '<',
	GT: '>',
	LP: '(',
	RP: ')',
	C: ',',
};

/** Rust's names end in a hash of 16 digits. */
const rustHash = /::h[\da-f]{16}$/;

const unescapeRust = (name: string): string =>
	name
		.replace(rustHash, '')
		.replace(/_\$/g, '$')
		.replace(/\$(\w{1,2}|u[\da-f]{1,6})\$/g, (all, code: string) => {
			const known = rustEscapes[code];
			return (
				known ??
				(code.startsWith('u') ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : all)
			);
		})
		.replaceAll('..', '::');

/**
A symbol's name as its programmer wrote it, without parameters: C++ (Itanium ABI) and Rust. A name that isn't mangled, or that is so in
a way that isn't known here, is given back as it is; so is what the compiler appended to a function's clones (`.cold`).
*/
export const demangle = (symbol: string): string => {
	const [mangled = '', ...suffix] = symbol.split(
		/(?=\.(?:cold|part|constprop|isra|lto_priv|llvm)\b)/,
	);
	const name = demangleItanium(mangled) ?? demangleRust(mangled);
	if (name === undefined) {
		return symbol;
	}

	return `${rustHash.test(name) ? unescapeRust(name) : name}${suffix.join('')}`;
};
