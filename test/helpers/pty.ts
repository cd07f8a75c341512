import process from 'node:process';
import {spawn} from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** A program in a real pseudo-terminal, whose output xterm.js turns into a screen. */
export type PtyProgram = {
	pid: number;
	press(keys: string): void;
	resize(columns: number, rows: number): void;
	/** Lines of the screen, without trailing spaces. */
	screen(): Promise<string>;
	buffer(): Promise<'normal' | 'alternate'>;
	/** All that was written so far, escape sequences and all. */
	raw(): string;
	/** Waits until the screen's text fulfils a condition; throws with the screen when it doesn't in time. */
	waitFor(condition: (screen: string) => boolean, what: string): Promise<string>;
	ended: Promise<{exitCode: number; signal?: number}>;
	/** Ends the program if it still runs. */
	stop(): Promise<void>;
};

const pollMilliseconds = 50;
const timeoutMilliseconds = 45_000;

/** Starts a program in a terminal of a size. `CI` is taken out of its environment: a person's shell has none. */
export const startInPty = (
	file: string,
	words: readonly string[],
	{
		columns,
		rows,
		directory,
		environment = {},
	}: {
		columns: number;
		rows: number;
		directory?: string;
		environment?: Readonly<Record<string, string>>;
	},
): PtyProgram => {
	const {CI: _, ...ownEnvironment} = process.env;
	const pty = spawn(file, [...words], {
		cols: columns,
		rows,
		name: 'xterm-256color',
		...(directory !== undefined && {cwd: directory}),
		env: {...ownEnvironment, LC_ALL: 'C.UTF-8', ...environment} as Record<string, string>,
	});
	const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
	let raw = '';
	let pending: Promise<void> = Promise.resolve();
	let running = true;
	pty.onData(data => {
		raw += data;
		pending = new Promise(resolve => {
			terminal.write(data, resolve);
		});
	});
	const ended = new Promise<{exitCode: number; signal?: number}>(resolve => {
		pty.onExit(result => {
			running = false;
			resolve(result);
		});
	});
	const screen = async () => {
		await pending;
		const {active} = terminal.buffer;
		return Array.from(
			{length: terminal.rows},
			(_line, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
		).join('\n');
	};

	return {
		pid: pty.pid,
		ended,
		screen,
		press: keys => pty.write(keys),
		resize(newColumns, newRows) {
			terminal.resize(newColumns, newRows);
			pty.resize(newColumns, newRows);
		},
		raw: () => raw,
		async buffer() {
			await pending;
			return terminal.buffer.active.type;
		},
		async waitFor(condition, what) {
			const end = performance.now() + timeoutMilliseconds;
			for (;;) {
				const text = await screen();
				if (condition(text)) {
					return text;
				}

				if (performance.now() > end) {
					throw new Error(`Waited in vain for ${what}; the screen:\n${text}`);
				}

				await new Promise(resolve => {
					setTimeout(resolve, pollMilliseconds);
				});
			}
		},
		async stop() {
			if (running) {
				process.kill(pty.pid, 'SIGKILL');
				await ended;
			}
		},
	};
};
