import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {deflateSync} from 'node:zlib';
import {afterAll, expect, test} from 'vitest';
import {readDebugSection, readSections} from '../../source/symbols/elf-section.js';
import {openFile} from '../../source/symbols/mapped-file.js';
import {type GivenSection, writeElfWithSections} from '../helpers/elf.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-sections-'));
afterAll(() => rmSync(folder, {recursive: true}));

const compressed = 0x800n;
const most = 2 ** 20;
const content = Buffer.from('what a compiler knows '.repeat(100));

const program = (name: string, given: readonly GivenSection[]): string =>
	writeElfWithSections(path.join(folder, name), given);

const compressionHeader = (type: number, length: number): Buffer => {
	const header = Buffer.alloc(24);
	header.writeUInt32LE(type, 0);
	header.writeBigUInt64LE(BigInt(length), 8);
	return header;
};

const oldHeader = (length: number): Buffer => {
	const header = Buffer.alloc(12);
	header.write('ZLIB');
	header.writeBigUInt64BE(BigInt(length), 4);
	return header;
};

const small = deflateSync(content);
const files: Readonly<Record<string, GivenSection>> = {
	plain: {name: '.debug_info', bytes: content},
	compressed: {
		name: '.debug_info',
		bytes: Buffer.concat([compressionHeader(1, content.length), small]),
		flags: compressed,
	},
	'compressed as it was before': {
		name: '.zdebug_info',
		bytes: Buffer.concat([oldHeader(content.length), small]),
	},
};

const infoOf = async (file: string, given: GivenSection, mostBytes = most) => {
	const opened = openFile(program(file, [{name: '.text', bytes: Buffer.alloc(10)}, given]))!;
	try {
		return (await readDebugSection(opened, 'info', mostBytes))?.toString();
	} finally {
		opened.close();
	}
};

test.for(Object.entries(files))('a section of debug information, %s', async ([name, given]) => {
	expect(await infoOf(name, given)).toBe(content.toString());
	expect(await infoOf(name, given, content.length - 1)).toBeUndefined();
});

test('one that is compressed in another way, or damaged, tells nothing', async () => {
	const inAnotherWay = Buffer.concat([compressionHeader(2, content.length), small]);
	const damaged = Buffer.concat([compressionHeader(1, content.length), small.subarray(9)]);
	const longer = Buffer.concat([compressionHeader(1, 10), small]);
	for (const [index, bytes] of [inAnotherWay, damaged, longer].entries()) {
		const given = {name: '.debug_info', bytes, flags: compressed};
		expect(await infoOf(`damaged${index}`, given)).toBeUndefined();
	}

	expect(await infoOf('other', {name: '.debug_line', bytes: content})).toBeUndefined();
});

test('the names of all sections; none of a file that is no program', () => {
	const opened = openFile(program('names', [files['plain']!]))!;
	expect(readSections(opened.read).map(({name}) => name)).toEqual(['', '.debug_info', '.shstrtab']);
	opened.close();
	expect(readSections(() => Buffer.alloc(64))).toEqual([]);
	expect(readSections(() => undefined)).toEqual([]);
});
