/** What the letters of mangled Rust names stand for; see demangle-rust.ts. */

/** What the compiler makes itself; it may have a name of its own. */
export const specialNamespaces: Readonly<Record<string, string>> = {C: 'closure', S: 'shim'};

export const basicTypes: Readonly<Record<string, string>> = {
	a: 'i8',
	b: 'bool',
	c: 'char',
	d: 'f64',
	e: 'str',
	f: 'f32',
	h: 'u8',
	i: 'isize',
	j: 'usize',
	l: 'i32',
	m: 'u32',
	n: 'i128',
	o: 'u128',
	p: '_',
	s: 'i16',
	t: 'u16',
	u: '()',
	v: '...',
	x: 'i64',
	y: 'u64',
	z: '!',
};

export const prefixes: Readonly<Record<string, string>> = {
	R: '&',
	Q: '&mut ',
	P: '*const ',
	O: '*mut ',
};
