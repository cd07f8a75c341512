import {spawn} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {afterEach, expect, test} from 'vitest';
import {parseMaps} from '../../source/procfs/maps.js';
import {createMemoryReader} from '../../source/procfs/memory.js';
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

/** Addresses of each sleeping thread's functions. */
const ownStacks = (pid: number): Map<number, string> => {
	const files = createProgramFiles('/proc', createSymbolSearch());
	const reader = createStackReader(files, createPlaces(files), process.arch);
	const memory = createMemoryReader('/proc', pid);
	const mappings = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
	const stacks = new Map<number, string>();
	for (const tid of readdirSync(`/proc/${pid}/task`).map(Number)) {
		const line = createSyscallLine();
		const bytes = readFileSync(`/proc/${pid}/task/${tid}/syscall`);
		if (parseSyscall(bytes, bytes.length, line) && line.state === 'blocked') {
			const addresses = reader.addresses(
				{pid, mappings, readMemory: memory.read},
				line.stackPointer,
				line.programCounter,
			);
			stacks.set(tid, addresses.map(each => each.toString(16)).join(' '));
		}
	}

	reader.release();
	memory.close();
	return stacks;
};

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

test('stacks of Node are those of a debugger, address by address', async context => {
	// Its pool, its inspector's thread and its workers' platform; nothing runs.
	const script = "setInterval(() => {}, 1e6); require('fs').stat('/', () => console.log('ready'))";
	const child = spawn(process.execPath, ['-e', script], {stdio: ['ignore', 'pipe', 'inherit']});
	try {
		await new Promise(resolve => child.stdout.once('data', resolve));
		context.skip(!(await compareStacks(child.pid!, 4)), 'no eu-stack here');
	} finally {
		child.kill('SIGKILL');
	}
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
