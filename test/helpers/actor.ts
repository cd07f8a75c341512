import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';

/** test/zoo/actor.c, which does on command what a process can do to itself. */
export type Actor = {
	readonly pid: number;
	/** Path of its program. */
	readonly program: string;
	/** Gives a command (see actor.c) and resolves with the number of its answer. */
	tell(command: string, number?: number, word?: string): Promise<number>;
	/** Ends it, and waits until it has ended. */
	stop(): Promise<void>;
};

const answerTimeoutMilliseconds = 30_000;
const source = fileURLToPath(new URL('../zoo/actor.c', import.meta.url));
let folder: string | undefined;

const compile = (): string => {
	if (folder === undefined) {
		const created = mkdtempSync(path.join(tmpdir(), 'ctop-actor-'));
		folder = created;
		process.once('exit', () => rmSync(created, {recursive: true, force: true}));
	}

	const program = path.join(folder, 'actor');
	if (!existsSync(program)) {
		execFileSync('cc', ['-O1', '-pthread', '-o', program, source]);
	}

	return program;
};

/** Starts it and waits until it listens; `through` is a command that runs it, such as unshare(1) with its options. */
export const startActor = async (
	through: readonly string[] = [],
	words: readonly string[] = [],
): Promise<Actor> => {
	const program = compile();
	const [file, ...parameters] = [...through, program, ...words];
	const child = spawn(file!, parameters, {stdio: ['pipe', 'pipe', 'inherit']});
	const ended = new Promise<void>(resolve => {
		child.once('exit', () => resolve());
	});
	/** Commands are answered in the order in which they were given. */
	const asked: {answered: (line: string) => void; failed: (why: string) => void}[] = [];
	const lines = createInterface({input: child.stdout});
	lines.on('line', line => asked.shift()?.answered(line));
	// Not when it exits: its last answers may still be in the pipe then.
	lines.once('close', () => {
		for (const {failed} of asked.splice(0)) {
			failed(`exit code ${child.exitCode}`);
		}
	});

	const nextAnswer = async (command: string): Promise<number> => {
		let timer: NodeJS.Timeout | undefined;
		try {
			const line = await new Promise<string>((answered, reject) => {
				const failed = (why: string) => reject(new Error(`no answer to '${command}' (${why})`));
				asked.push({answered, failed});
				timer = setTimeout(failed, answerTimeoutMilliseconds, 'it takes too long');
			});
			return Number(/^ok (\d*)/.exec(line)?.[1] ?? Number.NaN);
		} finally {
			clearTimeout(timer);
		}
	};

	// Run by another program, it has another id than the child: it tells its own.
	const pid = await nextAnswer('start');
	return {
		pid: through.length === 0 ? child.pid! : pid,
		program,
		async tell(command, number = 0, word = '-') {
			child.stdin.write(`${command} ${number} ${word}\n`);
			return nextAnswer(command);
		},
		async stop() {
			child.stdin.end();
			const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
			await ended;
			clearTimeout(timer);
		},
	};
};
