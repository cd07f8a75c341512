import {spawn as spawnProcess} from 'node:child_process';
import {performance} from 'node:perf_hooks';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {spawn as spawnInTerminal} from '@lydell/node-pty';

export const columns = 200;
export const rows = 50;

const secondsUntilKilled = 3;

export type Chunk = {readonly atMilliseconds: number; readonly bytes: Uint8Array};

/** A program that runs, and what it has written so far. */
export type Session = {
	readonly pid: number;
	/** Against the monotonic clock, as the chunks. */
	readonly startedAtMilliseconds: number;
	readonly chunks: readonly Chunk[];
	/** How it ended; undefined while it runs. */
	readonly ending: () => string | undefined;
	readonly stop: () => Promise<void>;
};

export type Command = {
	readonly file: string;
	readonly parameters: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	/** Whether it gets a terminal of 200x50 or a pipe. */
	readonly terminal: boolean;
};

const running = new Set<number>();

const signalIfThere = (pid: number, signal: NodeJS.Signals): void => {
	try {
		process.kill(pid, signal);
	} catch {
		// Gone already.
	}
};

/** For the way out that no `finally` sees: ends every session that still runs. */
export const endAllSessions = (): void => {
	for (const pid of running) {
		signalIfThere(pid, 'SIGKILL');
	}
};

const describeEnding = (code: number | null, signal: string | number | null): string =>
	signal ? `ended by signal ${signal}` : `ended with exit code ${code}`;

type Listener = {
	readonly onData: (bytes: Uint8Array) => void;
	readonly onEnd: (ending: string) => void;
};

const startInTerminal = (command: Command, listener: Listener): number => {
	const terminal = spawnInTerminal(command.file, [...command.parameters], {
		name: 'xterm-256color',
		cols: columns,
		rows,
		env: command.environment,
		encoding: null,
	});
	// Without an encoding the data are Buffers, which the library's type does not say.
	terminal.onData(data => listener.onData(data as unknown as Uint8Array));
	terminal.onExit(({exitCode, signal}) => listener.onEnd(describeEnding(exitCode, signal ?? null)));
	return terminal.pid;
};

const startOnPipe = (command: Command, listener: Listener): number => {
	const child = spawnProcess(command.file, command.parameters, {
		env: command.environment,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	child.stdout.on('data', listener.onData);
	child.stderr.on('data', listener.onData);
	child.on('error', error => listener.onEnd(error.message));
	child.on('exit', (code, signal) => listener.onEnd(describeEnding(code, signal)));
	return child.pid ?? 0;
};

/** Starts a program. One that cannot be started is a session that has ended. */
export const startSession = (command: Command): Session => {
	const chunks: Chunk[] = [];
	let ending: string | undefined;
	let resolveEnded = () => {};
	const ended = new Promise<void>(resolve => {
		resolveEnded = resolve;
	});
	const listener: Listener = {
		onData: bytes => chunks.push({atMilliseconds: performance.now(), bytes}),
		onEnd: how => {
			ending = how;
			running.delete(pid);
			resolveEnded();
		},
	};
	const startedAtMilliseconds = performance.now();
	const pid = (command.terminal ? startInTerminal : startOnPipe)(command, listener);
	if (pid > 0) {
		running.add(pid);
	}

	const stop = async () => {
		if (ending !== undefined) {
			return;
		}

		signalIfThere(pid, 'SIGTERM');
		await Promise.race([ended, sleep(secondsUntilKilled * 1000)]);
		if (ending === undefined) {
			signalIfThere(pid, 'SIGKILL');
			await ended;
		}
	};

	return {pid, startedAtMilliseconds, chunks, ending: () => ending, stop};
};
