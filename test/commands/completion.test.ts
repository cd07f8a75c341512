import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {bashCompletion} from '../../source/commands/completion-bash.js';
import {fishCompletion} from '../../source/commands/completion-fish.js';
import {zshCompletion} from '../../source/commands/completion-zsh.js';
import {writtenOptions} from '../../source/commands/option-table.js';
import {shells} from '../../source/commands/shells.js';
import {runCtop} from '../helpers/ctop.js';
import {type PtyProgram, startInPty} from '../helpers/pty.js';
import {runTool} from '../helpers/run-tool.js';

/** The shells that are installed here. */
const installed = new Map(
	await Promise.all(
		shells.map(async shell => [shell, await runTool(shell, ['--version'])] as const),
	),
);
const rules = ['gil-thrash', 'idle-polling'];
let directory = '';

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-completion-'));
	writeFileSync(path.join(directory, 'my incident.ctr'), '');
	writeFileSync(path.join(directory, 'bash'), bashCompletion(rules));
	writeFileSync(path.join(directory, 'fish'), fishCompletion(rules));
	writeFileSync(path.join(directory, 'zsh'), zshCompletion(rules));
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

/** What a person who typed some words, and then pressed Tab, is offered by bash. */
const inBash = (...words: readonly string[]): string[] =>
	execFileSync(
		'bash',
		[
			'--norc',
			'-c',
			`source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ctop; printf '%s\\n' "\${COMPREPLY[@]}"`,
			'bash',
			'ctop',
			...words,
		],
		{cwd: directory, encoding: 'utf8'},
	)
		.split('\n')
		.filter(Boolean);

const inFish = (line: string): string[] =>
	execFileSync('fish', ['--no-config', '-c', 'source ./fish; complete -C $argv[1]', line], {
		cwd: directory,
		encoding: 'utf8',
		env: {...process.env, HOME: directory},
	})
		.split('\n')
		.map(each => each.split('\t')[0]!)
		.filter(Boolean);

describe.skipIf(!installed.get('bash'))('bash', () => {
	test.each([
		[['sn'], ['snapshot']],
		[['re'], ['record', 'replay', 'report']],
		[['--fail'], ['--fail-on']],
		[['-s', 'v'], ['voluntary']],
		[['--sort', '=', 'v'], ['voluntary']],
		[
			['--color', '='],
			['auto', 'always', 'never'],
		],
		[['-d', '2', 'expl'], ['explain']],
		[['explain', 'gil'], ['gil-thrash']],
		[
			['--delay', '2', 'completion', ''],
			['bash', 'zsh', 'fish'],
		],
		[['snapshot', '--format', 'open'], ['openmetrics']],
		[['replay', 'my'], ['my incident.ctr']],
		[['-n', ''], []],
	])('completes %j to %j', (words, offered) => {
		expect(inBash(...words)).toEqual(offered);
	});

	test('offers every option, and the processes and users that there are', () => {
		const offered = inBash('-');
		for (const {long} of writtenOptions) {
			expect(offered).toContain(long);
		}

		expect(inBash('-p', '')).toContain(String(process.pid));
		expect(inBash('-u', 'roo')).toContain('root');
	});
});

describe.skipIf(!installed.get('fish'))('fish', () => {
	test.each([
		['ctop sn', ['snapshot']],
		['ctop --fail', ['--fail-on']],
		['ctop -s v', ['voluntary']],
		['ctop explain gil', ['gil-thrash']],
		['ctop completion ', ['bash', 'fish', 'zsh']],
		['ctop replay my', ['my incident.ctr']],
	])('completes %j', (line, offered) => {
		// Older versions quote what they print.
		const printed = inFish(line).map(each => each.replaceAll('\\', ''));
		expect(printed.sort()).toEqual(offered);
	});
});

describe.skipIf(!installed.get('zsh'))('zsh', () => {
	test('completes commands, values, rules and files as they are typed', async () => {
		const shell: PtyProgram = startInPty('zsh', ['-f'], {
			columns: 100,
			rows: 30,
			directory,
			environment: {HOME: directory, ZDOTDIR: directory, PS1: 'ready> '},
		});
		try {
			await shell.waitFor(text => text.includes('ready>'), 'the prompt');
			shell.press('autoload -Uz compinit && compinit -u -D && source ./zsh && print loa""ded\r');
			await shell.waitFor(text => text.includes('loaded'), 'the script to load');
			for (const [typed, completed] of [
				['ctop sna\t', 'ctop snapshot'],
				['ctop --sort vol\t', 'ctop --sort voluntary'],
				['ctop -d 2 explain gil\t', 'ctop -d 2 explain gil-thrash'],
				['ctop replay my\t', 'ctop replay my\\ incident.ctr'],
			] as const) {
				shell.press(typed);
				await shell.waitFor(text => text.includes(completed), completed);
				// Ctrl+U: the next line begins empty.
				shell.press('\u0015');
			}
		} finally {
			await shell.stop();
		}
	});
});

test('the script comes on standard output, and a shell that is not known is refused', async () => {
	const {code, output} = await runCtop(['completion', 'bash']);
	expect(code).toBe(0);
	expect(output).toMatch(/complete -F _ctop ctop\n$/);
	expect(output).toContain('idle-threads');
	for (const words of [['completion'], ['completion', 'csh'], ['completion', 'bash', 'zsh']]) {
		const refused = await runCtop(words);
		expect(refused.errors).toMatch(/bash, zsh, fish\n$/);
		expect(refused.code).toBe(2);
	}
});
