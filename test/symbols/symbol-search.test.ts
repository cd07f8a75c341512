import {expect, test} from 'vitest';
import type {ElfSymbolTable} from '../../source/symbols/elf-file.js';
import type {MappedFile} from '../../source/symbols/mapped-file.js';
import {createSymbolSearch} from '../../source/symbols/symbol-search.js';

const symbolBytes = 24;

/** A file of that many functions of 16 bytes each, all of the same name, that counts how often it is read. */
const fileOf = (count: number): {file: MappedFile; table: ElfSymbolTable; reads: () => number} => {
	const bytes = Buffer.alloc(count * symbolBytes + 8);
	for (let index = 0; index < count; index++) {
		bytes.writeUInt8(2, index * symbolBytes + 4);
		bytes.writeUInt16LE(1, index * symbolBytes + 6);
		bytes.writeUInt32LE(index * 16, index * symbolBytes + 8);
		bytes.writeUInt32LE(16, index * symbolBytes + 16);
	}

	bytes.write('f\0', count * symbolBytes);
	let reads = 0;
	return {
		reads: () => reads,
		table: {
			offset: 0,
			size: count * symbolBytes,
			namesOffset: count * symbolBytes,
			namesSize: 2,
			isDynamic: false,
		},
		file: {
			identity: '',
			close() {},
			read: (offset, length) => bytes.subarray(offset, offset + length),
			async readLater(buffer, offset, length) {
				reads++;
				return bytes.copy(buffer, 0, offset, offset + length);
			},
		},
	};
};

const turnsOfTheLoop = async (count: number): Promise<void> => {
	for (let turn = 0; turn < count; turn++) {
		await new Promise(resolve => setImmediate(resolve));
	}
};

test('files are searched one after the other, and what a first table has is not looked for in the next', async () => {
	const search = createSymbolSearch();
	const first = fileOf(10);
	const second = fileOf(10);
	const done: string[] = [];
	search.enqueue(async lookUp => {
		const found = await lookUp(first.file, [first.table, first.table], [5, 40]);
		expect([...found].map(([address, {name, start}]) => [address, name, start])).toEqual([
			[5, 'f', 0],
			[40, 'f', 32],
		]);
		done.push(`first, ${first.reads()} reads`);
	});
	search.enqueue(async lookUp => {
		expect((await lookUp(second.file, [second.table], [1000])).size).toBe(0);
		done.push('second');
	});
	await expect.poll(() => done).toEqual(['first, 1 reads', 'second']);
});

test('a table of millions is gone over in portions, and the program goes on meanwhile', async () => {
	const search = createSymbolSearch();
	const {file, table, reads} = fileOf(1_000_000);
	let found: number | undefined;
	search.enqueue(async lookUp => {
		found = (await lookUp(file, [table], [999_999 * 16])).get(999_999 * 16)?.start;
	});
	await turnsOfTheLoop(1000);
	const readsOfOnePortion = reads();
	expect(readsOfOnePortion).toBeGreaterThan(10);
	expect(readsOfOnePortion).toBeLessThan(150);
	expect(found).toBeUndefined();

	search.proceed();
	await turnsOfTheLoop(1000);
	expect(reads()).toBe(2 * readsOfOnePortion);
	expect(found).toBeUndefined();

	search.proceed();
	await expect.poll(() => found).toBe(999_999 * 16);
});

test('a file that ends before its table does is searched as far as it goes', async () => {
	const search = createSymbolSearch();
	const {file, table} = fileOf(10);
	let found: readonly number[] | undefined;
	search.enqueue(async lookUp => {
		found = [...(await lookUp(file, [{...table, size: 2 ** 20}, table], [5])).keys()];
	});
	await expect.poll(() => found).toEqual([5]);
});

const withNames = (names: readonly string[]): {file: MappedFile; table: ElfSymbolTable} => {
	const bytes = Buffer.alloc(names.length * symbolBytes);
	let nameAt = 0;
	for (const [index, name] of names.entries()) {
		bytes.writeUInt32LE(nameAt, index * symbolBytes);
		bytes.writeUInt16LE(1, index * symbolBytes + 6);
		bytes.writeUInt32LE((index + 1) * 16, index * symbolBytes + 8);
		nameAt += name.length + 1;
	}

	const all = Buffer.concat([bytes, Buffer.from(names.map(name => `${name}\0`).join(''))]);
	return {
		table: {
			offset: 0,
			size: bytes.length,
			namesOffset: bytes.length,
			namesSize: all.length - bytes.length,
			isDynamic: false,
		},
		file: {
			identity: '',
			close() {},
			read: (offset, length) => all.subarray(offset, offset + length),
			readLater: async (buffer, offset, length) => all.copy(buffer, 0, offset, offset + length),
		},
	};
};

test('symbols are found by their names wherever those stand, also across two parts, and not within longer ones', async () => {
	const search = createSymbolSearch();
	const names = Array.from({length: 40_000}, (_, index) => `function_numbered_${index}`);
	const {file, table} = withNames([...names, 'my_word', 'word', 'last']);
	// The first part ends in one of these.
	const near = names.slice(4000, 4900);
	let found: ReadonlyMap<string, number> = new Map();
	search.enqueue(async (_, findNames) => {
		for (let from = 0; from < near.length; from += 30) {
			found = new Map([...found, ...(await findNames(file, [table], near.slice(from, from + 30)))]);
		}

		const rest = await findNames(file, [table, table], ['word', 'last', 'ord', 'missing']);
		found = new Map([...found, ...rest]);
	});
	await expect
		.poll(
			() => {
				search.proceed();
				return found.get('last');
			},
			{timeout: 20_000},
		)
		.toBe(40_003 * 16);
	expect(found.get('word')).toBe(40_002 * 16);
	expect(found.has('ord')).toBe(false);
	expect(found.has('missing')).toBe(false);
	expect(found.size).toBe(near.length + 2);
	expect(
		[...found].every(
			([name, address]) =>
				!name.startsWith('function') || address === (Number(name.slice(18)) + 1) * 16,
		),
	).toBe(true);
});
