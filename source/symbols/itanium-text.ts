/** How parts of C++ names are written, as c++filt(1) does. */

/** What tells a number of such a type from an `int`. */
const numberSuffixes: Readonly<Record<string, string>> = {
	int: '',
	'unsigned int': 'u',
	long: 'l',
	'unsigned long': 'ul',
	'long long': 'll',
	'unsigned long long': 'ull',
};

/** A constant in a template's arguments; `value` is as it is mangled, `n1` for -1. */
export const literalText = (type: string, value: string): string => {
	if (type === 'bool') {
		return value === '0' ? 'false' : 'true';
	}

	const text = value.replace('n', '-');
	const suffix = numberSuffixes[type];
	return suffix === undefined ? `(${type})${text}` : text + suffix;
};

/** `void (int)`, or with `*` in it a pointer to such a function: `void (*)(int)`, `void (shop::Cart::*)(int) const`. */
export const functionText = (
	types: readonly string[],
	{inside = '', qualifiers = ''}: {inside?: string; qualifiers?: string} = {},
): string => {
	const [result = 'void', ...parameters] = types;
	const list = parameters.filter(each => each !== 'void').join(', ');
	return `${result} ${inside === '' ? '' : `(${inside})`}(${list})${qualifiers}`;
};

export const lambdaText = (parameters: readonly string[], index: number): string => {
	const isWithout = parameters.length === 1 && parameters[0] === 'void';
	return `{lambda(${isWithout ? '' : parameters.join(', ')})#${index}}`;
};
