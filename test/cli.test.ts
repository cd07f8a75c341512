import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ctopFile, runCtop, takeSnapshot} from './helpers/ctop.js';

let directory = '';

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-cli-'));
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

const expectUsageError = async (words: readonly string[], message: RegExp) => {
	const {code, output, errors} = await runCtop(words, {directory});
	expect(errors).toMatch(message);
	expect(errors.trimEnd().split('\n')).toHaveLength(1);
	expect(output).toBe('');
	expect(code).toBe(2);
};

describe('what is printed and left', () => {
	test('--help names every command and ends with 0', async () => {
		const {code, output} = await runCtop(['--help']);
		expect(code).toBe(0);
		expect(output).toMatch(/ctop snapshot.*JSON/);
		expect(output).toMatch(/ctop replay FILE/);
	});

	test('-V prints the version of package.json', async () => {
		const {version} = JSON.parse(
			readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'),
		) as {version: string};
		const {code, output} = await runCtop(['-V']);
		expect(output).toBe(`ctop ${version}\n`);
		expect(code).toBe(0);
	});

	test.each([
		[['--bogus'], /unknown option --bogus/],
		[['-x'], /unknown option -x/],
		[['frobnicate'], /unknown command 'frobnicate'/],
		[['-d'], /-d needs a value/],
		[['-d', 'soon', '-b'], /'soon' is not a duration/],
		[['-d', '0', '-b'], /not between/],
		[['-b', '-n', '0'], /not a whole number/],
		[['-p', 'abc', '-b'], /'abc' is not a whole number/],
		[['--sort', 'size', '-b'], /none of switches/],
		[['--fail-on', 'any', '-b'], /none of critical/],
		[['--color', 'mauve', '-b'], /none of auto/],
		[['-F', '/(/', '-b'], /--filter/],
		[['--proc', 'nowhere', '-b'], /does not look like \/proc/],
		[['replay'], /needs a file/],
		[['replay', 'nowhere.json'], /no such file/],
		[['explain', 'nonsense'], /no diagnosis 'nonsense'/],
		[['snapshot', 'extra'], /don't know what to do with 'extra'/],
	])('%j is refused in one line with status 2', async (words, message) => {
		await expectUsageError(words, message);
	});

	test('without a terminal it prints one frame without escape codes', async () => {
		const {code, output, errors} = await runCtop([]);
		expect(code).toBe(0);
		expect(errors).toMatch(/no terminal/);
		expect(output).toMatch(/PPID +PID STAT/);
		expect(output).not.toContain('\u001B');
	});

	test('-b -n 2 prints two frames, each of which has rates', async () => {
		const {code, output} = await runCtop(['-b', '-n', '2', '-d', '0.3']);
		expect(code).toBe(0);
		expect(output.match(/PPID +PID STAT/g)).toHaveLength(2);
		expect(output).not.toContain('no interval yet');
	});

	test('a reader that closes the pipe early is no error', async () => {
		const {code, errors} = await runCtop([], {
			file: writeScript(
				'early.mjs',
				`import {spawnSync} from 'node:child_process';
				const result = spawnSync('sh', ['-c', '"$0" "$1" -b -n 50 -d 0.1 | head -n 1', process.execPath, ${JSON.stringify(ctopFile)}], {encoding: 'utf8'});
				process.stderr.write(result.stderr);
				process.exit(result.status);`,
			),
		});
		expect(errors).toBe('');
		expect(code).toBe(0);
	});

	test('processes that are not there end it with 4', async () => {
		const {code, errors} = await runCtop(['-b', '-n', '1', '-d', '0.2', '-p', '99999999']);
		expect(errors).toMatch(/no process 99999999/);
		expect(code).toBe(4);
	});

	test('-p shows a process and its descendants only', async () => {
		const snapshot = await takeSnapshot(0.5, ['-p', String(process.pid), '-d', '0.2']);
		const shown = new Set(snapshot.processes.map(({pid}) => pid));
		expect(shown.has(process.pid)).toBe(true);
		// ctop itself is a child of this process.
		expect(shown.has(snapshot.sampling.ownPid)).toBe(true);
		for (const {pid, parentPid} of snapshot.processes) {
			expect(pid === process.pid || shown.has(parentPid)).toBe(true);
		}
	});

	test('its own arguments stay visible in process lists', async () => {
		const snapshot = await takeSnapshot(0.5, ['-d', '0.2']);
		const own = snapshot.processes.find(({pid}) => pid === snapshot.sampling.ownPid);
		expect(own?.commandLine).toContain('snapshot');
	});
});

const writeScript = (name: string, text: string): string => {
	const file = path.join(directory, name);
	writeFileSync(file, text);
	return file;
};

describe('files', () => {
	test('snapshot writes a file that only its owner can read', async () => {
		const folder = path.join(directory, 'saved');
		mkdirSync(folder);
		const {code, errors} = await runCtop(['snapshot', '--for', '0.3', '-d', '0.1'], {
			directory: folder,
		});
		expect(code).toBe(0);
		const [name] = readdirSync(folder);
		expect(name).toMatch(/^ctop-.+-\d{8}T\d{6}Z\.json$/);
		expect(errors).toContain(name);
		expect(statSync(path.join(folder, name!)).mode & 0o777).toBe(0o600);
	});

	test('snapshot never writes over a file', async () => {
		const file = writeScript('precious.json', 'precious');
		const {code, errors} = await runCtop(['snapshot', '--for', '0.3', '-d', '0.1', '-o', file]);
		expect(code).toBe(2);
		expect(errors).toMatch(/exists; not overwritten/);
		expect(readFileSync(file, 'utf8')).toBe('precious');
		expect(readdirSync(directory).filter(name => name.includes('unfinished'))).toEqual([]);
	});

	test('what snapshot wrote is what replay shows', async () => {
		const file = path.join(directory, 'again.json');
		await runCtop(['snapshot', '--for', '0.5', '-d', '0.2', '-o', file]);
		const {code, output} = await runCtop(['replay', file]);
		expect(code).toBe(0);
		expect(output).toContain(`${process.pid}`);
		expect(output).toMatch(/PPID +PID STAT/);
	});

	test.each([
		['cut.json', '{"kind":"ctop.snapshot","schemaVers', /not JSON, or cut off/],
		['foreign.json', '{"kind":"something else"}', /not a snapshot of ctop/],
		['future.json', '{"kind":"ctop.snapshot","schemaVersion":"9.0"}', /schema version 9\.0/],
		['damaged.json', '{"kind":"ctop.snapshot","schemaVersion":"1.0"}', /damaged/],
	])('%s is refused in one line', async (name, text, message) => {
		await expectUsageError(['replay', writeScript(name, text)], message);
	});
});

test('it runs from any directory, through a symbolic link', async () => {
	const link = path.join(directory, 'ctop');
	symlinkSync(ctopFile, link);
	const {code, output} = await runCtop(['-V'], {file: link, directory: '/'});
	expect(code).toBe(0);
	expect(output).toMatch(/^ctop \d/);
});
