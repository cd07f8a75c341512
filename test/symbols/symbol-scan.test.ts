import {expect, test} from 'vitest';
import type {ElfSymbolTable, ReadBytes} from '../../source/symbols/elf-file.js';
import {type FoundSymbol, scanSymbols} from '../../source/symbols/symbol-scan.js';

type Symbol = {
	name: string;
	start: number;
	size: number;
	type?: number;
	isLocal?: boolean;
	section?: number;
};

/** A file that is nothing but a table of symbols and their names. */
const fileOf = (symbols: readonly Symbol[]): {table: ElfSymbolTable; read: ReadBytes} => {
	const names = Buffer.from(`\0${symbols.map(({name}) => name).join('\0')}\0`);
	const table = Buffer.alloc(symbols.length * 24);
	let nameAt = 1;
	for (const [index, {name, start, size, type = 2, isLocal, section = 1}] of symbols.entries()) {
		table.writeUInt32LE(nameAt, index * 24);
		table.writeUInt8((isLocal ? 0 : 16) + type, index * 24 + 4);
		table.writeUInt16LE(section, index * 24 + 6);
		table.writeBigUInt64LE(BigInt(start), index * 24 + 8);
		table.writeBigUInt64LE(BigInt(size), index * 24 + 16);
		nameAt += Buffer.byteLength(name) + 1;
	}

	const file = Buffer.concat([table, names]);
	return {
		table: {
			offset: 0,
			size: table.length,
			namesOffset: table.length,
			namesSize: names.length,
			isDynamic: false,
		},
		read: (offset, length) =>
			offset + length <= file.length ? file.subarray(offset, offset + length) : undefined,
	};
};

/** Goes over the whole table at once. */
const scan = (
	table: ElfSymbolTable,
	read: ReadBytes,
	addresses: readonly number[],
): ReadonlyMap<number, FoundSymbol> => {
	const pass = scanSymbols(table, addresses);
	for (let part = pass.next(); part; part = pass.next()) {
		const bytes = read(part.offset, part.length);
		if (!bytes) {
			break;
		}

		pass.take(new Uint32Array(new Uint8Array(bytes).buffer));
	}

	return pass.finish(read);
};

const find = (symbols: readonly Symbol[], ...addresses: number[]) => {
	const {table, read} = fileOf(symbols);
	const found = scan(table, read, addresses);
	return addresses.map(address => found.get(address)?.name);
};

test('an address is in the symbol that holds it, to its last byte', () => {
	const symbols = [
		{name: 'first', start: 0x1000, size: 0x20},
		{name: 'second', start: 0x1020, size: 8},
	];
	expect(find(symbols, 0x1000, 0x101f, 0x1020, 0x1028, 0xfff)).toEqual([
		'first',
		'first',
		'second',
		undefined,
		undefined,
	]);
});

test('the nearest below counts where two hold it, and of one place the name that people know', () => {
	const symbols = [
		{name: 'outer', start: 0x1000, size: 0x100},
		{name: '__inner', start: 0x1010, size: 0x10},
		{name: 'inner', start: 0x1010, size: 0x10},
		{name: 'a', start: 0x1010, size: 0x10, isLocal: true},
	];
	expect(find(symbols, 0x1014, 0x1030)).toEqual(['inner', 'outer']);
});

test('symbols of other files, of files, of sections and of threads’ own memory are no places', () => {
	const symbols = [
		{name: 'imported', start: 0x1000, size: 16, section: 0},
		{name: 'local.c', start: 0x1000, size: 16, type: 4},
		{name: 'errno', start: 0x1000, size: 16, type: 6},
	];
	expect(find(symbols, 0x1004)).toEqual([undefined]);
});

test('a version behind the name is left out', () => {
	expect(find([{name: 'poll@@GLIBC_2.2.5', start: 1, size: 9}], 4)).toEqual(['poll']);
});

test('a name is told as it stands in the file and as its programmer wrote it', () => {
	const {table, read} = fileOf([{name: '_ZN4shop5stockE', start: 1, size: 9}]);
	expect(scan(table, read, [4]).get(4)).toMatchObject({
		name: '_ZN4shop5stockE',
		readable: 'shop::stock',
	});
});

test('of more symbols than are read at once none is missed', () => {
	const symbols = Array.from({length: 10_000}, (_, index) => ({
		name: `f${index}`,
		start: 2 ** 32 + index * 16,
		size: 16,
	}));
	expect(find(symbols, 2 ** 32, 2 ** 32 + 4096 * 16 + 3, 2 ** 32 + 9999 * 16)).toEqual([
		'f0',
		'f4096',
		'f9999',
	]);
});

test('a damaged table is no answer and no endless reading', () => {
	const {table, read} = fileOf([{name: 'f', start: 1, size: 9}]);
	expect(scan({...table, size: 2 ** 40}, read, [4]).size).toBe(0);
	expect(scan({...table, namesOffset: 2 ** 40}, read, [4]).size).toBe(0);
	expect(scan(table, () => undefined, [4]).size).toBe(0);
});
