import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import {probeText} from '../../source/format/probe/probe-lines.js';
import {type Probe, probeBudget} from '../../source/model/probe.js';
import {probeProcess} from '../../source/probes/probe.js';
import {ProbeRefusal} from '../../source/probes/subject.js';
import {directoryTarget, thisMachine} from '../../source/targets/local-target.js';
import {startActor} from '../helpers/actor.js';
import {runTool} from '../helpers/run-tool.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';

/* Real programs, looked at for a second or two; of their figures only what no load of the machine can change is asked. */

let running: {stop: () => Promise<void>}[] = [];

afterEach(async () => {
	await Promise.all(running.map(async each => each.stop()));
	running = [];
});

const zoo = async (name: string, words: readonly (string | number)[] = []): Promise<ZooProcess> => {
	const program = await startZoo(name, words);
	running.push(program);
	return program;
};

const look = async (pid: number, seconds = 1.5): Promise<Probe> =>
	probeProcess({target: thisMachine, pid, seconds});

/** Threads that there was no time for, as a note says. */
const unseenIn = ({notes}: Probe): number =>
	Number(/(\d+) were not seen at all/.exec(notes.join())?.[1] ?? 0);

const namesIn = ({offCpu}: Probe): readonly string[] => offCpu.frames.map(({name}) => name);

describe.skipIf(missingForZoo('polling-threads.py'))('a Python service that polls', () => {
	test('its poll is on top of the table, with the time limit that it was given', async () => {
		const {pid} = await zoo('polling-threads.py', [20, 0.05, 'select']);
		const probe = await look(pid);
		const [first] = probe.calls;
		expect(first?.call).toMatch(/^p?select6?$|^poll$/);
		expect(first?.threads).toBe(20);
		expect(first?.timeoutMilliseconds).toBe(50);
		expect(first?.percent).toBeGreaterThan(50);
		expect(first?.mostlyIn).toMatch(/^poll \(.*polling-threads\.py:\d+\)$/);
		expect(probe.sampling.threads).toBe(22);
	});

	test('threads with equal stacks are one group, and shares of the table add up', async () => {
		const {pid} = await zoo('polling-threads.py', [20, 30, 'select']);
		const probe = await look(pid, 1);
		// One that has only just begun may still be on its way there.
		const polling = probe.stacks.filter(({wait}) => wait.kind === 'poll');
		expect(polling.length).toBeLessThan(10);
		expect(polling.reduce((sum, {threadCount}) => sum + threadCount, 0)).toBe(20);
		expect(polling[0]?.runtimeStack?.[0]).toMatch(/^poll \(/);
		expect(polling[0]?.stack?.some(frame => frame.includes('PyEval'))).toBe(true);
		expect(probe.calls.reduce((sum, {percent}) => sum + percent, 0)).toBeCloseTo(100);
	});
});

describe.skipIf(missingForZoo('mutex-convoy.c'))('a convoy at a mutex', () => {
	test('the lock has its name, and the function that wants it', async () => {
		const {pid} = await zoo('mutex-convoy.c', [8]);
		const probe = await look(pid);
		const [lock] = probe.locks;
		expect(lock).toMatchObject({kind: 'mutex', name: 'mutex-convoy!mutex'});
		expect(lock?.wantedIn).toMatch(/^work\+/);
		expect(probe.calls[0]).toMatchObject({call: 'futex', mostly: 'mutex mutex-convoy!mutex'});
		expect(namesIn(probe)).toEqual(
			expect.arrayContaining(['work', 'pthread_mutex_lock', 'mutex mutex-convoy!mutex']),
		);
		expect(probe.timeline.threads.some(({states}) => states.includes('L'))).toBe(true);
	});

	test('threads that run at the last look have the stack of their last sleep', async () => {
		const {pid} = await zoo('mutex-convoy.c', [8]);
		const {stacks} = await look(pid, 2);
		const fighting = stacks
			.filter(({tids}) => !tids.includes(pid))
			.map(group => ({
				threads: group.threadCount,
				isRunning: group.wait.kind === 'running',
				stack: group.stack ?? group.lastAsleep?.stack ?? [],
				seconds: group.lastAsleep?.secondsBeforeEnd ?? 0,
			}));
		const known = fighting.filter(({stack}) => stack.some(frame => frame.startsWith('work+')));
		expect(known.reduce((sum, {threads}) => sum + threads, 0)).toBe(8);
		// With two CPUs and eight threads some always run, or are about to.
		expect(known.some(({isRunning}) => isRunning)).toBe(true);
		expect(Math.max(...known.map(({seconds}) => seconds))).toBeGreaterThan(0);
	});
});

describe.skipIf(missingForZoo('gil-threads.py'))('Python threads that fight for the GIL', () => {
	test('the share of the GIL is named and has a colour of its own', async () => {
		const {pid} = await zoo('gil-threads.py', [4]);
		const probe = await look(pid, 2);
		expect(probe.locks[0]?.kind).toBe('gil');
		expect(probe.offCpu.frames).toContainEqual({name: 'GIL', kind: 'gil'});
		expect(probe.timeline.threads.some(({states}) => states.includes('G'))).toBe(true);
		expect(probeText(probe, 120)).toMatch(/of the time asleep: for the GIL [\d.]+%/);
	});
});

const perf = await runTool('perf', ['--version']).catch(() => undefined);

describe.skipIf(missingForZoo('mutex-convoy.c') !== undefined || perf === undefined)(
	'a loop that computes, with perf',
	() => {
		test('its function is on top, as in perf report', {timeout: 180_000}, async context => {
			const {pid} = await zoo('mutex-convoy.c', [1]);
			const {onCpu, notes, stacks} = await look(pid, 3);
			if (onCpu?.source !== 'perf') {
				context.skip(`perf may not record here: ${notes.join()}`);
			}

			expect(onCpu?.symbols[0]?.name).toBe('work');
			// It never sleeps: only perf has a stack of it.
			const [running] = stacks.filter(({wait}) => wait.kind === 'running');
			expect(running?.lastRun?.stack).toContain('work');
			const folder = mkdtempSync(path.join(tmpdir(), 'ctop-perf-test-'));
			const data = path.join(folder, 'perf.data');
			try {
				const record = ['record', '-F', '99', '-g', '-p', String(pid), '-o', data];
				execFileSync('perf', [...record, '--', 'sleep', '2'], {stdio: 'ignore'});
				const report = execFileSync(
					'perf',
					['report', '-i', data, '--stdio', '--no-children', '-g', 'none', '-F', 'overhead,sym'],
					{encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']},
				);
				expect(/^\s*[\d.]+%\s+\[.\]\s+(\S+)/m.exec(report)?.[1]).toBe('work');
			} finally {
				rmSync(folder, {recursive: true});
			}
		});
	},
);

describe.skipIf(missingForZoo('one-busy-thread.py'))('a Python loop that computes', () => {
	test('the function that runs is told by its line, with perf or without', async () => {
		const {pid} = await zoo('one-busy-thread.py');
		const {onCpu} = await look(pid, 2);
		const names = onCpu?.symbols.map(({name}) => name) ?? [];
		expect(names.join('\n')).toMatch(/<module> \(.*one-busy-thread\.py:\d+\)/);
	});
});

describe.skipIf(missingForZoo('actor.c'))('a process that changes meanwhile', () => {
	test('one that ends is told as far as it was seen', async () => {
		const child = spawn('sleep', ['60']);
		const probing = look(child.pid!, 20);
		await setTimeout(1000);
		child.kill();
		const probe = await probing;
		expect(probe.seconds).toBeLessThan(19);
		expect(probe.notes.join()).toContain('the process ended');
		expect(probe.calls[0]?.call).toMatch(/nanosleep/);
	});

	test('one that runs another program is told to have done so', async () => {
		const actor = await startActor();
		running.push(actor);
		const probing = look(actor.pid, 3);
		await setTimeout(500);
		await actor.tell('exec');
		expect((await probing).notes.join()).toContain('another program');
	});

	test('one that starts children says that they are not in it', async () => {
		const actor = await startActor();
		running.push(actor);
		const probing = look(actor.pid, 2);
		await setTimeout(300);
		await actor.tell('fork');
		expect((await probing).notes.join()).toContain('1 more child process');
	});

	test('threads that begin meanwhile are seen', async () => {
		const actor = await startActor();
		running.push(actor);
		const probing = look(actor.pid, 3);
		await actor.tell('many', 50);
		expect((await probing).sampling.threads).toBeGreaterThan(50);
	});
});

test.skipIf(missingForZoo('actor.c'))(
	'a process of two thousand threads is told whole',
	{timeout: 120_000},
	async () => {
		const actor = await startActor();
		running.push(actor);
		await actor.tell('many', 2000);
		const probe = await look(actor.pid, 5);
		expect(probe.sampling.threads).toBeGreaterThan(2000);
		const seen = 2001 - unseenIn(probe);
		expect(Math.max(...probe.calls.map(({threads}) => threads))).toBeGreaterThan(seen * 0.9);
		expect(probe.asleepSeconds).toBeGreaterThan(seen * 2);
		// All of them sleep on, which nobody has to look often for.
		expect(probe.sampling.closelyKnownPercent).toBeGreaterThan(0);
		expect(probe.sampling.ownCpuPercent).toBeLessThan(probeBudget.cpuPercent * 2);
	},
);

test.skipIf(missingForZoo('actor.c'))(
	'of ten thousand threads each is seen or said not to have been, with some of their stacks',
	{timeout: 180_000},
	async context => {
		const actor = await startActor();
		running.push(actor);
		const begun = await actor.tell('many', 10_000);
		context.skip(begun < 10_000, `only ${begun} threads may be started here`);
		const probe = await look(actor.pid, 5);
		const {sampling, calls, stacks, notes, seconds, offCpu} = probe;
		const seen = begun + 1 - unseenIn(probe);
		expect(seen).toBeGreaterThan(100);
		expect(sampling.threads).toBeGreaterThan(begun);
		expect(calls[0]).toMatchObject({call: 'futex'});
		expect(calls[0]?.threads).toBeGreaterThanOrEqual(seen - 1);
		expect(stacks.reduce((sum, {threadCount}) => sum + threadCount, 0)).toBe(seen);
		expect(sampling.looks).toBeGreaterThanOrEqual(seen);
		expect(sampling.threadsWithStack).toBeGreaterThan(7);
		expect(sampling.threadsWithStack).toBeLessThan(begun);
		expect(notes.join()).toMatch(/10001 threads are many .* stacks of \d+ of them were read/);
		expect(stacks.some(({stack}) => stack?.some(frame => frame.startsWith('work+')))).toBe(true);
		expect(offCpu.frames.map(({name}) => name)).toContain('[stack not read]');
		expect(seconds).toBeGreaterThanOrEqual(5);
	},
);

describe('what can not be looked into', () => {
	const refusal = async (pid: number): Promise<ProbeRefusal> => {
		const error = await look(pid, 1).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(ProbeRefusal);
		return error as ProbeRefusal;
	};

	test('a process that is not there', async () => {
		const child = spawn('true');
		await new Promise(resolve => {
			child.once('exit', resolve);
		});
		expect(await refusal(child.pid!)).toMatchObject({reason: 'gone'});
	});

	test('a thread names its process', async () => {
		const {pid} = await zoo('mutex-convoy.c', [2]);
		const tid = execFileSync('ls', [`/proc/${pid}/task`], {encoding: 'utf8'})
			.split('\n')
			.map(Number)
			.find(each => each > 0 && each !== pid);
		expect((await refusal(tid!)).message).toContain(`ctop probe ${pid}`);
	});
});

test('perf and strace are not given ids of another /proc, where the same number may be another process', async () => {
	const child = spawn('sleep', ['60']);
	running.push({stop: async () => void child.kill()});
	// The same files by another path, as those of a host that are mounted in a container.
	const target = directoryTarget('/proc/self/root/proc')!;
	expect(target.ownKernel).toBe(true);
	const probe = await probeProcess({target, pid: child.pid!, seconds: 0.5, strace: true});
	expect(probe.calls[0]?.call).toMatch(/nanosleep/);
	expect(probe.exactCalls).toBeUndefined();
	expect(probe.onCpu?.source).not.toBe('perf');
	expect(probe.notes.join()).toContain('perf and strace were not used');
});

test('ends early when told to, with what was seen until then', async () => {
	const child = spawn('sleep', ['60']);
	running.push({stop: async () => void child.kill()});
	const controller = new AbortController();
	const probing = probeProcess({
		target: thisMachine,
		pid: child.pid!,
		seconds: 60,
		signal: controller.signal,
	});
	await setTimeout(500);
	controller.abort();
	const probe = await probing;
	expect(probe.notes.join()).toContain('stopped after');
	expect(probe.pid).toBe(child.pid);
});
