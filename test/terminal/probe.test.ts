import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ctopFile} from '../helpers/ctop.js';
import {type PtyProgram, startInPty} from '../helpers/pty.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';

let directory = '';
let screen: PtyProgram | undefined;
let zoo: ZooProcess | undefined;

beforeEach(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-probe-'));
});

afterEach(async () => {
	await screen?.stop();
	await zoo?.stop();
	screen = undefined;
	zoo = undefined;
	rmSync(directory, {recursive: true, force: true});
});

const start = (...words: readonly string[]): PtyProgram => {
	screen = startInPty(process.execPath, [ctopFile, ...words], {columns: 80, rows: 24, directory});
	return screen;
};

/** What stands there of each page of a result. */
const pages: readonly (readonly [key: string, text: RegExp])[] = [
	['2', /asleep last|#\d +(?:__)?lll_lock_wait|#\d +pause/],
	['3', /\|mutex mutex-convoy!mutex/],
	['5', /L waits for a lock/],
	['1', /futex\b[\s\S]*mutex mutex-convoy!mutex/],
];

test.skipIf(missingForZoo('mutex-convoy.c'))(
	'i says what it will do, looks, shows the result in 80 columns, and a replay of the saved file shows it again',
	{timeout: 300_000},
	async () => {
		zoo = await startZoo('mutex-convoy.c', [6]);
		const live = start('-p', String(zoo.pid), '--seconds', '2');
		await live.waitFor(text => /mutex-convoy/.test(text) && /csw \d/.test(text), 'rates');
		live.press('i');
		await live.waitFor(text => /, for 2 s: looks at what/.test(text), 'the question');
		live.press('+');
		await live.waitFor(text => /, for 5 s: looks at what/.test(text), 'more seconds');
		live.press('-');
		await live.waitFor(text => /, for 2 s: looks at what/.test(text), 'fewer seconds');
		live.press('\r');
		await live.waitFor(text => /\[#*\.*\] \d\.\d of 2 s/.test(text), 'the progress');
		await live.waitFor(text => text.includes('[1 calls]'), 'the result');
		for (const [key, expected] of pages) {
			live.press(key);
			await live.waitFor(text => expected.test(text), `page ${key}`);
		}

		live.press('s');
		await live.waitFor(text => /saved \S+/.test(text), 'the file');
		live.press('q');
		await live.ended;
		const [file] = readdirSync(directory);
		const replay = start('replay', file!);
		await replay.waitFor(text => text.includes('REPLAY'), 'the replay');
		replay.press('i');
		await replay.waitFor(text => text.includes('[1 calls]'), 'the saved probe');
		for (const [key, expected] of pages) {
			replay.press(key);
			await replay.waitFor(text => expected.test(text), `page ${key} of the saved probe`);
		}

		expect(await replay.screen()).toContain('System calls, sampled');
	},
);
