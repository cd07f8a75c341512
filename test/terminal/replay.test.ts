import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {ctopFile, runCtop} from '../helpers/ctop.js';
import {type PtyProgram, startInPty} from '../helpers/pty.js';
import {startZoo, type ZooProcess} from '../helpers/zoo.js';

let directory = '';
let screen: PtyProgram | undefined;
let zoo: ZooProcess | undefined;

beforeEach(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-replay-'));
});

afterEach(async () => {
	await screen?.stop();
	await zoo?.stop();
	screen = undefined;
	zoo = undefined;
	rmSync(directory, {recursive: true, force: true});
});

const start = (...words: readonly string[]): PtyProgram => {
	screen = startInPty(process.execPath, [ctopFile, ...words], {columns: 160, rows: 40, directory});
	return screen;
};

const hasRates = (text: string): boolean => /LIVE/.test(text) && /csw \d/.test(text);
const saved = (pattern: RegExp): Snapshot[] =>
	readdirSync(directory)
		.filter(name => pattern.test(name))
		.sort()
		.map(name => JSON.parse(readFileSync(path.join(directory, name), 'utf8')) as Snapshot);

/** All but the first line, which says whether it is live, and the last, which has the keys or a message. */
const body = (text: string): string => text.split('\n').slice(1, -1).join('\n');

test('a saved Snapshot draws the screen that it was saved from', async () => {
	zoo = await startZoo('gil-threads.py', [12]);
	const live = start('-p', String(zoo.pid));
	await live.waitFor(text => /GIL thrash/.test(text), 'the finding');
	live.press(' ');
	const frozen = await live.waitFor(text => /FROZEN/.test(text), 'the freeze');
	live.press('s');
	await live.waitFor(text => /saved \S+\.json/.test(text), 'the file');
	live.press('q');
	await live.ended;
	const [name] = readdirSync(directory);
	const replay = start('replay', name!);
	const replayed = await replay.waitFor(text => /REPLAY/.test(text), 'the replay');
	expect(body(replayed)).toBe(body(frozen));
	replay.press('\r');
	await replay.waitFor(text => /command +\S*python/.test(text), 'the detail');
	replay.press('G');
	await replay.waitFor(text => /This is a saved moment/.test(text), 'what it does not hold');
});

test('a recording plays, pauses, steps, changes its speed and jumps to where a finding appears', async () => {
	zoo = await startZoo('polling-threads.py', [40, '0.01']);
	const file = path.join(directory, 'incident.ctr');
	await runCtop(['record', '-o', file, '--for', '8s', '-p', String(zoo.pid)]);
	await zoo.stop();

	const ctop = start('replay', file);
	await ctop.waitFor(text => /REPLAY [2-9]\/\d+ playing x1/.test(text), 'playing');
	ctop.press(' ');
	await ctop.waitFor(text => /REPLAY \d+\/\d+ paused/.test(text), 'the pause');
	ctop.press('{');
	const first = await ctop.waitFor(text => /REPLAY 1\/\d+ paused/.test(text), 'the first record');
	expect(first).toContain(` ${zoo.pid} `);
	expect(first).toMatch(/No finding/);
	ctop.press(']');
	await ctop.waitFor(text => /REPLAY 2\/\d+ paused/.test(text), 'a step');
	ctop.press('f');
	await ctop.waitFor(
		text => /REPLAY [3-9]\/\d+ paused/.test(text) && /1 (?:CRITICAL|WARNING|NOTICE)/.test(text),
		'the finding',
	);
	ctop.press('>> ');
	await ctop.waitFor(text => /playing x4|the end/.test(text), 'four times the speed');
	await ctop.waitFor(text => /the end/.test(text), 'the end');
	ctop.press('q');
	expect((await ctop.ended).exitCode).toBe(0);
});

test('[ goes back to a moment that is over, and S keeps it with a note and what was before', async () => {
	const ctop = start('-d', '0.5');
	await ctop.waitFor(hasRates, 'rates');
	ctop.press(' ');
	await ctop.waitFor(text => /FROZEN [3-9](?:\.\d)?s ago/.test(text), 'three seconds');
	ctop.press(' ');
	await ctop.waitFor(hasRates, 'the live screen');
	ctop.press('[[[');
	await ctop.waitFor(text => /FROZEN [1-9]/.test(text), 'a moment that is over');
	ctop.press('S');
	await ctop.waitFor(text => /note: _/.test(text), 'the prompt');
	ctop.press('checkout slow\r');
	await ctop.waitFor(text => /saved \S+\.json/.test(text), 'the file');
	const [snapshot] = saved(/json$/);
	expect(snapshot?.note).toBe('checkout slow');
	expect(snapshot?.history?.secondsBefore.length).toBeGreaterThan(1);
});

test('R keeps the moment without names, and b compares rates with then', async () => {
	const ctop = start('-d', '0.5');
	await ctop.waitFor(hasRates, 'rates');
	ctop.press('b');
	await ctop.waitFor(
		text => /xBASE COMMAND/.test(text) && /xBASE against/.test(text),
		'the baseline',
	);
	await ctop.waitFor(text => /x\d/.test(text.replaceAll('xBASE', '')), 'a factor');
	ctop.press('R');
	await ctop.waitFor(text => /saved \S+\.json/.test(text), 'the file');
	const [snapshot] = saved(/json$/);
	expect(snapshot?.privacy?.identities).toBe('replaced');
	expect(JSON.stringify(snapshot)).not.toContain(directory);
});
