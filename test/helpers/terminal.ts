import {EventEmitter} from 'node:events';
import {PassThrough} from 'node:stream';
import xterm from '@xterm/headless';

/** What the terminal does with one cell. */
export type Cell = {characters: string; foreground: number; bold: boolean; inverse: boolean};

/**
A terminal without a window: what is written to `stdout` is interpreted by xterm.js,
and `press` types. Everything is in this process.
*/
export type FakeTerminal = {
	stdout: NodeJS.WriteStream;
	stdin: NodeJS.ReadStream;
	/** Bytes and escape sequences as they were written, one element a write. */
	written: string[];
	press: (keys: string) => void;
	resize: (columns: number, rows: number) => void;
	/** Lines of the screen, without trailing spaces. */
	lines: () => Promise<string[]>;
	cell: (row: number, column: number) => Promise<Cell>;
	/** `alternate` while a full-screen program runs. */
	buffer: () => Promise<'normal' | 'alternate'>;
	/** Waits until the screen's text fulfils a condition; throws with the screen when it doesn't in time. */
	waitFor: (condition: (screen: string) => boolean, what?: string) => Promise<string>;
};

const pollMilliseconds = 10;
const timeoutMilliseconds = 15_000;

export const makeTerminal = (columns: number, rows: number): FakeTerminal => {
	// A real terminal's driver turns the program's \n into \r\n; convertEol stands for it.
	const terminal = new xterm.Terminal({
		cols: columns,
		rows,
		allowProposedApi: true,
		convertEol: true,
	});
	const written: string[] = [];
	let pending: Promise<void> = Promise.resolve();
	const stdout = Object.assign(new EventEmitter(), {
		isTTY: true,
		columns,
		rows,
		writableLength: 0,
		write(data: string | Uint8Array, ...rest: unknown[]) {
			written.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
			pending = new Promise(resolve => {
				terminal.write(data, () => resolve());
			});
			const callback = rest.at(-1);
			if (typeof callback === 'function') {
				callback();
			}

			return true;
		},
	});
	const stdin = Object.assign(new PassThrough(), {
		isTTY: true,
		isRaw: false,
		setRawMode: () => stdin,
		ref: () => stdin,
		unref: () => stdin,
	});
	const lines = async () => {
		await pending;
		const {active} = terminal.buffer;
		return Array.from(
			{length: terminal.rows},
			(_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
		);
	};

	return {
		stdout: stdout as unknown as NodeJS.WriteStream,
		stdin: stdin as unknown as NodeJS.ReadStream,
		written,
		press(keys) {
			stdin.write(keys);
		},
		resize(newColumns, newRows) {
			terminal.resize(newColumns, newRows);
			Object.assign(stdout, {columns: newColumns, rows: newRows});
			stdout.emit('resize');
		},
		lines,
		async cell(row, column) {
			await pending;
			const {active} = terminal.buffer;
			const cell = active.getLine(active.baseY + row)?.getCell(column);
			return {
				characters: cell?.getChars() ?? '',
				foreground: cell?.isFgPalette() === true ? cell.getFgColor() : -1,
				bold: cell?.isBold() !== 0,
				inverse: cell?.isInverse() !== 0,
			};
		},
		async buffer() {
			await pending;
			return terminal.buffer.active.type;
		},
		async waitFor(condition, what = 'the screen to change') {
			const end = performance.now() + timeoutMilliseconds;
			for (;;) {
				const screen = (await lines()).join('\n');
				if (condition(screen)) {
					return screen;
				}

				if (performance.now() > end) {
					throw new Error(`Waited in vain for ${what}; the screen:\n${screen}`);
				}

				await new Promise(resolve => {
					setTimeout(resolve, pollMilliseconds);
				});
			}
		},
	};
};
