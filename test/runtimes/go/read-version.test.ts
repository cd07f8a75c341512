import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterAll, expect, test} from 'vitest';
import {readGoVersionOfFile} from '../../../source/runtimes/go/read-version.js';
import {writeElfWithSections} from '../../helpers/elf.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-go-'));
afterAll(() => rmSync(folder, {recursive: true}));

const headerBytes = 64;
const programHeaderBytes = 56;
const dataAt = 4096;

/** An ELF file with one part that is mapped, which begins with these bytes. */
const program = (name: string, data: Buffer): string => {
	const bytes = Buffer.alloc(dataAt + 8192);
	bytes.write('\u007FELF\u0002\u0001', 'latin1');
	bytes.writeBigUInt64LE(BigInt(headerBytes), 32);
	bytes.writeUInt16LE(programHeaderBytes, 54);
	bytes.writeUInt16LE(1, 56);
	bytes.writeUInt32LE(1, headerBytes);
	bytes.writeBigUInt64LE(BigInt(dataAt), headerBytes + 8);
	bytes.writeBigUInt64LE(8192n, headerBytes + 40);
	data.copy(bytes, dataAt);
	const file = path.join(folder, name);
	writeFileSync(file, bytes);
	return file;
};

/** What Go's linker writes about itself. */
const description = (): Buffer => {
	const info = Buffer.alloc(64);
	info.write('\u00FF Go buildinf:', 'latin1');
	info[15] = 2;
	info[32] = 6;
	info.write('go1.22', 33, 'latin1');
	return info;
};

test('a file tells that Go made it, without a process that runs it', () => {
	const info = description();
	expect(readGoVersionOfFile(program('server', info))).toBe('1.22');
});

test('other files and those that cannot be read are none of Go', () => {
	expect(readGoVersionOfFile(program('other', Buffer.from('data')))).toBeUndefined();
	expect(readGoVersionOfFile(process.execPath)).toBeUndefined();
	expect(readGoVersionOfFile(path.join(folder, 'missing'))).toBeUndefined();
	expect(readGoVersionOfFile(folder)).toBeUndefined();
});

test('another linker may put what tells anywhere: it is found by its section', () => {
	const file = writeElfWithSections(path.join(folder, 'linked'), [
		{name: '.data', bytes: Buffer.alloc(300_000)},
		{name: '.go.buildinfo', bytes: description()},
	]);
	expect(readGoVersionOfFile(file)).toBe('1.22');
	const stripped = [{name: '.gopclntab', bytes: Buffer.alloc(16)}];
	expect(readGoVersionOfFile(writeElfWithSections(path.join(folder, 'bare'), stripped))).toBe('');
});
