import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {parseMaps} from '../../source/procfs/maps.js';
import {loadBias, type ReadBytes, readElfFile} from '../../source/symbols/elf-file.js';
import {findElfSymbols} from '../../source/symbols/elf-symbol.js';
import {openMappedFile} from '../../source/symbols/mapped-file.js';

/** Prints where its variables are, and waits. */
const source = `
#include <stdio.h>
int exported_word = 7;
char exported_zeroes[100000];
static int hidden_word = 8;
int main(void) {
	printf("%p %p %p\\n", (void *)&exported_word, (void *)exported_zeroes, (void *)&hidden_word);
	fflush(stdout);
	return getchar();
}
`;

const hasCompiler = (() => {
	try {
		execFileSync('cc', ['--version'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
})();

let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'ctop-elf-'));
});

afterAll(() => rmSync(folder, {recursive: true, force: true}));

afterEach(() => {
	child?.kill('SIGKILL');
	child = undefined;
});

const build = (name: string, options: readonly string[]): string => {
	const program = path.join(folder, name);
	execFileSync('cc', ['-x', 'c', '-', '-o', program, '-rdynamic', ...options], {input: source});

	return program;
};

const start = async (program: string): Promise<{pid: number; addresses: number[]}> => {
	const started = spawn(program);
	child = started;
	const {value} = await createInterface(started.stdout)[Symbol.asyncIterator]().next();

	return {pid: started.pid!, addresses: String(value).split(' ').map(Number)};
};

const names = ['exported_word', 'exported_zeroes', 'hidden_word'];

const locate = (pid: number, program: string): (number | undefined)[] => {
	const mappings = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
	const mapping = mappings.find(({path: mapped}) => mapped === program)!;
	const file = openMappedFile('/proc', pid, mapping)!;
	const elf = readElfFile(file.read)!;
	const bias = loadBias(elf, mapping)!;
	const symbols = findElfSymbols(elf, file.read, names);
	file.close();

	return names.map(name => (symbols.has(name) ? bias + symbols.get(name)! : undefined));
};

test.skipIf(!hasCompiler).each([
	['moved about', ['-fPIE', '-pie']],
	['at a fixed address', ['-no-pie', '-fno-pie']],
])('variables of a running program, %s, are where it says they are', async (name, options) => {
	const program = build(name.replaceAll(' ', '-'), options);
	const {pid, addresses} = await start(program);

	expect(locate(pid, program)).toEqual(addresses);
});

test.skipIf(!hasCompiler)('a stripped program still has what it exports', async () => {
	const program = build('stripped', ['-s']);
	const {pid, addresses} = await start(program);

	expect(locate(pid, program)).toEqual([addresses[0], addresses[1], undefined]);
});

test.skipIf(!hasCompiler)(
	'another file in the place of the one that runs is not taken for it',
	async () => {
		const program = build('replaced', []);
		const {pid} = await start(program);
		const mapping = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8')).find(
			({path: mapped}) => mapped === program,
		)!;
		const other = path.join(folder, 'other');
		writeFileSync(other, 'something else');
		renameSync(other, program);
		const file = openMappedFile('/proc', pid, mapping);

		// With enough privilege the kernel still hands out the file that runs.
		expect(file?.read(1, 3)?.toString() ?? 'ELF').toBe('ELF');
		file?.close();
		expect(openMappedFile('/proc', pid, {...mapping, inode: 1, start: 0, end: 1})).toBeUndefined();
	},
);

const readFrom =
	(bytes: Buffer): ReadBytes =>
	(offset, length) =>
		offset + length <= bytes.length ? bytes.subarray(offset, offset + length) : undefined;

test('damaged, foreign and empty files are refused or have no symbols', () => {
	const own = readFileSync('/proc/self/exe').subarray(0, 4096);
	const notElf = Buffer.from(own);
	notElf[0] = 0;
	const bigEndian = Buffer.from(own);
	bigEndian[5] = 2;

	expect(readElfFile(readFrom(Buffer.alloc(0)))).toBeUndefined();
	expect(readElfFile(readFrom(notElf))).toBeUndefined();
	expect(readElfFile(readFrom(bigEndian))).toBeUndefined();

	// Cut short behind its headers: the sections, at the end, are gone.
	const cut = readElfFile(readFrom(own))!;
	expect(cut.loads.length).toBeGreaterThan(0);
	expect(findElfSymbols(cut, readFrom(own), ['main']).size).toBe(0);

	const table = {offset: 0, size: 2 ** 40, namesOffset: 0, namesSize: 1, isDynamic: false};
	const huge = {...cut, symbolTables: [table]};
	expect(
		findElfSymbols(huge, () => {
			throw new Error('read');
		}, ['main']).size,
	).toBe(0);
});
