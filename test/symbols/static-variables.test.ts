import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readElfFile} from '../../source/symbols/elf-file.js';
import {openFile} from '../../source/symbols/mapped-file.js';
import {findStaticVariables, type StaticVariable} from '../../source/symbols/static-variables.js';

const hasCompiler = (() => {
	try {
		execFileSync('cc', ['--version'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
})();

/** Two source files that both have a `queue`; only one of them has a `landmark`. */
const pool = `
static void *queue[2];
static void *landmark[2];
static unsigned count = 3;
void *use_pool(void) { queue[0] = landmark; landmark[0] = &count; return queue; }
`;
const other = `
static void *queue[2];
static unsigned count = 4;
void *use_pool(void);
int main(void) { queue[0] = &count; return queue[0] == use_pool(); }
`;

const landmark: StaticVariable = {name: 'landmark', size: 16};
const wanted: readonly StaticVariable[] = [
	landmark,
	{name: 'queue', size: 16},
	{name: 'count', size: 4},
];

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'ctop-static-'));
});

afterAll(() => rmSync(folder, {recursive: true, force: true}));

const build = (name: string, ...options: readonly string[]): string => {
	const program = path.join(folder, name);
	const sources = Object.entries({'other.c': other, 'pool.c': pool}).map(([file, text]) => {
		writeFileSync(path.join(folder, file), text);
		return path.join(folder, file);
	});
	execFileSync('cc', ['-O0', '-o', program, ...sources, ...options]);
	return program;
};

const find = (program: string, variables = wanted, mark = landmark) => {
	const file = openFile(program)!;
	const found = findStaticVariables(readElfFile(file.read)!, file.read, mark, variables);
	file.close();
	return found;
};

describe.skipIf(!hasCompiler)('variables that a source file keeps to itself', () => {
	test('are those beside the landmark, whatever else has their names', () => {
		const program = build('whole');
		const places = [...find(program)!.values()];
		expect([...find(program)!.keys()]).toEqual(['landmark', 'queue', 'count']);
		// What readelf says of the symbols that follow the file's name.
		const listed = execFileSync('readelf', ['-sW', program], {encoding: 'utf8'}).split('\n');
		const from = listed.findIndex(line => line.endsWith(' pool.c'));
		const ofFile = listed.slice(from + 1, from + 4);
		for (const [index, {name}] of wanted.entries()) {
			const line = ofFile.find(each => each.endsWith(` ${name}`))!;
			expect(places[index]).toBe(Number.parseInt(line.trim().split(/\s+/)[1]!, 16));
		}
	});

	test('are not found in a program whose symbols were taken away', () => {
		expect(find(build('stripped', '-s'))).toBeUndefined();
	});

	test('are not taken for others of another size, nor found without one of them', () => {
		const program = build('sizes');
		expect(find(program, [{name: 'count', size: 8}])).toBeUndefined();
		expect(find(program, [...wanted, {name: 'absent', size: 4}])).toBeUndefined();
	});

	test('need a landmark that is the only one of its name', () => {
		expect(find(build('twice'), wanted, {name: 'queue', size: 16})).toBeUndefined();
	});
});
