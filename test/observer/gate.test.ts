import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import os from 'node:os';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {type Actor, startActor} from '../helpers/actor.js';
import {runTool} from '../helpers/run-tool.js';
import {missingForZoo} from '../helpers/zoo.js';
import {
	hexadecimal,
	processIn,
	stateOf,
	threadIn,
	until,
	type Watched,
	watchTarget,
} from './watched.js';

const missing = missingForZoo('actor.c');
let watched: Watched;
let actors: Actor[] = [];

const start = async (): Promise<Actor> => {
	const actor = await startActor();
	actors.push(actor);
	return actor;
};

/** A thread of the actor that sleeps, and that the observer knows to sleep. */
const startSleeper = async (actor: Actor): Promise<number> => {
	const tid = await actor.tell('thread');
	await until(() => stateOf(actor.pid, tid) === 'S', 'the thread sleeps');
	await watched.tickUntil(snapshot => {
		const thread = threadIn(snapshot, actor.pid, tid);
		return thread?.voluntarySwitchesPerSecond === 0 && thread.wait?.kind === 'futex';
	});
	return tid;
};

beforeAll(() => {
	watched = watchTarget();
});

afterEach(async () => {
	await Promise.all(actors.map(async actor => actor.stop()));
	actors = [];
});

afterAll(() => watched.close());

test.skipIf(missing)(
	'a thread that was stopped is shown stopped at once, and asleep when it goes on',
	async () => {
		const actor = await start();
		const tid = await startSleeper(actor);
		process.kill(actor.pid, 'SIGSTOP');
		await until(() => stateOf(actor.pid, tid) === 'T', 'it is stopped');
		const stopped = await watched.tick();
		expect(threadIn(stopped, actor.pid, tid)).toMatchObject({state: 'T', wait: {kind: 'stopped'}});
		expect(processIn(stopped, actor.pid)?.state).toBe('T');
		process.kill(actor.pid, 'SIGCONT');
		await until(() => stateOf(actor.pid, tid) === 'S', 'it goes on');
		expect(threadIn(await watched.tick(), actor.pid, tid)).toMatchObject({
			state: 'S',
			wait: {kind: 'futex'},
		});
	},
);

test.skipIf(missing)('a process that ended is shown as a zombie until it is reaped', async () => {
	const actor = await start();
	await watched.tick();
	const child = await actor.tell('zombie');
	await until(() => stateOf(child) === 'Z', 'it has ended');
	const snapshot = await watched.tickUntil(each => processIn(each, child) !== undefined);
	expect(processIn(snapshot, child)).toMatchObject({
		parentPid: actor.pid,
		state: 'Z',
		commandLine: [],
		threads: [{state: 'Z', wait: {kind: 'exited'}}],
	});
	await actor.tell('reap', child);
	expect(processIn(await watched.tick(), child)).toBeUndefined();
});

test.skipIf(missing)(
	'a process that dies while it is known becomes a zombie in the next Snapshot',
	async () => {
		const actor = await start();
		const child = await actor.tell('fork');
		await watched.tickUntil(snapshot => processIn(snapshot, child)?.state === 'S');
		process.kill(child, 'SIGKILL');
		await until(() => stateOf(child) === 'Z', 'it is dead');
		expect(processIn(await watched.tick(), child)?.state).toBe('Z');
		await actor.tell('reap', child);
		expect(processIn(await watched.tick(), child)).toBeUndefined();
	},
);

test.skipIf(missing)(
	'a sleeping thread that another one renames gets its new name in a slow round',
	async () => {
		const actor = await start();
		const tid = await startSleeper(actor);
		await actor.tell('rename', tid, hexadecimal('a) R 1 (b'));
		const snapshot = await watched.tickUntil(
			each => threadIn(each, actor.pid, tid)?.name !== 'actor',
			0,
		);
		expect(threadIn(snapshot, actor.pid, tid)).toMatchObject({name: 'a) R 1 (b', state: 'S'});
		expect(processIn(snapshot, actor.pid)?.name).toBe('actor');
	},
);

test.skipIf(missing)(
	'a process that renames itself has its new name in the next Snapshot',
	async () => {
		const actor = await start();
		await startSleeper(actor);
		await actor.tell('rename', actor.pid, hexadecimal('new\nname'));
		const renamed = processIn(await watched.tick(), actor.pid);
		expect(renamed?.name).toBe('new\nname');
		expect(renamed?.threads[0]?.name).toBe('new\nname');
	},
);

test.skipIf(missing)(
	'threads and processes that have ended are not in the next Snapshot',
	async () => {
		const actor = await start();
		const [first, second] = [await startSleeper(actor), await startSleeper(actor)];
		await actor.tell('end', first);
		await until(() => stateOf(actor.pid, first) === undefined, 'it has ended');
		const snapshot = await watched.tick();
		expect(threadIn(snapshot, actor.pid, first)).toBeUndefined();
		expect(threadIn(snapshot, actor.pid, second)).toBeDefined();
		expect(processIn(snapshot, actor.pid)?.threadCount).toBe(2);
		await actor.stop();
		expect(processIn(await watched.tick(), actor.pid)).toBeUndefined();
	},
);

test.skipIf(missing)(
	'a child of a process that has ended has a new parent, though it didn’t run',
	async () => {
		const [parent, reaper] = [await start(), await start()];
		const child = await parent.tell('fork');
		await watched.tickUntil(snapshot => processIn(snapshot, child)?.parentPid === parent.pid);
		await reaper.tell('thread');
		// It dies with its parent, but until it is reaped it is there.
		await parent.stop();
		const snapshot = await watched.tick();
		expect(processIn(snapshot, child)?.parentPid).not.toBe(parent.pid);
	},
);

test.skipIf(missing)(
	'after exec the same process has another command line, and no rates for that interval',
	async () => {
		const actor = await start();
		const tid = await startSleeper(actor);
		await actor.tell('exec', 0, 'again');
		const snapshot = await watched.tick();
		const after = processIn(snapshot, actor.pid);
		expect(after?.commandLine).toEqual([actor.program, 'again']);
		expect(after?.threads.map(thread => thread.tid)).toEqual([actor.pid]);
		expect(threadIn(snapshot, actor.pid, tid)).toBeUndefined();
		expect(after?.voluntarySwitchesPerSecond).toBeUndefined();
		const next = processIn(await watched.tick(), actor.pid);
		expect(next?.voluntarySwitchesPerSecond).toBeGreaterThanOrEqual(0);
	},
);

test.skipIf(missing)(
	'exec in a second thread gives the process that thread’s counters, which make no rate',
	async () => {
		const actor = await start();
		const tid = await startSleeper(actor);
		// So that its counters are far from those of the main thread.
		await actor.tell('spin', tid);
		await watched.tickUntil(
			snapshot => (threadIn(snapshot, actor.pid, tid)?.cpuPercent ?? 0) > 1,
			200,
		);
		await actor.tell('exec-in-thread', tid, 'from-thread');
		const after = processIn(await watched.tick(), actor.pid);
		expect(after?.commandLine).toEqual([actor.program, 'from-thread']);
		expect(after?.threads.map(thread => thread.tid)).toEqual([actor.pid]);
		expect(after?.cpuPercent).toBeUndefined();
		expect(after?.voluntarySwitchesPerSecond).toBeUndefined();
		const later = processIn(
			await watched.tickUntil(
				each => processIn(each, actor.pid)?.threads[0]?.wait?.call === 'read',
			),
			actor.pid,
		);
		expect(later?.threads[0]?.wait?.kind).toMatch(/^(pipe|socket)$/);
	},
);

test.skipIf(missingForZoo('idle-pool.py'))(
	'after exec of another program the runtime is that of the new one',
	async () => {
		const child = spawn('python3', [
			'-c',
			'import os, sys; print("up", flush=True); sys.stdin.readline(); os.execvp("sleep", ["sleep", "60"])',
		]);
		try {
			await new Promise(resolve => {
				child.stdout.once('data', resolve);
			});
			const before = await watched.tickUntil(
				snapshot => processIn(snapshot, child.pid!)?.runtime !== undefined,
			);
			expect(processIn(before, child.pid!)?.runtime?.name).toBe('cpython');
			child.stdin.write('\n');
			const after = await watched.tickUntil(
				snapshot => processIn(snapshot, child.pid!)?.name === 'sleep',
			);
			expect(processIn(after, child.pid!)).toMatchObject({runtime: undefined});
			const later = await watched.tickUntil(
				snapshot => processIn(snapshot, child.pid!)?.commandLine?.[0] === 'sleep',
			);
			expect(processIn(later, child.pid!)).toMatchObject({
				commandLine: ['sleep', '60'],
				runtime: undefined,
			});
		} finally {
			child.kill('SIGKILL');
		}
	},
);

test.skipIf(missing)('a process whose main thread has left goes on with the others', async () => {
	const actor = await start();
	const tid = await startSleeper(actor);
	await actor.tell('poll', tid);
	await actor.tell('leave');
	await until(() => stateOf(actor.pid) === 'Z', 'the main thread has left');
	await watched.tick();
	await sleep(200);
	const left = processIn(await watched.tick(), actor.pid);
	expect(left?.state).toBe('Z');
	expect(left?.threads.map(thread => [thread.tid === actor.pid, thread.state === 'Z'])).toEqual([
		[true, true],
		[false, false],
		[false, false],
	]);
	expect(left?.threads[0]?.voluntarySwitchesPerSecond).toBe(0);
	expect(left?.voluntarySwitchesPerSecond).toBeGreaterThan(1);
});

test.skipIf(missing)('a thread that went to sleep shows zero, not its last rate', async () => {
	const actor = await start();
	const tid = await startSleeper(actor);
	await actor.tell('poll', tid);
	await watched.tick();
	await sleep(300);
	const active = await watched.tickUntil(
		snapshot => (threadIn(snapshot, actor.pid, tid)?.voluntarySwitchesPerSecond ?? 0) > 5,
		200,
	);
	expect(threadIn(active, actor.pid, tid)?.voluntarySwitchesPerSecond).toBeLessThan(60);
	await actor.tell('sleep', tid);
	await until(() => stateOf(actor.pid, tid) === 'S', 'it sleeps');
	await sleep(50);
	await watched.tick();
	await watched.tick();
	const quiet = await watched.tick();
	expect(threadIn(quiet, actor.pid, tid)).toMatchObject({
		voluntarySwitchesPerSecond: 0,
		involuntarySwitchesPerSecond: 0,
		cpuPercent: 0,
		runQueueWaitPercent: 0,
		systemCpuPercent: undefined,
		waits: undefined,
	});
	expect(processIn(quiet, actor.pid)).toMatchObject({
		voluntarySwitchesPerSecond: 0,
		cpuPercent: 0,
		systemCpuPercent: 0,
	});
});

test.skipIf(missing)(
	'a process and a thread that sleep are the same objects in the next Snapshot',
	async () => {
		const actor = await start();
		const tid = await startSleeper(actor);
		const polling = await actor.tell('thread');
		await watched.tickUntil(
			snapshot => processIn(snapshot, actor.pid)?.voluntarySwitchesPerSecond === 0,
		);
		let before = await watched.tick();
		for (let tick = 0; tick < 40; tick++) {
			const after = await watched.tick();
			expect(processIn(after, actor.pid)).toBe(processIn(before, actor.pid));
			before = after;
		}

		await actor.tell('poll', polling);
		await sleep(50);
		const after = await watched.tick();
		expect(processIn(after, actor.pid)).not.toBe(processIn(before, actor.pid));
		expect(threadIn(after, actor.pid, tid)).toBe(threadIn(before, actor.pid, tid));
	},
);

test.skipIf(missing)('niceness that another process changes shows in a slow round', async () => {
	const actor = await start();
	const tid = await startSleeper(actor);
	const before = threadIn(await watched.tick(), actor.pid, tid)!.nice!;
	os.setPriority(tid, Math.min(19, before + 3));
	const snapshot = await watched.tickUntil(
		each => threadIn(each, actor.pid, tid)?.nice !== before,
		0,
	);
	expect(threadIn(snapshot, actor.pid, tid)?.nice).toBe(Math.min(19, before + 3));
});

test.skipIf(missing)(
	'affinity that another process changes shows in a slow round',
	async context => {
		const actor = await start();
		await startSleeper(actor);
		const before = processIn(await watched.tick(), actor.pid)?.cpusAllowed;
		context.skip(before === 1, 'only one CPU here');
		const output = await runTool('taskset', ['-a', '-p', '-c', '0', String(actor.pid)]);
		context.skip(output === undefined, 'no taskset here');
		const snapshot = await watched.tickUntil(
			each => processIn(each, actor.pid)?.cpusAllowed !== before,
			0,
		);
		expect(processIn(snapshot, actor.pid)?.cpusAllowed).toBe(1);
	},
);

const slicesOf = (pid: number): number =>
	Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[2]);

const isPermitted = async (...words: readonly string[]): Promise<boolean> => {
	try {
		return (await runTool(words[0]!, [...words.slice(1), 'true'])) !== undefined;
	} catch {
		return false;
	}
};

test.skipIf(missing)(
	'a thread that was woken but gets no CPU is shown as running, though its schedstat is the same',
	async context => {
		const spin = ['chrt', '-f', '1', 'taskset', '-c', '0'];
		context.skip(!(await isPermitted(...spin)), 'no real-time programs may run here');
		const actor = await startActor(['taskset', '-c', '0']);
		actors.push(actor);
		// More looks than it takes: three of suspicion, eight eighths of all threads, and one to read it again.
		const ticks = 16;
		const longestMilliseconds = 5000;
		const attempts = 4;
		for (let attempt = 1; attempt <= attempts; attempt++) {
			await watched.tickUntil(
				snapshot =>
					stateOf(actor.pid) === 'S' &&
					threadIn(snapshot, actor.pid, actor.pid)?.voluntarySwitchesPerSecond === 0,
			);
			const spinner = spawn(spin[0]!, [
				...spin.slice(1),
				'sh',
				'-c',
				'echo up; while :; do :; done',
			]);
			const guard = setTimeout(() => spinner.kill('SIGKILL'), longestMilliseconds);
			let answer: Promise<number> | undefined;
			try {
				await new Promise(resolve => {
					spinner.stdout.once('data', resolve);
				});
				const slices = slicesOf(actor.pid);
				answer = actor.tell('sleep', 1);
				await until(
					() => stateOf(actor.pid) !== 'S' || slicesOf(actor.pid) !== slices,
					'it is woken',
				);
				for (let tick = 0; tick < ticks && slicesOf(actor.pid) === slices; tick++) {
					const snapshot = await watched.tick();
					if (
						threadIn(snapshot, actor.pid, actor.pid)?.state === 'R' &&
						slicesOf(actor.pid) === slices
					) {
						expect(threadIn(snapshot, actor.pid, actor.pid)?.wait).toEqual({kind: 'running'});
						return;
					}
				}

				// Had it starved to the end, it should have been seen.
				expect(slicesOf(actor.pid)).not.toBe(slices);
			} finally {
				clearTimeout(guard);
				spinner.kill('SIGKILL');
				// It answers as soon as it has a CPU again.
				await answer;
			}
		}

		context.skip(true, 'the machine gave it a CPU too soon each time');
	},
);
