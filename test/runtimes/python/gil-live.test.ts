import {readdirSync, readFileSync} from 'node:fs';
import {afterEach, expect, test} from 'vitest';
import {findMapping, parseMaps} from '../../../source/procfs/maps.js';
import {createMemoryReader, type MemoryReader} from '../../../source/procfs/memory.js';
import {createSyscallLine, parseSyscall} from '../../../source/procfs/syscall.js';
import {attachToPython} from '../../../source/runtimes/python/attach.js';
import {classifyPythonFutex, sharedSemaphore} from '../../../source/runtimes/python/gil.js';
import {type GilState, handOffsPerSecond} from '../../../source/runtimes/python/gil-state.js';
import {findPythonInterpreter} from '../../../source/runtimes/python/interpreter.js';
import {decodeFutex} from '../../../source/waits/futex.js';
import {syscallName} from '../../../source/waits/syscall-numbers.js';
import {readTimeout} from '../../../source/waits/timeout.js';
import {symbolsOf} from '../../helpers/pythons.js';
import {missingForZoo, startZoo, type ZooProcess} from '../../helpers/zoo.js';

let zoo: ZooProcess | undefined;
let memory: MemoryReader | undefined;

afterEach(async () => {
	memory?.close();
	await zoo?.stop();
	zoo = undefined;
});

const tidsOf = (pid: number): number[] => readdirSync(`/proc/${pid}/task`).map(Number);

const watch = (pid: number) => {
	const reader = createMemoryReader('/proc', pid);
	memory = reader;
	const mappings = parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
	const interpreter = findPythonInterpreter(mappings)!;
	const line = createSyscallLine();

	/** What each thread that sleeps on a futex does about the GIL at this moment. */
	const look = () =>
		tidsOf(pid).flatMap(tid => {
			const bytes = readFileSync(`/proc/${pid}/task/${tid}/syscall`);

			if (!parseSyscall(bytes, bytes.length, line) || line.state !== 'blocked') {
				return [];
			}

			const call = syscallName(process.arch, line.number);
			const futex = decodeFutex(call, line, reader.read);

			if (futex?.address === undefined) {
				return [];
			}

			const {address} = futex;
			const timeoutMilliseconds = readTimeout(call, line, reader.read)?.milliseconds;
			const region = findMapping(mappings, address)?.path;

			return [
				{
					tid,
					address,
					kind: classifyPythonFutex(interpreter, {futex, timeoutMilliseconds, region}),
				},
			];
		});

	return {interpreter, reader, look};
};

const missing = missingForZoo('gil-threads.py');

test.skipIf(missing)(
	'threads that compute in Python are seen to wait for the GIL, all on one condition',
	async () => {
		zoo = await startZoo('gil-threads.py', [6]);
		const {look} = watch(zoo.pid);

		await expect
			.poll(() => look().filter(({kind}) => kind === 'gil').length, {timeout: 30_000, interval: 7})
			.toBeGreaterThanOrEqual(3);
	},
);

test.skipIf(missing)('its holder is one of its threads, changes, and no waiter', async context => {
	zoo = await startZoo('gil-threads.py', [6]);
	const {pid} = zoo;
	const {interpreter, reader, look} = watch(pid);
	context.skip(
		interpreter.major !== 3 || interpreter.minor < 7 || interpreter.minor > 14,
		`no structures known of Python ${interpreter.version}`,
	);
	const living = new Set(tidsOf(pid));
	const gil = attachToPython(interpreter, symbolsOf(pid, interpreter), reader.read, tid =>
		living.has(tid) ? tid : undefined,
	)!.gils()[0]!.reader;
	expect(gil).toBeDefined();
	const holders = new Set<number>();
	const contradictions: unknown[] = [];
	const first = gil.read() as GilState;
	const started = performance.now();

	await expect
		.poll(
			() => {
				const before = gil.read();
				const waiters = look().filter(({kind}) => kind === 'gil');
				const after = gil.read();

				// Nobody else had it in between, so whoever was asleep on its condition didn't hold it.
				if (before?.holderTid !== undefined && before.switchNumber === after?.switchNumber) {
					holders.add(before.holderTid);
					contradictions.push(...waiters.filter(({tid}) => tid === before.holderTid));
				}

				contradictions.push(...waiters.filter(({address}) => !gil.isGilWord(address)));
				return holders.size;
			},
			{timeout: 30_000, interval: 7},
		)
		.toBeGreaterThanOrEqual(3);

	expect(contradictions).toEqual([]);
	const last = gil.read() as GilState;
	expect([...holders].every(tid => living.has(tid))).toBe(true);
	expect(last.switchIntervalMilliseconds).toBe(5);
	// One hand-off a switch interval at the very most, when all threads compute.
	const rate = handOffsPerSecond(first, last, (performance.now() - started) / 1000)!;
	expect(rate).toBeGreaterThan(2);
	expect(rate).toBeLessThan(400);
});

test.skipIf(missing)('threads that poll, or sit in a pool, do not wait for the GIL', async () => {
	zoo = await startZoo('idle-pool.py', [8]);
	const {look} = watch(zoo.pid);
	const looks: ReturnType<typeof look>[] = [];

	await expect
		.poll(() => looks.push(look()), {timeout: 30_000, interval: 11})
		.toBeGreaterThanOrEqual(40);

	// Now and then one may really want it, as its program starts.
	const seen = looks.flat();
	expect(seen.length).toBeGreaterThan(100);
	expect(seen.filter(({kind}) => kind === 'gil').length).toBeLessThan(seen.length / 20);
});

const missing27 = missingForZoo('gil-threads.py', {interpreter: 'python2.7'});

test.skipIf(missing27)('in Python 2 they are seen to share one semaphore of the heap', async () => {
	zoo = await startZoo('gil-threads.py', [6], {interpreter: 'python2.7'});
	const {pid} = zoo;
	const {interpreter, reader, look} = watch(pid);
	const candidates: {tid: number; address: number}[] = [];
	const living = new Set(tidsOf(pid));
	const gil = attachToPython(interpreter, symbolsOf(pid, interpreter), reader.read, tid =>
		living.has(tid) ? tid : undefined,
	)!.gils()[0]!.reader;
	const holders = new Set<number | undefined>();

	// Mostly they run: the lock is free again before they could fall asleep.
	await expect
		.poll(
			() => {
				candidates.push(...look().filter(({kind}) => kind === 'candidate'));
				holders.add(gil.read()?.holderTid);
				return Math.min(sharedSemaphore(candidates)?.tids.length ?? 0, holders.size);
			},
			{timeout: 40_000, interval: 5},
		)
		.toBeGreaterThanOrEqual(3);

	const {address} = sharedSemaphore(candidates)!;
	// A stripped interpreter doesn't say which semaphore it is.
	expect(gil.isGilWord(address)).toBe(gil.knowsGilWord);
	expect(gil.isGilWord(address + 8)).toBe(false);
	expect([...holders].every(tid => tid === undefined || living.has(tid))).toBe(true);
});
