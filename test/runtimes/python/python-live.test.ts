import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {afterEach, expect, test} from 'vitest';
import {parseMaps} from '../../../source/procfs/maps.js';
import {createMemoryReader, type MemoryReader} from '../../../source/procfs/memory.js';
import {attachToPython} from '../../../source/runtimes/python/attach.js';
import {findPythonInterpreter} from '../../../source/runtimes/python/interpreter.js';
import type {PythonProcess} from '../../../source/runtimes/python/python-process.js';
import {shortPath} from '../../../source/runtimes/python/source-path.js';
import {
	findPythons,
	type PythonProgram,
	startPythonStacks,
	symbolsOf,
} from '../../helpers/pythons.js';

let program: PythonProgram | undefined;
let memory: MemoryReader | undefined;

afterEach(async () => {
	memory?.close();
	await program?.stop();
	program = undefined;
});

const attach = (pid: number): PythonProcess | undefined => {
	const reader = createMemoryReader('/proc', pid);
	memory = reader;
	const interpreter = findPythonInterpreter(parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8')))!;
	const isThread = (tid: number) =>
		readdirSync(`/proc/${pid}/task`).includes(String(tid)) ? tid : undefined;
	return attachToPython(interpreter, symbolsOf(pid, interpreter), reader.read, isThread);
};

const waitUntilReady = async ({nextLine}: PythonProgram): Promise<void> => {
	let line = '';
	while (line !== 'ready') {
		line = await nextLine();
	}
};

/** Innermost first: function, path, line. */
type OwnStacks = Record<string, [string, string, number][]>;

const asText = ([name, path, line]: OwnStacks[string][number]): string =>
	`${name.slice(name.lastIndexOf('<locals>.') + 1).replace(/^locals>\./, '')} (${shortPath(path)}:${line})`;

const pythons = findPythons();

/** 3.6 and 2.7 need the thread that holds the GIL to find the others; everything newer must be readable at once. */
const stacksOf = async (pid: number, tids: readonly string[]) => {
	let stacks: Record<string, string[]> = {};
	await expect
		.poll(
			() => {
				const python = attach(pid);
				const threads = [...(python?.threads() ?? [])];
				stacks = Object.fromEntries(
					threads
						.filter(([tid]) => tids.includes(String(tid)))
						.map(([tid, state]) => [tid, [...python!.frames(state)]]),
				);
				return Object.keys(stacks).sort();
			},
			{timeout: 30_000, interval: 20},
		)
		.toEqual([...tids].sort());
	return stacks;
};

test('there is a CPython to test with', context => {
	context.skip(pythons.length === 0, 'no CPython on this machine');
	expect(pythons.every(({version}) => /^\d\.\d+t?$/.test(version))).toBe(true);
});

test.for(pythons)(
	'stacks are those that Python $label itself tells, frame by frame',
	{timeout: 90_000},
	async python => {
		program = await startPythonStacks(python, 'rest');
		await waitUntilReady(program);
		const own = JSON.parse(await program.ask('')) as OwnStacks;
		const tids = Object.keys(own);
		expect(tids.length).toBeGreaterThanOrEqual(12);

		const stacks = await stacksOf(program.pid, tids);
		const frames = Object.values(own).flat();
		expect(frames.length).toBeGreaterThan(100);
		expect(stacks).toEqual(
			Object.fromEntries(Object.entries(own).map(([tid, stack]) => [tid, stack.map(asText)])),
		);
		const far = Object.values(stacks).find(stack => stack[1]?.startsWith('far_apart'));
		expect(far?.[1]).toBe('far_apart (shop/views.py:702)');
		const inPackage = Object.values(stacks).find(stack => stack[1]?.startsWith('much_code'));
		expect(inPackage?.[1]).toBe('much_code (pykafka/producer.py:403)');
	},
);

const withGil = pythons.filter(({version}) => !version.endsWith('t'));

test.for(withGil)(
	'the GIL of Python $label is held by the thread that keeps it',
	{timeout: 90_000},
	async python => {
		program = await startPythonStacks(python, 'hold');
		await waitUntilReady(program);
		const holder = await program.nextLine();
		const attached = attach(program.pid)!;
		expect(attached.isWithoutGil()).toBe(false);
		const gils = attached.gils();
		expect(gils).toHaveLength(1);
		const holders = new Map<number | undefined, number>();
		let frame: string | undefined;

		await expect
			.poll(
				() => {
					const look = gils[0]!.reader.read();
					if (look?.holder) {
						holders.set(look.holderTid, (holders.get(look.holderTid) ?? 0) + 1);
						[frame] = attached.frames(look.holder);
					}

					return holders.get(Number(holder)) ?? 0;
				},
				{timeout: 60_000, interval: 7},
			)
			.toBeGreaterThan(50);

		// Another one may have had it for the moment in which the program came up.
		expect(holders.get(Number(holder))).toBeGreaterThan(holders.size * 10);
		expect(frame).toMatch(/^keep_gil \(zoo\/python-stacks\.py:\d+\)$/);
	},
);

const withInterpreters = pythons.filter(({version}) => ['3.12', '3.13', '3.14'].includes(version));

test.for(withInterpreters)(
	'interpreters of Python $label have each a GIL of their own, with a holder of its own',
	{timeout: 90_000},
	async python => {
		program = await startPythonStacks(python, 'interpreters');
		await waitUntilReady(program);
		const attached = attach(program.pid)!;
		const look = () =>
			attached.gils().map(({interpreterId, reader}) => {
				const holder = reader.read()?.holder;
				const [frame] = holder ? attached.frames(holder) : [];
				return [interpreterId, frame?.replace(/:\d+/, '')];
			});

		// Each is held by a thread that runs what only its own interpreter was told to run.
		await expect.poll(look, {timeout: 60_000, interval: 7}).toEqual([
			[0, 'compute (zoo/python-stacks.py)'],
			[1, '<module> (<string>)'],
		]);
	},
);

/** Forks behind the interpreter's back, as a server in C does that has Python in it. */
const forkInC = `
import ctypes, os, sys
def waits():
    sys.stdin.readline()
child = ctypes.PyDLL(None).fork()
if child == 0:
    waits()
    os._exit(0)
print(child)
sys.stdout.flush()
os.waitpid(child, 0)
`;

/** Before 3.7 nothing but the GIL's holder leads to a thread. */
const tellThreads = pythons.filter(({version}) => !/^(?:2|3\.6)/.test(version));

test.for(tellThreads)(
	'a process that was forked without the help of Python $label has its thread and its frames too',
	{timeout: 60_000},
	async ({command}) => {
		const parent = spawn(command, ['-c', forkInC], {stdio: ['pipe', 'pipe', 'inherit']});
		const ended = once(parent, 'exit');
		try {
			const {value} = await createInterface(parent.stdout)[Symbol.asyncIterator]().next();
			const child = Number(value);
			const stacks = await stacksOf(child, [String(child)]);
			expect(stacks[child]?.at(-2)).toBe('waits (<string>:4)');
		} finally {
			parent.stdin.end();
			await ended;
		}
	},
);
