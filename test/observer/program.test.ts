import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {chmodSync, cpSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {type Actor, startActor} from '../helpers/actor.js';
import {ctopFile} from '../helpers/ctop.js';
import {missingForZoo} from '../helpers/zoo.js';
import {hexadecimal, stateOf, until} from './watched.js';

/* The built program, run as other users, with few descriptors, and stopped in between. */

const missing = missingForZoo('actor.c');
const nobody = 65_534;
const folder = mkdtempSync(path.join(tmpdir(), 'ctop-program-'));
// For everybody to read: a checkout may lie in a place that only its owner can reach, and so may Node.js.
const copy = path.join(folder, 'bin/ctop.js');
const node = path.join(folder, 'node');
let actors: Actor[] = [];

beforeAll(() => {
	const root = path.join(path.dirname(ctopFile), '..');
	for (const each of ['bin', 'dist', 'package.json']) {
		cpSync(path.join(root, each), path.join(folder, each), {recursive: true});
	}

	cpSync(process.execPath, node);
	chmodSync(folder, 0o755);
	execFileSync('chmod', ['-R', 'a+rX', folder]);
});

afterEach(async () => {
	await Promise.all(actors.map(async actor => actor.stop()));
	actors = [];
});

afterAll(() => rmSync(folder, {recursive: true}));

const start = async (through: readonly string[] = [], words: readonly string[] = []) => {
	const actor = await startActor(through, words);
	actors.push(actor);
	return actor;
};

type Run = {child: ChildProcess; output: Promise<string>};

/** Starts ctop through another program, such as setpriv(1) with its options. */
const startCtop = (through: readonly string[], words: readonly string[]): Run => {
	const [file, ...parameters] = [...through, node, copy, ...words];
	const child = spawn(file!, parameters, {stdio: ['ignore', 'pipe', 'pipe'], cwd: '/'});
	const output = new Promise<string>((resolve, reject) => {
		let text = '';
		let errors = '';
		child.stdout.setEncoding('utf8').on('data', chunk => {
			text += chunk;
		});
		child.stderr.setEncoding('utf8').on('data', chunk => {
			errors += chunk;
		});
		child.once('error', reject);
		child.once('close', code =>
			code === 0 ? resolve(text) : reject(new Error(`ctop ended with ${code}: ${errors}`)),
		);
	});
	return {child, output};
};

const snapshotThrough = async (
	through: readonly string[],
	words: readonly string[] = ['--for', '2s'],
): Promise<Snapshot> =>
	JSON.parse(await startCtop(through, ['snapshot', '-o', '-', ...words]).output) as Snapshot;

const processIn = (snapshot: Snapshot, pid: number): Process =>
	snapshot.processes.find(each => each.pid === pid)!;

const canRun = (words: readonly string[]): boolean => {
	try {
		execFileSync(words[0]!, [...words.slice(1), 'true'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
};

test.skipIf(missing)(
	'another user sees numbers of all processes, and what they wait for of its own',
	async context => {
		const asNobody = ['setpriv', `--reuid=${nobody}`, '--clear-groups', '--'];
		context.skip(process.getuid?.() !== 0 || !canRun(asNobody), 'needs root and setpriv');
		const [foreign, own] = [await start(), await start(asNobody)];
		for (const actor of [foreign, own]) {
			await actor.tell('thread');
			await actor.tell('poll', await actor.tell('thread'));
		}

		const snapshot = await snapshotThrough(asNobody);
		expect(snapshot.sampling.level).toBe('own');
		const ofForeign = processIn(snapshot, foreign.pid);
		expect(ofForeign).toMatchObject({userId: 0, threadCount: 3, name: 'actor'});
		expect(ofForeign.commandLine).toEqual([foreign.program]);
		expect(ofForeign.voluntarySwitchesPerSecond).toBeGreaterThan(5);
		for (const thread of ofForeign.threads) {
			expect(thread).toHaveProperty('waitChannel', null);
			expect(thread).toHaveProperty('wait', null);
			expect(thread.state).toBe('S');
		}

		const ofOwn = processIn(snapshot, own.pid);
		expect(ofOwn.userId).toBe(nobody);
		const kinds = ofOwn.threads.map(({wait}) => wait?.kind);
		expect(kinds).toContain('futex');
		expect(snapshot.sampling.refused['syscall']).toBeGreaterThanOrEqual(3);
		expect(snapshot.sampling.refused['wchan']).toBeGreaterThanOrEqual(3);
		const kernelThread = snapshot.processes.find(each => each.kernelThread)?.threads[0];
		if (kernelThread) {
			expect(kernelThread).toHaveProperty('waitChannel', null);
		}

		// Nothing that was refused is told as zero or as a name.
		expect(JSON.stringify(snapshot)).not.toMatch(/"waitChannel":"?0/);
	},
);

test.skipIf(missing)(
	"a probe of another user's process says what would be needed",
	async context => {
		const asNobody = ['setpriv', `--reuid=${nobody}`, '--clear-groups', '--'];
		context.skip(process.getuid?.() !== 0 || !canRun(asNobody), 'needs root and setpriv');
		const {pid} = await start();
		await expect(startCtop(asNobody, ['probe', String(pid)]).output).rejects.toThrow(
			`ctop ended with 1: ctop: may not look into process ${pid} (actor): it belongs to user 0: run ctop as root or as that user, or with CAP_SYS_PTRACE`,
		);
	},
);

test.skipIf(missing)('root sees all', async context => {
	context.skip(process.getuid?.() !== 0, 'needs root');
	const actor = await start();
	await actor.tell('thread');
	// On a machine with many threads and little time their waits are read one after the other.
	let waits: Process['threads'] = [];
	for (let seconds = 2; waits.length === 0 && seconds < 16; seconds *= 2) {
		const snapshot = await snapshotThrough([], ['--for', `${seconds}s`]);
		expect(snapshot.sampling.level).toBe('full');
		waits = processIn(snapshot, actor.pid).threads.filter(({wait}) => wait?.call === 'futex');
	}

	expect(waits).toMatchObject([{waitChannel: expect.stringMatching(/futex/)}]);
});

test('in another pid namespace the processes are those in it, born ones too', async context => {
	const inside = ['unshare', '--fork', '--pid', '--mount-proc'];
	context.skip(!canRun(inside), 'may not make a pid namespace here');
	const script = 'sleep 100 & (sleep 1; exec sleep 101) & "$@"';
	const snapshot = await snapshotThrough([...inside, 'sh', '-c', script, 'sh'], ['--for', '4s']);
	expect(snapshot.processes[0]).toMatchObject({pid: 1, parentPid: 0, name: 'sh'});
	expect(snapshot.processes.length).toBeLessThan(8);
	const sleeping = snapshot.processes.filter(({name}) => name === 'sleep');
	expect(sleeping.map(({commandLine}) => commandLine)).toEqual([
		['sleep', '100'],
		['sleep', '101'],
	]);
	const own = processIn(snapshot, snapshot.sampling.ownPid);
	expect(own.voluntarySwitchesPerSecond).toBeGreaterThan(0);
});

test.skipIf(missing)(
	'names and words of any bytes are whole in the JSON, and harmless in the text',
	async () => {
		// An escape sequence that clears the screen, a carriage return, a bell, and a newline that begins a false row.
		const name = '\u001B[2J\r\u0007\n1 2 S';
		const word = '\u001B]0;owned\u0007\n\u001B[31m 99999 1 R';
		const actor = await start([], [word, 'b\u009Bad']);
		await actor.tell('rename', actor.pid, hexadecimal(name));
		const tid = await actor.tell('thread');
		await actor.tell('rename', tid, hexadecimal(Buffer.from([0xff, 0xfe, 0x1b, 0x5b])));
		const only = ['-p', String(actor.pid)];
		const seen = processIn(await snapshotThrough([], ['--for', '1s', ...only]), actor.pid);
		expect(seen.name).toBe(name);
		expect(seen.commandLine).toEqual([actor.program, word, 'b\u009Bad']);
		expect(seen.threads[1]!.name).toBe('\uFFFD\uFFFD\u001B[');
		const text = await startCtop([], ['-b', '-n', '2', ...only]).output;
		expect(text).toContain('owned');
		// biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested.
		expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
		expect(text.split('\n').filter(line => /^ *99999 /.test(line))).toEqual([]);
	},
);

test.skipIf(missing)(
	'10,000 threads with 1,024 descriptors are all there, and those that run have their rates',
	async context => {
		const actor = await start();
		const polling = await Promise.all([1, 2, 3, 4].map(async () => actor.tell('thread')));
		const begun = await actor.tell('many', 10_000);
		context.skip(begun < 10_000, `only ${begun} threads may run here`);
		for (const tid of polling) {
			await actor.tell('poll', tid);
		}

		const limited = ['sh', '-c', 'ulimit -n 1024; exec "$@"', 'sh'];
		const snapshot = await snapshotThrough(limited, ['--for', '6s', '-d', '1']);
		const {threadCount, threads} = processIn(snapshot, actor.pid);
		expect(threadCount).toBe(10_000 + 5);
		for (const {tid, voluntarySwitchesPerSecond} of threads) {
			if (polling.includes(tid)) {
				// Asked for 50 times a second; on a machine that is short of CPUs it is less.
				expect.soft(voluntarySwitchesPerSecond).toBeGreaterThan(2);
				expect.soft(voluntarySwitchesPerSecond).toBeLessThan(60);
			}
		}

		const quiet = threads.filter(
			({voluntarySwitchesPerSecond}) => voluntarySwitchesPerSecond === 0,
		);
		expect(quiet.length).toBeGreaterThan(9_900);
		const {descriptorsHeld, descriptorLimit, threadsWithoutDescriptor, gaps} = snapshot.sampling;
		expect(descriptorLimit).toBeLessThan(1024);
		expect(descriptorsHeld).toBeLessThanOrEqual(descriptorLimit!);
		expect(descriptorsHeld).toBeGreaterThan(descriptorLimit! / 2);
		expect(threadsWithoutDescriptor).toBeGreaterThan(9_000);
		expect(gaps.length).toBeLessThan(6);
	},
);

test.skipIf(missing)(
	'after it was stopped for three seconds, the rates are right and the gap is named',
	async () => {
		const actor = await start();
		const tid = await actor.tell('thread');
		await actor.tell('poll', tid);
		const only = ['-p', String(actor.pid)];
		const began = performance.now();
		const {child, output} = startCtop([], ['snapshot', '-o', '-', '--for', '6s', ...only]);
		await sleep(2000);
		process.kill(child.pid!, 'SIGSTOP');
		await until(() => stateOf(child.pid!) === 'T', 'it is stopped');
		await sleep(3000);
		process.kill(child.pid!, 'SIGCONT');
		const snapshot = JSON.parse(await output) as Snapshot;
		const elapsedSeconds = (performance.now() - began) / 1000;
		const {gaps} = snapshot.sampling;
		const longest = Math.max(...gaps.map(({seconds}) => seconds));
		expect(longest).toBeGreaterThanOrEqual(3);
		expect(longest).toBeLessThan(elapsedSeconds);
		expect(Date.parse(gaps[0]!.at)).toBeLessThanOrEqual(Date.parse(snapshot.takenAt));
		const seen = processIn(snapshot, actor.pid);
		expect(seen.voluntarySwitchesPerSecond).toBeGreaterThan(2);
		expect(seen.voluntarySwitchesPerSecond).toBeLessThan(60);
		for (const thread of seen.threads) {
			expect(thread.cpuPercent).toBeLessThanOrEqual(100);
			expect(thread.runQueueWaitPercent).toBeLessThanOrEqual(100);
		}
	},
);
