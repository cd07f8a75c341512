import {execFileSync} from 'node:child_process';
import {
	cpSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {directoryTarget} from '../../source/targets/local-target.js';
import {startActor} from '../helpers/actor.js';
import {missingForZoo} from '../helpers/zoo.js';
import {hexadecimal, processIn, watchTarget} from './watched.js';

const fixtures = path.join(import.meta.dirname, '../fixtures/proc');
const recorder = path.join(import.meta.dirname, '../../scripts/record-proc.js');
const folder = mkdtempSync(path.join(tmpdir(), 'ctop-recorded-'));

beforeAll(() => {
	cpSync(path.join(fixtures, 't0'), path.join(folder, 'tree'), {
		recursive: true,
		verbatimSymlinks: true,
	});
});

afterAll(() => rmSync(folder, {recursive: true}));

const filesOf = (root: string): string[] =>
	readdirSync(root, {recursive: true, encoding: 'utf8'}).filter(
		file => statSync(path.join(root, file), {throwIfNoEntry: false})?.isFile() ?? false,
	);

/** Puts the second moment in the place of the first: into the same files, as the kernel would. */
const passTime = (tree: string): void => {
	for (const file of filesOf(path.join(fixtures, 't1'))) {
		writeFileSync(path.join(tree, file), readFileSync(path.join(fixtures, 't1', file)));
	}
};

const record = (output: string, ...words: readonly string[]): void => {
	execFileSync(process.execPath, [recorder, output, ...words]);
};

/** Voluntary switches of a thread in one of the two moments. */
const switchesOf = (moment: 't0' | 't1', pid: number, tid: number): number =>
	Number(
		/^voluntary_ctxt_switches:\t(\d+)/m.exec(
			readFileSync(path.join(fixtures, moment, `${pid}/task/${tid}/status`), 'utf8'),
		)![1],
	);

test('a recorded tree gives processes, threads, runtimes and waits', async () => {
	const watched = watchTarget(directoryTarget(path.join(fixtures, 't0')));
	const snapshot = await watched.tick();
	watched.close();
	expect(snapshot.host).toMatchObject({name: 'host', kernel: '6.18.44', architecture: 'x86_64'});
	expect(snapshot.host).not.toHaveProperty('container');
	expect(snapshot.processes).toHaveLength(5);
	const [init, kernel, gil, polling, pool] = snapshot.processes;
	expect(init).toMatchObject({pid: 1, parentPid: 0, user: 'root'});
	expect(kernel).toMatchObject({pid: 2, kernelThread: true, commandLine: []});
	for (const python of [gil, polling]) {
		expect(python!.runtime).toMatchObject({name: 'cpython', version: '3.11'});
		expect(python!.parentPid).toBe(pool!.parentPid);
	}

	expect(
		gil!.threads.filter(({wait}) => wait?.region === 'libpython3.11.so.1.0').length,
	).toBeGreaterThan(1);
	expect(polling!.threads.filter(({wait}) => wait?.kind === 'sleep').length).toBeGreaterThan(1);
	expect(pool!.runtime).toBeUndefined();
	expect(pool!.threads.filter(({wait}) => wait?.call === 'futex').length).toBeGreaterThan(1);
	expect(
		snapshot.processes.every(
			({voluntarySwitchesPerSecond}) => voluntarySwitchesPerSecond === undefined,
		),
	).toBe(true);
});

test('two recorded moments give the rates between them', async () => {
	const tree = path.join(folder, 'tree');
	const watched = watchTarget(directoryTarget(tree));
	await watched.tick();
	await sleep(500);
	passTime(tree);
	const snapshot = await watched.tick();
	watched.close();
	const threads = snapshot.processes.flatMap(({pid, threads: each}) =>
		each.map(thread => ({
			change: switchesOf('t1', pid, thread.tid) - switchesOf('t0', pid, thread.tid),
			rate: thread.voluntarySwitchesPerSecond ?? 0,
		})),
	);
	expect(threads.filter(({change}) => change > 10).length).toBeGreaterThan(8);
	for (const {change, rate} of threads) {
		// Each thread has its own moments of reading: they lie some milliseconds apart.
		expect(rate).toBeGreaterThanOrEqual((change / snapshot.intervalSeconds!) * 0.5);
		expect(rate).toBeLessThanOrEqual((change / snapshot.intervalSeconds!) * 2);
	}

	expect(snapshot.system.contextSwitchesPerSecond).toBeGreaterThan(0);
});

test.skipIf(missingForZoo('actor.c'))('the recorder keeps what a live process shows', async () => {
	const actor = await startActor([], ['first word', '']);
	const tid = await actor.tell('thread');
	const output = path.join(folder, 'live');
	record(output, '--pids', `${actor.pid},${process.pid}`);
	const watched = watchTarget(directoryTarget(output));
	const recorded = processIn(await watched.tick(), actor.pid)!;
	watched.close();
	await actor.stop();
	expect(recorded).toMatchObject({name: 'actor', parentPid: process.pid, threadCount: 2});
	expect(recorded.commandLine).toEqual([actor.program, 'first word']);
	expect(recorded.threads.map(thread => thread.tid)).toEqual([actor.pid, tid]);
	expect(readlinkSync(path.join(output, String(actor.pid), 'exe'))).toBe(actor.program);
});

test.skipIf(missingForZoo('actor.c'))(
	'a redacted recording holds no name, word or path of a process',
	async () => {
		const actor = await startActor([], ['--password=hunter2', '/home/somebody/secret.txt']);
		await actor.tell('rename', actor.pid, hexadecimal('s3cret) \\n\n'));
		const output = path.join(folder, 'redacted');
		record(output, '--redact', '--pids', String(actor.pid));
		await actor.stop();
		const all = filesOf(output).map(file => readFileSync(path.join(output, file), 'latin1'));
		for (const secret of ['hunter2', 'somebody', 's3cret', path.dirname(actor.program)]) {
			expect(all.filter(text => text.includes(secret))).toEqual([]);
		}

		expect(readlinkSync(path.join(output, String(actor.pid), 'exe'))).toMatch(/^\/srv\/file-\d+$/);
		const watched = watchTarget(directoryTarget(output));
		const [recorded] = (await watched.tick()).processes;
		watched.close();
		expect(recorded).toMatchObject({pid: actor.pid, name: expect.stringMatching(/^task-\d+$/)});
		expect(recorded!.threads[0]!.name).toBe(recorded!.name);
		expect(recorded!.commandLine).toHaveLength(3);
	},
);

test('the recorder says how it is used', () => {
	expect(() => execFileSync(process.execPath, [recorder], {stdio: 'pipe'})).toThrow(/usage:/);
});
