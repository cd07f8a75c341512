import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {afterEach, expect, test} from 'vitest';
import {createMemoryReader} from '../../source/procfs/memory.js';

const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
	for (const child of children.splice(0)) {
		child.kill('SIGKILL');
	}

	for (const folder of folders.splice(0)) {
		rmSync(folder, {recursive: true, force: true});
	}
});

/** Prints the address of a text in its memory, then runs another program in its place that does the same. */
const twice = `
import ctypes, os, sys
kept = ctypes.create_string_buffer(sys.argv[1].encode())
print(ctypes.addressof(kept), flush=True)
sys.stdin.readline()
if len(sys.argv) > 3:
    os.execv(sys.executable, [sys.executable, '-c', sys.argv[2], 'after exec', ''])
`;

const hasPython = (() => {
	try {
		execFileSync('python3', ['--version'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
})();

test.skipIf(!hasPython)(
	'memory of another process is read, also after it has run another program',
	async () => {
		// `sys.executable`, not a wrapper script: the pid must be the interpreter's.
		const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
			encoding: 'utf8',
		}).trim();
		const child = spawn(python, ['-c', twice, 'before exec', twice, 'again']);
		children.push(child);
		const memory = createMemoryReader('/proc', child.pid!);
		const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
		const nextNumber = async () => Number((await lines.next()).value);
		const address = await nextNumber();

		expect(memory.read(address, 11)?.toString()).toBe('before exec');

		child.stdin!.write('\n');
		const addressAfter = await nextNumber();

		expect(memory.read(addressAfter, 10)?.toString()).toBe('after exec');
		memory.close();
		expect(memory.read(addressAfter, 10)?.toString()).toBe('after exec');
		memory.close();

		const ended = new Promise(resolve => child.once('exit', resolve));
		child.kill('SIGKILL');
		await ended;
		expect(memory.read(addressAfter, 10)).toBeUndefined();
	},
);

test('what is not mapped, not there or no address at all is undefined', () => {
	const memory = createMemoryReader('/proc', process.pid);

	expect(memory.read(8, 8)).toBeUndefined();
	expect(memory.read(0, 8)).toBeUndefined();
	expect(memory.read(-8, 8)).toBeUndefined();
	expect(memory.read(2 ** 60, 8)).toBeUndefined();
	expect(memory.read(4096, 0)).toBeUndefined();
	memory.close();
	expect(createMemoryReader('/proc', 999_999_999).read(4096, 8)).toBeUndefined();
});

test('fewer bytes than asked for are no answer', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-memory-'));
	folders.push(folder);
	mkdirSync(path.join(folder, '7'));
	writeFileSync(path.join(folder, '7', 'mem'), 'some bytes');
	const memory = createMemoryReader(folder, 7);

	expect(memory.read(5, 5)?.toString()).toBe('bytes');
	expect(memory.read(5, 6)).toBeUndefined();
	memory.close();
});

// The kernel refuses even root to read a setting that can only be written.
const writeOnly = '/proc/sys/net/ipv4/route/flush';

test.skipIf(!existsSync(writeOnly))('memory that the kernel refuses is null', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-memory-'));
	folders.push(folder);
	mkdirSync(path.join(folder, '7'));
	symlinkSync(writeOnly, path.join(folder, '7', 'mem'));

	expect(createMemoryReader(folder, 7).read(4096, 8)).toBeNull();
});
