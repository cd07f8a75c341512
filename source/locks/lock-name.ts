/** Where a lock lies, as far as that is known. */
export type LockPlace = {
	address: number;
	/** Symbol that it lies in, and how far behind the symbol's beginning. */
	symbol?: {name: string; offset: number};
	/** Base name of the file whose variable it is. */
	file?: string;
	/** Address in that file. */
	fileAddress?: number;
	/** `[heap]`, `anonymous`…, and where that begins. */
	region?: string;
	regionStart?: number;
};

const hexadecimal = (value: number): string => `0x${value.toString(16)}`;

/** `program!symbol+0x28`, `libc.so.6+0x1d5a10` where no symbol is known, `[heap]+0x11ef0`, or the bare address. */
export const lockName = ({
	address,
	symbol,
	file,
	fileAddress,
	region,
	regionStart,
}: LockPlace): string => {
	if (file !== undefined && symbol) {
		return `${file}!${symbol.name}${symbol.offset === 0 ? '' : `+${hexadecimal(symbol.offset)}`}`;
	}

	if (file !== undefined && fileAddress !== undefined) {
		return `${file}+${hexadecimal(fileAddress)}`;
	}

	// Anonymous mappings move and merge: only the address itself says which it is.
	return region?.startsWith('[') && regionStart !== undefined
		? `${region}+${hexadecimal(address - regionStart)}`
		: `${region === undefined ? '' : `${region} `}${hexadecimal(address)}`;
};

/** Whether a name is no more than an address, on a heap or in other memory that has no names of its own. */
export const isBareAddress = (name: string): boolean =>
	/^(?:\[[^\]]*\]\+|[^!+]* )?0x[\da-f]+$/.test(name);

/** Names of locks that are known by what they are called. */
const knownSymbols: readonly (readonly [pattern: RegExp, kind: string])[] = [
	[/^_rtld_(?:global|local)$/, 'loader'],
	[/^_dl_load_(?:write_)?lock$/, 'loader'],
	[/^main_arena$/, 'arena'],
	[/^_IO_stdfile_\d_lock$/, 'stdio'],
];

/** Kind of lock that the symbol it lies in tells; undefined for most. */
export const kindBySymbol = (symbol: string): string | undefined =>
	knownSymbols.find(([pattern]) => pattern.test(symbol))?.[1];
