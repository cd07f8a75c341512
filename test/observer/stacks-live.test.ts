import {spawn} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {afterEach, expect, test} from 'vitest';
import {findMapping, parseMaps} from '../../source/procfs/maps.js';
import {createMemoryReader, type ReadMemory} from '../../source/procfs/memory.js';
import {createSyscallLine, parseSyscall} from '../../source/procfs/syscall.js';
import {createPlaces} from '../../source/symbols/places.js';
import {createProgramFiles} from '../../source/symbols/program-file.js';
import {createStackReader} from '../../source/symbols/stack-reader.js';
import {createSymbolSearch} from '../../source/symbols/symbol-search.js';
import {postgresPrograms, startPostgres} from '../helpers/postgres.js';
import {runTool} from '../helpers/run-tool.js';
import {missingForZoo, startZoo, type ZooOptions, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let zoo: ZooProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await zoo?.stop();
	zoo = undefined;
});

type Round = {
	/** Addresses of each sleeping thread's functions. */
	stacks: Map<number, string>;
	/** How often a thread's stack was read, by its id. */
	reads: Map<number, number>;
};

/** Reads the stacks of all threads that often, one round after the other with the same reader. */
const readRounds = (pid: number, count: number): readonly Round[] => {
	const files = createProgramFiles('/proc', createSymbolSearch());
	const reader = createStackReader(files, createPlaces(files), process.arch);
	const memory = createMemoryReader('/proc', pid);
	const mappings = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
	const readRound = (): Round => {
		const round: Round = {stacks: new Map(), reads: new Map()};
		for (const tid of readdirSync(`/proc/${pid}/task`).map(Number)) {
			const line = createSyscallLine();
			const bytes = readFileSync(`/proc/${pid}/task/${tid}/syscall`);
			if (!parseSyscall(bytes, bytes.length, line) || line.state !== 'blocked') {
				continue;
			}

			const stack = findMapping(mappings, line.stackPointer);
			const readMemory: ReadMemory = (address, length) => {
				const isOfStack = findMapping(mappings, address) === stack;
				round.reads.set(tid, (round.reads.get(tid) ?? 0) + Number(isOfStack));
				return memory.read(address, length);
			};
			const owner = {pid, mappings, readMemory};
			const addresses = reader.addresses(owner, line.stackPointer, line.programCounter);
			round.stacks.set(tid, addresses.map(each => each.toString(16)).join(' '));
		}

		return round;
	};

	const rounds = Array.from({length: count}, readRound);
	reader.release();
	memory.close();
	return rounds;
};

/** Addresses of each sleeping thread's functions. */
const ownStacks = (pid: number): Map<number, string> => readRounds(pid, 1)[0]!.stacks;

/** The same from elfutils, which stops the threads. Undefined when it isn't installed. */
const debuggerStacks = async (pid: number): Promise<Map<number, string> | undefined> => {
	const output = await runTool('eu-stack', ['-p', String(pid), '-n', '0']);
	return output === undefined
		? undefined
		: new Map(
				output
					.split(/^TID /m)
					.slice(1)
					.map(each => [
						Number.parseInt(each, 10),
						[...each.matchAll(/^#\d+ +0x0*([\da-f]+)/gm)].map(([, address]) => address).join(' '),
					]),
			);
};

const programs: readonly (readonly [string, string, readonly (string | number)[], ZooOptions?])[] =
	[
		['a C program in every wait', 'blocked-calls.c', []],
		['a static C program without symbols', 'deadlock.c', ['abba'], {stripped: true}],
		['a Python program', 'idle-pool.py', [4]],
		['a static C++ program without symbols', 'standard-library.cc', ['pool', 8], {stripped: true}],
		['a Rust program', 'rust-locks.rs', []],
	];

/** Compares the stacks of the threads that stay where they are until there were enough; false without a debugger. */
const compareStacks = async (pid: number, enough: number): Promise<boolean> => {
	let compared = 0;
	for (let round = 0; round < 20 && compared < enough; round++) {
		const before = ownStacks(pid);
		const theirs = await debuggerStacks(pid);
		const after = ownStacks(pid);
		if (theirs === undefined) {
			return false;
		}

		// Those that moved in between have no one stack to compare.
		const still = [...before].filter(([tid, stack]) => after.get(tid) === stack);
		expect(new Map(still)).toEqual(new Map(still.map(([tid]) => [tid, theirs.get(tid)])));
		compared = still.length;
	}

	expect(compared).toBeGreaterThanOrEqual(enough);
	return true;
};

test.for(programs)(
	'stacks of %s are those of a debugger, address by address',
	async ([, name, words, options], context) => {
		const missing = missingForZoo(name, options);
		context.skip(missing !== undefined, missing);
		zoo = await startZoo(name, words, options);
		context.skip(!(await compareStacks(zoo.pid, 4)), 'no eu-stack here');
	},
);

/** Its pool, its inspector's thread and its workers' platform; nothing runs. */
const withNode = async (use: (pid: number) => Promise<void>): Promise<void> => {
	const script = "setInterval(() => {}, 1e6); require('fs').stat('/', () => console.log('ready'))";
	const child = spawn(process.execPath, ['-e', script], {stdio: ['ignore', 'pipe', 'inherit']});
	try {
		await new Promise(resolve => child.stdout.once('data', resolve));
		await use(child.pid!);
	} finally {
		child.kill('SIGKILL');
	}
};

test('stacks of Node are those of a debugger, address by address', async context => {
	await withNode(async pid => {
		context.skip(!(await compareStacks(pid, 4)), 'no eu-stack here');
	});
});

test('a stack that was read before is read at once the next time, however deep it is', async () => {
	await withNode(async pid => {
		await expect
			.poll(
				() => {
					const [first, second] = readRounds(pid, 2) as [Round, Round];
					const still = [...second.stacks].filter(
						([tid, stack]) => first.stacks.get(tid) === stack,
					);
					return {
						isEnough: second.stacks.size > 3 && still.length === first.stacks.size,
						// The first part of memory isn't enough for its main thread.
						wasDeep: Math.max(...first.reads.values()) > 1,
						most: Math.max(...second.reads.values()),
					};
				},
				{timeout: 20_000},
			)
			.toEqual({isEnough: true, wasDeep: true, most: 1});
	});
});

test('stacks of PostgreSQL are those of a debugger, address by address', async context => {
	const programs = postgresPrograms();
	if (programs === undefined) {
		context.skip('no PostgreSQL here');
		return;
	}

	const server = await startPostgres(programs);
	try {
		const pids = [server.pid, ...server.children()];
		expect(pids.length).toBeGreaterThan(3);
		for (const pid of pids) {
			context.skip(!(await compareStacks(pid, 1)), 'no eu-stack here');
		}
	} finally {
		await server.stop();
	}
});

const missing = missingForZoo('deadlock.c');

test.skipIf(missing)(
	'threads that wait for locks have stacks, and their locks where they are wanted',
	async () => {
		zoo = await startZoo('deadlock.c', ['abba']);
		const {pid} = zoo;
		watched = watchTarget();
		const snapshot = await watched.tickUntil(each => {
			const {locks = [], threads} = processIn(each, pid)!;
			const outermost = threads.find(({tid}) => tid === locks[0]?.waiterTids[0])?.stack?.at(-1);
			return (
				locks.length === 2 &&
				locks.every(({wantedIn}) => wantedIn !== undefined && !wantedIn.startsWith('deadlock+')) &&
				outermost?.startsWith('libc') === false
			);
		}, 50);
		const {locks, threads} = processIn(snapshot, pid)!;
		const wanted = locks!.map(({wantedIn}) => wantedIn!.replace(/\+.*/, '')).sort();
		expect(wanted[0]).toMatch(/^first_then_second$|^only_first$/);
		expect(wanted[1]).toMatch(/^second_then_first$|^only_first$/);
		const waiter = threads.find(({tid}) => tid === locks![0]!.waiterTids[0])!;
		expect(waiter.stack![0]).toMatch(/lll_lock_wait|pthread_mutex_lock|libc/);
		expect(waiter.stack!.at(-1)).toMatch(/clone|thread_start/);
		// Nobody looks at the main thread, which waits for no lock.
		expect(threads[0]!.stack).toBeUndefined();
	},
);

test.skipIf(missing)('threads in focus have stacks too', async () => {
	zoo = await startZoo('deadlock.c', ['chain']);
	const {pid} = zoo;
	watched = watchTarget();
	watched.setFocus([pid]);
	const snapshot = await watched.tickUntil(
		each =>
			processIn(each, pid)!.threads.every(({stack}) =>
				stack?.some(frame => frame.includes('main') || frame.includes('thread')),
			),
		50,
	);
	expect(processIn(snapshot, pid)!.threads[0]!.stack).toContainEqual(
		expect.stringMatching(/^main\+0x/),
	);
});
