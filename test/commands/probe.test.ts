import {spawn} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, describe, expect, test} from 'vitest';
import type {Probe} from '../../source/model/probe.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {parseSnapshot} from '../../source/snapshot/read-snapshot.js';
import {ctopFile, runCtop} from '../helpers/ctop.js';
import {runTool} from '../helpers/run-tool.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-probe-'));
let program: ZooProcess | undefined;

afterEach(async () => program?.stop());
afterAll(() => rmSync(folder, {recursive: true}));

const start = async (): Promise<number> => {
	program = await startZoo('mutex-convoy.c', [6]);
	return program.pid;
};

const statusOf = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');
const tracerOf = (pid: number): number => Number(/^TracerPid:\s*(\d+)/m.exec(statusOf(pid))?.[1]);

describe.skipIf(missingForZoo('mutex-convoy.c'))('ctop probe', () => {
	test('stops nothing: the process is never traced and never stopped', async () => {
		const pid = await start();
		const seen = new Set<string>();
		const looking = setInterval(() => {
			const state = /^State:\s*(\w)/m.exec(statusOf(pid))?.[1];
			seen.add(
				`${state === 'T' || state === 't' ? 'stopped' : 'goes on'}, tracer ${tracerOf(pid)}`,
			);
		}, 5);
		try {
			expect((await runCtop(['probe', String(pid), '--seconds', '1'])).code).toBe(0);
		} finally {
			clearInterval(looking);
		}

		expect([...seen]).toEqual(['goes on, tracer 0']);
	});

	test('says beforehand what it does and costs, then tells in text what it found', async () => {
		const pid = await start();
		const {code, output, errors} = await runCtop(['probe', String(pid), '--seconds', '1']);
		expect(code).toBe(0);
		expect(errors).toMatch(
			/looks at what each thread waits for 20 to 100 times a second, with at most 10% of one CPU/,
		);
		expect(errors).toMatch(/stops nothing and changes nothing/);
		expect(output).toMatch(/futex {2}mostly mutex mutex-convoy!mutex/);
		// Where it is wanted, also when all of them run at the last look.
		expect(output).toMatch(/\bwork\+0x/);
	});

	test('writes everything for a ticket into a new directory, for its owner only', async () => {
		const pid = await start();
		const directory = path.join(mkdtempSync(path.join(folder, 'new-')), 'ticket');
		const words = ['probe', String(pid), '--seconds', '1', '-o', directory];
		expect((await runCtop(words)).code).toBe(0);
		const names = readdirSync(directory);
		expect(names).toEqual(
			expect.arrayContaining([
				'cpu.folded',
				'cpu.speedscope.json',
				'cpu.svg',
				'report.md',
				'snapshot.json',
				'stacks.txt',
				'syscalls.json',
				'wait.folded',
				'wait.speedscope.json',
				'wait.svg',
			]),
		);
		for (const name of names) {
			expect(statSync(path.join(directory, name)).mode & 0o077).toBe(0);
		}

		const text = (name: string) => readFileSync(path.join(directory, name), 'utf8');
		expect(text('report.md')).toContain('mutex mutex-convoy!mutex');
		// Those who fight may all run at the last look; the main thread sleeps.
		expect(text('stacks.txt')).toMatch(/#0 +pause\+0x[\da-f]+\n +#1 +main\+0x/);
		expect(text('wait.folded')).toMatch(/work;pthread_mutex_lock;.*mutex mutex-convoy!mutex \d+/);
		const snapshot = parseSnapshot('snapshot.json', text('snapshot.json'));
		expect(snapshot.probes?.[0]?.pid).toBe(pid);

		const again = await runCtop(words);
		expect(again.code).toBe(2);
		expect(again.errors).toContain('exists; not overwritten');
	});

	test('gives a Snapshot as JSON, with the probe in it', async () => {
		const pid = await start();
		const {output} = await runCtop(['probe', String(pid), '--seconds', '1', '--format', 'json']);
		const snapshot = JSON.parse(output) as Snapshot;
		expect(snapshot.kind).toBe('ctop.snapshot');
		expect(snapshot.probes?.[0]?.calls[0]?.call).toBe('futex');
	});
});

describe.skipIf(missingForZoo('one-busy-thread.py'))(
	'where neither perf nor strace is installed',
	() => {
		test('what ran is told by looks, marked as such, and what is missing is said', async () => {
			program = await startZoo('one-busy-thread.py');
			const words = [
				'probe',
				String(program.pid),
				'--seconds',
				'2',
				'--strace',
				'--format',
				'json',
			];
			const {code, output, errors} = await runCtop(words, {environment: {PATH: folder}});
			expect(code).toBe(0);
			expect(errors).not.toContain('perf record');
			const [probe] = (JSON.parse(output) as Snapshot).probes ?? [];
			expect(probe?.onCpu?.source).toBe('sampled');
			expect(probe?.onCpu?.symbols[0]?.name).toMatch(/^<module> \(.*one-busy-thread\.py:\d+\)$/);
			expect(probe?.exactCalls).toBeUndefined();
			expect(probe?.notes.join('\n')).toMatch(
				/perf is not installed: what ran is told only as far as looks at threads can\nsystem calls were not counted: strace is not installed/,
			);
		});
	},
);

const missingStrace = (await runTool('strace', ['--version'])) === undefined;

describe.skipIf(missingForZoo('mutex-convoy.c') !== undefined || missingStrace)('--strace', () => {
	const until = async (isSo: () => boolean): Promise<void> => {
		for (const began = Date.now(); !isSo() && Date.now() - began < 60_000; ) {
			await sleep(50);
		}
	};

	test('lets go of the process by itself when ctop is killed', {timeout: 180_000}, async () => {
		const pid = await start();
		const words = ['probe', String(pid), '--seconds', '2', '--strace'];
		const ctop = spawn(process.execPath, [ctopFile, ...words], {stdio: 'ignore'});
		await until(() => tracerOf(pid) > 0);
		expect(tracerOf(pid)).toBeGreaterThan(0);
		ctop.kill('SIGKILL');
		await until(() => tracerOf(pid) === 0);
		expect(tracerOf(pid)).toBe(0);
	});

	const probeBoth = async (
		pid: number,
		seconds: number,
	): Promise<{probe: Probe; errors: string}> => {
		const words = ['probe', String(pid), '--seconds', String(seconds), '--strace'];
		const {output, errors} = await runCtop([...words, '--format', 'json']);
		const [probe] = (JSON.parse(output) as Snapshot).probes ?? [];
		return {probe: probe!, errors};
	};

	test('warns first, and its counts have the same call on top as the samples', {
		timeout: 180_000,
	}, async () => {
		const {probe, errors} = await probeBoth(await start(), 2);
		expect(errors).toMatch(/SLOWS THE PROGRAM DOWN 10 TO 25 TIMES/);
		expect(probe.calls[0]?.call).toBe('futex');
		expect(probe.exactCalls?.calls[0]?.call).toBe('futex');
	});

	/** Shares among calls that ended: strace counts no others, and what it interrupted itself goes on under another name. */
	const shares = (
		calls: readonly {call: string; seconds: number}[],
	): readonly (readonly [string, number])[] => {
		const told = calls.filter(({call}) => call !== 'restart_syscall' && call !== 'pause');
		const all = told.reduce((sum, {seconds}) => sum + seconds, 0);
		return told.map(({call, seconds}) => [call, (seconds / all) * 100] as const);
	};

	test('its samples divide the time among calls as strace measures it', {
		timeout: 180_000,
	}, async () => {
		program = await startZoo('mixed-calls.c', [4]);
		const {probe} = await probeBoth(program.pid, 6);
		const sampled = shares(probe.calls.filter(({wakesPerSecond}) => wakesPerSecond > 0));
		const counted = shares(probe.exactCalls!.calls);
		expect(sampled.map(([call]) => call)).toEqual(['clock_nanosleep', 'poll', 'futex']);
		expect(counted.map(([call]) => call)).toEqual(sampled.map(([call]) => call));
		for (const [index, [call, percent]] of sampled.entries()) {
			expect(Math.abs(percent - counted[index]![1]), call).toBeLessThan(5);
			const {wakesPerSecond} = probe.calls.find(each => each.call === call)!;
			const {calls} = probe.exactCalls!.calls.find(each => each.call === call)!;
			const perSecond = calls / probe.exactCalls!.seconds;
			expect(Math.abs(wakesPerSecond / perSecond - 1), call).toBeLessThan(0.4);
		}
	});

	test.skipIf(missingForZoo('polling-threads.py'))(
		'a Python service that polls has the same call on top in both, with the same share',
		{timeout: 180_000},
		async () => {
			program = await startZoo('polling-threads.py', [20, 0.05, 'select']);
			const {probe} = await probeBoth(program.pid, 3);
			const [sampled] = shares(probe.calls.filter(({wakesPerSecond}) => wakesPerSecond > 0));
			const [counted] = shares(probe.exactCalls!.calls);
			expect(sampled?.[0]).toMatch(/^p?select6?$/);
			expect(counted?.[0]).toBe(sampled?.[0]);
			expect(Math.abs(sampled![1] - counted![1])).toBeLessThan(5);
		},
	);
});

test('a process that is not there is told by the exit code', async () => {
	const {code, errors} = await runCtop(['probe', '4194303']);
	expect(code).toBe(4);
	expect(errors).toBe('ctop: no process 4194303\n');
});

test.each([
	[['probe'], 'probe needs the id of a process'],
	[['probe', 'nginx'], "probe: 'nginx' is not a whole number"],
	[['probe', '1', '--seconds', '1h'], 'is not between 0.5 and 300 seconds'],
	[['probe', '1', '2'], "don't know what to do with '2'"],
])('%j is refused with a line', async (words, message) => {
	const {code, errors} = await runCtop(words);
	expect(code).toBe(2);
	expect(errors).toContain(message);
});
