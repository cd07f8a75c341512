import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {ctopFile} from '../helpers/ctop.js';
import {type PtyProgram, startInPty} from '../helpers/pty.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';

let directory = '';
let screen: PtyProgram | undefined;
let zoo: ZooProcess | undefined;

beforeEach(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-live-'));
});

afterEach(async () => {
	await screen?.stop();
	await zoo?.stop();
	screen = undefined;
	zoo = undefined;
	rmSync(directory, {recursive: true, force: true});
});

type Start = {
	columns?: number;
	rows?: number;
	words?: readonly string[];
	environment?: Readonly<Record<string, string>>;
};

const start = ({
	columns = 120,
	rows = 36,
	words = [],
	environment = {},
}: Start = {}): PtyProgram => {
	screen = startInPty(process.execPath, [ctopFile, ...words], {
		columns,
		rows,
		directory,
		environment,
	});
	return screen;
};

const isLive = (text: string): boolean => /LIVE/.test(text) && /COMMAND/.test(text);
/** Rates are there: the first Snapshot has none. */
const hasRates = (text: string): boolean => /csw \d/.test(text);

describe.each([
	[80, 24],
	[120, 36],
	[200, 50],
])('at %ix%i', (columns, rows) => {
	test('the screen is full, no line is wider than the terminal, and the footer is the last one', async () => {
		const ctop = start({columns, rows});
		const text = await ctop.waitFor(both => isLive(both) && hasRates(both), 'rates');
		const lines = text.split('\n');
		expect(lines).toHaveLength(rows);
		expect(lines[0]).toMatch(/^ctop \S+/);
		expect(lines.at(-1)).toMatch(/quit/);
		expect(text).toMatch(/find/i);
		expect(await ctop.buffer()).toBe('alternate');
	});

	test('q gives the terminal back as it was', async () => {
		const ctop = start({columns, rows});
		await ctop.waitFor(isLive, 'the screen');
		ctop.press('q');
		expect((await ctop.ended).exitCode).toBe(0);
		expect(await ctop.buffer()).toBe('normal');
		expect(ctop.raw().lastIndexOf('\u001B[?25h')).toBeGreaterThan(
			ctop.raw().lastIndexOf('\u001B[?25l'),
		);
	});
});

test('it follows a terminal that changes its size', async () => {
	const ctop = start({columns: 120, rows: 36});
	await ctop.waitFor(isLive, 'the screen');
	ctop.resize(80, 24);
	await ctop.waitFor(
		text => text.split('\n').length === 24 && /quit/.test(text.split('\n')[23] ?? ''),
		'the footer in row 24',
	);
	ctop.resize(200, 50);
	await ctop.waitFor(
		text => /quit/.test(text.split('\n')[49] ?? '') && isLive(text),
		'the footer in row 50',
	);
});

test('a GIL fight stands in the panel and its process is unfolded', async () => {
	zoo = await startZoo('gil-threads.py', [20]);
	const ctop = start({columns: 200, rows: 50});
	const text = await ctop.waitFor(each => /GIL thrash/.test(each), 'the finding');
	expect(text).toMatch(/fix/);
	expect(text).toContain(String(zoo.pid));
	expect(text).toMatch(/\d+ threads/);
});

test.skipIf(missingForZoo('gil-threads.py'))(
	'Enter opens all about a process, with a timeline of the lock that its threads fight for, and Esc leads back',
	async () => {
		zoo = await startZoo('gil-threads.py', [4]);
		const ctop = start({columns: 200, rows: 50, words: ['-p', String(zoo.pid)]});
		await ctop.waitFor(text => isLive(text) && text.includes(` ${zoo!.pid} `), 'the process');
		ctop.press('\r');
		const text = await ctop.waitFor(
			each => /Timeline of .*GIL/.test(each) && /GIL of python[\d.]+ \(/.test(each),
			'the detail with its timeline',
		);
		expect(text.split('\n')[0]).toMatch(new RegExp(`^${zoo.pid} python`));
		expect(text).toMatch(/command +\S*python/);
		expect(text).toMatch(/Threads by what they wait on/);
		ctop.press('T');
		await ctop.waitFor(each => !each.includes('Timeline of'), 'the timeline to go');
		ctop.press('\u001B');
		await ctop.waitFor(isLive, 'the table again');
	},
);

test('s writes the shown moment to a file, says where, and replay shows it', async () => {
	const ctop = start({columns: 160, rows: 40});
	await ctop.waitFor(text => isLive(text) && hasRates(text), 'rates');
	ctop.press('s');
	await ctop.waitFor(text => /ctop-\S+\.json/.test(text), 'the name of the file');
	ctop.press('q');
	await ctop.ended;
	const [name] = readdirSync(directory);
	const file = path.join(directory, name!);
	const saved = JSON.parse(readFileSync(file, 'utf8')) as Snapshot;
	expect(saved.kind).toBe('ctop.snapshot');
	expect(saved.processes.some(({pid}) => pid === process.pid)).toBe(true);

	const replay = start({columns: 160, rows: 40, words: ['replay', file]});
	const shown = await replay.waitFor(text => /COMMAND/.test(text), 'the replay');
	expect(shown).toContain(`ctop ${saved.host.name}`);
	expect(shown).not.toMatch(/LIVE/);
	replay.press('q');
	expect((await replay.ended).exitCode).toBe(0);
});

test('Space freezes the screen, and a process that dies meanwhile stays on it', async () => {
	zoo = await startZoo('one-busy-thread.py');
	const {pid} = zoo;
	const ctop = start({columns: 160, rows: 40, words: ['-p', String(pid)]});
	await ctop.waitFor(text => hasRates(text) && text.includes(String(pid)), 'the process');
	ctop.press(' ');
	await ctop.waitFor(text => /FROZEN/.test(text), 'the freeze');
	await zoo.stop();
	// Live, it would be gone after one interval.
	await ctop.waitFor(text => /FROZEN[^\n]*[3-9]s/.test(text), 'three seconds of freeze');
	expect(await ctop.screen()).toContain(String(pid));
	ctop.press(' ');
	await ctop.waitFor(text => isLive(text) && !text.includes(` ${pid} `), 'the process to go');
});

test('p shows the pre-flight checks, and Esc leads back to the table', async () => {
	const ctop = start();
	await ctop.waitFor(isLive, 'the screen');
	ctop.press('p');
	const text = await ctop.waitFor(
		each => /pre-flight: \d+/.test(each) && /Disks/.test(each),
		'the checks',
	);
	expect(text).toMatch(/Memory/);
	ctop.press('\u001B');
	await ctop.waitFor(isLive, 'the table again');
});

test.each([
	['SIGTERM', 143],
	['SIGHUP', 129],
	['SIGINT', 130],
] as const)('%s ends it with the terminal restored', async (signal, status) => {
	const ctop = start();
	await ctop.waitFor(isLive, 'the screen');
	process.kill(ctop.pid, signal);
	const {exitCode, signal: by} = await ctop.ended;
	expect(await ctop.buffer()).toBe('normal');
	expect([status, 0, 1]).toContain(by ? 128 + by : exitCode);
});

test('Ctrl+C ends it with the terminal restored', async () => {
	const ctop = start();
	await ctop.waitFor(isLive, 'the screen');
	ctop.press('\u0003');
	await ctop.ended;
	expect(await ctop.buffer()).toBe('normal');
});

test('with NO_COLOR no colour is written', async () => {
	const ctop = start({environment: {NO_COLOR: '1'}});
	await ctop.waitFor(text => isLive(text) && hasRates(text), 'rates');
	// Inverse (7, 27) marks the selected row; everything else would be a colour or a weight.
	const styles = ctop
		.raw()
		.split('\u001B[')
		.flatMap(part => /^([\d;]*)m/.exec(part)?.[1] ?? []);
	expect(new Set(styles.filter(style => !['7', '27', '0', ''].includes(style!)))).toEqual(
		new Set(),
	);
});

test('with --ascii nothing beyond ASCII is written', async () => {
	const ctop = start({words: ['--ascii']});
	await ctop.waitFor(text => isLive(text) && hasRates(text), 'rates');
	expect([...ctop.raw()].filter(character => character > '~' && character !== '\u007F')).toEqual(
		[],
	);
});

test('in a shell that exports CI it is as live as in any other', async () => {
	const ctop = start({environment: {CI: 'true'}});
	await ctop.waitFor(text => isLive(text) && hasRates(text), 'rates');
});
