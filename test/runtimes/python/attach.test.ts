import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {type Mapping, parseMaps} from '../../../source/procfs/maps.js';
import {createPythonSymbols} from '../../../source/runtimes/python/attach.js';
import type {PythonInterpreter} from '../../../source/runtimes/python/interpreter.js';
import {createSymbolSearch} from '../../../source/symbols/symbol-search.js';
import {missingForZoo} from '../../helpers/zoo.js';

const missing = missingForZoo('exchange.c');

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'ctop-attach-'));
});

afterEach(async () => {
	if (child) {
		const ended = new Promise(resolve => child!.once('exit', resolve));
		child.kill('SIGKILL');
		await ended;
		child = undefined;
	}

	rmSync(folder, {recursive: true});
});

/** A program with that many symbols, and one that has the name of CPython's own state; it tells where that lies. */
const start = async (symbols: number, ...options: string[]) => {
	const labels = Array.from({length: symbols}, (_, index) => `a_function_${index}: .byte 0`);
	const source = `#include <stdio.h>
long _PyRuntime[8] = {1};
asm(".text\\n${labels.join('\\n')}\\n");
int main(void) { printf("%p\\n", (void *)_PyRuntime); fflush(stdout); getchar(); return 0; }
`;
	const file = path.join(folder, 'program');
	writeFileSync(`${file}.c`, source);
	execFileSync('cc', ['-o', file, `${file}.c`, ...options]);
	const started = spawn(file);
	child = started;
	const {value} = await createInterface(started.stdout)[Symbol.asyncIterator]().next();
	const maps = parseMaps(readFileSync(`/proc/${started.pid}/maps`, 'utf8'));
	const mapping: Mapping = maps.find(({path: mapped}) => mapped === file)!;
	const interpreter = {version: '3.12', major: 3, minor: 12, mapping} as PythonInterpreter;
	return {pid: started.pid!, address: Number(value), interpreter};
};

test.skipIf(missing)(
	'symbols of a program with few of them, or that exports them, are found at once',
	async () => {
		const few = await start(10);
		const symbolsOf = createPythonSymbols('/proc', createSymbolSearch());
		expect(symbolsOf(few.pid, few.interpreter)?.get('_PyRuntime')).toBe(few.address);
	},
);

test.skipIf(missing)(
	'those of a large program that keeps them to itself are found in the background',
	async () => {
		const large = await start(40_000);
		const search = createSymbolSearch();
		const symbolsOf = createPythonSymbols('/proc', search);
		expect(symbolsOf(large.pid, large.interpreter)).toBeUndefined();
		await expect
			.poll(
				() => {
					search.proceed();
					return symbolsOf(large.pid, large.interpreter)?.get('_PyRuntime');
				},
				{timeout: 20_000},
			)
			.toBe(large.address);
	},
);

test.skipIf(missing)(
	'a large program that exports them has its full table left alone',
	async () => {
		const large = await start(40_000, '-rdynamic');
		const symbolsOf = createPythonSymbols('/proc', createSymbolSearch());
		expect(symbolsOf(large.pid, large.interpreter)?.get('_PyRuntime')).toBe(large.address);
	},
);

test.skipIf(missing)('a program that is gone has none', async () => {
	const {interpreter} = await start(10);
	const symbolsOf = createPythonSymbols('/proc', createSymbolSearch());
	expect(symbolsOf(2 ** 22 + 1, interpreter)).toEqual(new Map());
});
