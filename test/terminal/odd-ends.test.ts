import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import process from 'node:process';
import {afterEach, describe, expect, test} from 'vitest';
import {ctopFile} from '../helpers/ctop.js';
import {type PtyProgram, startInPty} from '../helpers/pty.js';

let screen: PtyProgram | undefined;
let child: ChildProcess | undefined;

afterEach(async () => {
	await screen?.stop();
	screen = undefined;
	if (child && child.exitCode === null) {
		child.kill('SIGKILL');
		await once(child, 'exit');
	}

	child = undefined;
});

type Size = {columns: number; rows: number};

const start = (
	{columns, rows}: Size = {columns: 100, rows: 30},
	environment: Readonly<Record<string, string>> = {},
	words: readonly string[] = [],
): PtyProgram => {
	screen = startInPty(process.execPath, [ctopFile, '-d', '0.5', ...words], {
		columns,
		rows,
		environment,
	});
	return screen;
};

const hasRates = (text: string): boolean => /LIVE/.test(text) && /csw \d/.test(text);

describe.each([
	[1, 1],
	[10, 3],
	[20, 5],
	[39, 24],
	[40, 10],
])('in a terminal of %ix%i', (columns, rows) => {
	test('it shows what fits, and q ends it', async () => {
		const ctop = start({columns, rows});
		const text = await ctop.waitFor(each => each.startsWith('ctop'.slice(0, columns)), 'a line');
		expect(Math.max(...text.split('\n').map(({length}) => length))).toBeLessThanOrEqual(columns);
		ctop.press('q');
		expect((await ctop.ended).exitCode).toBe(0);
		expect(await ctop.buffer()).toBe('normal');
	});
});

test('after a storm of sizes the screen is whole', async () => {
	const ctop = start();
	await ctop.waitFor(hasRates, 'rates');
	for (let turn = 0; turn < 60; turn++) {
		ctop.resize(1 + ((turn * 37) % 200), 1 + ((turn * 17) % 50));
		await new Promise(resolve => {
			setTimeout(resolve, 10);
		});
	}

	ctop.resize(120, 36);
	const text = await ctop.waitFor(
		each => hasRates(each) && /q quit/.test(each.split('\n')[35] ?? ''),
		'the footer in row 36',
	);
	expect(text.split('\n')[0]).toMatch(/^ctop \S+/);
	expect(text.match(/COMMAND/g)).toHaveLength(1);
});

test('SIGQUIT ends it with the terminal restored', async () => {
	const ctop = start();
	await ctop.waitFor(hasRates, 'rates');
	process.kill(ctop.pid, 'SIGQUIT');
	await ctop.ended;
	expect(await ctop.buffer()).toBe('normal');
});

test('SIGUSR1 opens no debugger, and the screen goes on', async () => {
	const ctop = start();
	const before = await ctop.waitFor(hasRates, 'rates');
	process.kill(ctop.pid, 'SIGUSR1');
	await ctop.waitFor(text => hasRates(text) && text !== before, 'another frame');
	expect(ctop.raw()).not.toContain('Debugger');
	ctop.press('q');
	expect((await ctop.ended).exitCode).toBe(0);
});

test('a terminal that understands nothing gets one frame without escape codes', async () => {
	// The pseudo-terminal sets its own TERM.
	screen = startInPty('sh', ['-c', 'TERM=dumb exec "$0" "$1" -d 0.5', process.execPath, ctopFile], {
		columns: 200,
		rows: 30,
	});
	expect((await screen.ended).exitCode).toBe(0);
	expect(screen.raw()).toMatch(/PID STAT/);
	expect(screen.raw()).not.toContain('\u001B');
});

test('in the C locale nothing beyond ASCII is written', async () => {
	const ctop = start(undefined, {LC_ALL: 'C'});
	await ctop.waitFor(hasRates, 'rates');
	expect([...ctop.raw()].filter(character => character > '~')).toEqual([]);
});

test('with nothing to type on it is live all the same', async () => {
	screen = startInPty(
		'sh',
		['-c', 'exec "$0" "$1" -d 0.5 </dev/null', process.execPath, ctopFile],
		{
			columns: 100,
			rows: 30,
		},
	);
	await screen.waitFor(hasRates, 'rates');
	process.kill(screen.pid, 'SIGTERM');
	await screen.ended;
	expect(await screen.buffer()).toBe('normal');
});

test('what a process calls itself does not command the terminal', async () => {
	child = spawn('sleep', ['60'], {argv0: '\u001B[2Jevil\u001B]0;owned\u0007\n\u202Egpj'});
	await once(child, 'spawn');
	const ctop = start(undefined, undefined, ['-p', String(child.pid)]);
	const text = await ctop.waitFor(
		each => hasRates(each) && each.includes(String(child?.pid)),
		'the process',
	);
	expect(text).toContain('?[2Jevil?]0;owned???gpj');
	for (const command of ['\u001B[2J', '\u001B]0', '\u0007', '\u202E']) {
		expect(ctop.raw()).not.toContain(command);
	}
});
