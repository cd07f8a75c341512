import type {Peek} from './peek.js';

/** One entry of HotSpot's table of its own fields. */
export type VmField = {
	isStatic: boolean;
	/** Offset in the object; of static fields their address. */
	at: number;
	/** Type as the table writes it: `OopHandle`, `int64_t`; empty where it doesn't say. */
	type: string;
};

/** What a running HotSpot says of the layout of its own structures (vmStructs.hpp): no offset has to be known beforehand. */
export type VmStructs = {
	/** By `Type::field`. */
	fields: ReadonlyMap<string, VmField>;
	/** Sizes in bytes, by type. */
	sizes: ReadonlyMap<string, number>;
	constants: ReadonlyMap<string, number>;
};

const tables = {
	fields: 'gHotSpotVMStructs',
	types: 'gHotSpotVMTypes',
	ints: 'gHotSpotVMIntConstants',
	longs: 'gHotSpotVMLongConstants',
} as const;

const entryOf = {
	fields: 'gHotSpotVMStructEntry',
	types: 'gHotSpotVMTypeEntry',
	ints: 'gHotSpotVMIntConstantEntry',
	longs: 'gHotSpotVMLongConstantEntry',
} as const;

const columnsOf = {
	fields: ['TypeName', 'FieldName', 'TypeString', 'IsStatic', 'Offset', 'Address'],
	types: ['TypeName', 'Size'],
	ints: ['Name', 'Value'],
	longs: ['Name', 'Value'],
} as const;

type Table = keyof typeof tables;

const columnSymbol = (table: Table, column: string): string => `${entryOf[table]}${column}Offset`;
const strideSymbol = (table: Table): string => `${entryOf[table]}ArrayStride`;

const allTables = Object.keys(tables) as Table[];

/** What libjvm exports for tools like this one; every build has them. */
export const vmStructSymbols: readonly string[] = allTables.flatMap(table => [
	tables[table],
	strideSymbol(table),
	...columnsOf[table].map(column => columnSymbol(table, column)),
]);

/** Far above any real table, which ends with an empty entry. */
const mostEntries = 10_000;
const widestEntry = 256;

/** Addresses of the columns of each entry; nothing when the table isn't there or can't be one. */
const entriesOf = function* (
	peek: Peek,
	symbols: ReadonlyMap<string, number>,
	table: Table,
): Generator<(column: string) => number> {
	const start = peek.pointer(symbols.get(tables[table]) ?? 0);
	const stride = peek.pointer(symbols.get(strideSymbol(table)) ?? 0);
	const offsets = new Map(
		columnsOf[table].map(column => [
			column as string,
			peek.pointer(symbols.get(columnSymbol(table, column)) ?? 0),
		]),
	);
	if (start === 0 || stride <= 0 || stride > widestEntry) {
		return;
	}

	const [first] = columnsOf[table];
	for (let index = 0; index < mostEntries; index++) {
		const entry = start + index * stride;
		if (peek.pointer(entry + offsets.get(first)!) === 0) {
			return;
		}

		yield column => entry + offsets.get(column)!;
	}
};

/** Reads the tables; undefined where this libjvm has none. About 2,000 entries, so the memory is best read by pages. */
export const readVmStructs = (
	peek: Peek,
	symbols: ReadonlyMap<string, number>,
): VmStructs | undefined => {
	// Each type's name stands once in memory, and in many entries.
	const texts = new Map<number, string>();
	const textAt = (address: number): string => {
		const pointer = peek.pointer(address);
		const text = texts.get(pointer) ?? peek.text(pointer);
		texts.set(pointer, text);
		return text;
	};

	const fields = new Map<string, VmField>();
	for (const at of entriesOf(peek, symbols, 'fields')) {
		const isStatic = peek.uint32(at('IsStatic')) !== 0;
		fields.set(`${textAt(at('TypeName'))}::${textAt(at('FieldName'))}`, {
			isStatic,
			at: peek.pointer(at(isStatic ? 'Address' : 'Offset')),
			type: textAt(at('TypeString')),
		});
	}

	if (fields.size === 0) {
		return undefined;
	}

	const sizes = new Map<string, number>();
	for (const at of entriesOf(peek, symbols, 'types')) {
		sizes.set(textAt(at('TypeName')), peek.pointer(at('Size')));
	}

	const constants = new Map<string, number>();
	for (const at of entriesOf(peek, symbols, 'ints')) {
		// Values are ints: negative ones are none that we ask for.
		constants.set(textAt(at('Name')), peek.uint32(at('Value')) | 0);
	}

	for (const at of entriesOf(peek, symbols, 'longs')) {
		constants.set(textAt(at('Name')), peek.pointer(at('Value')));
	}

	return {fields, sizes, constants};
};

/** Values of some of the JVM's options (`UseCompressedOops`…), which are bytes; those that it doesn't have are missing. */
export const readVmOptions = (
	peek: Peek,
	{fields, sizes}: VmStructs,
	names: readonly string[],
): ReadonlyMap<string, boolean> => {
	const options = new Map<string, boolean>();
	const table = peek.pointer(fields.get('JVMFlag::flags')?.at ?? 0);
	const count = peek.pointer(fields.get('JVMFlag::numFlags')?.at ?? 0);
	const stride = sizes.get('JVMFlag') ?? 0;
	const name = fields.get('JVMFlag::_name');
	const value = fields.get('JVMFlag::_addr');
	if (table === 0 || stride === 0 || !name || !value) {
		return options;
	}

	for (let index = 0; index < Math.min(count, mostEntries); index++) {
		const entry = table + index * stride;
		const option = peek.text(peek.pointer(entry + name.at));
		if (names.includes(option)) {
			const byte = peek.bytes(peek.pointer(entry + value.at), 1)?.[0];
			if (byte === 0 || byte === 1) {
				options.set(option, byte === 1);
			}
		}
	}

	return options;
};
