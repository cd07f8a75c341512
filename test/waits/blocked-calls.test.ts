import {readdirSync} from 'node:fs';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {createMemoryReader, type MemoryReader} from '../../source/procfs/memory.js';
import type {WaitSource} from '../../source/waits/describe-wait.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {readWait, type SeenWait, tidByName} from './seen-wait.js';

const program = 'blocked-calls.c';
const missing = missingForZoo(program);

/** What each of its threads must be seen to do. Calls differ between architectures and versions of the C library. */
const expected: Readonly<
	Record<
		string,
		{kind: string; calls: string[]; milliseconds?: number; deadline?: true; timed?: boolean}
	>
> = {
	'relative-sleep': {kind: 'sleep', calls: ['clock_nanosleep'], milliseconds: 600_050},
	'absolute-sleep': {kind: 'sleep', calls: ['clock_nanosleep'], deadline: true},
	'raw-sleep': {kind: 'sleep', calls: ['nanosleep'], milliseconds: 601_001},
	'poll-timed': {kind: 'poll', calls: ['poll', 'ppoll'], milliseconds: 605_050},
	'poll-forever': {kind: 'poll', calls: ['poll', 'ppoll'], timed: false},
	'ppoll-timed': {kind: 'poll', calls: ['ppoll'], milliseconds: 602_002},
	'select-timed': {kind: 'poll', calls: ['pselect6', 'select'], milliseconds: 603_003},
	'epoll-timed': {kind: 'epoll', calls: ['epoll_wait', 'epoll_pwait'], milliseconds: 604_004},
	'epoll-forever': {kind: 'epoll', calls: ['epoll_wait', 'epoll_pwait'], timed: false},
	mutex: {kind: 'lock', calls: ['futex'], timed: false},
	'mutex-timed': {kind: 'futex', calls: ['futex'], deadline: true},
	'mutex-pi': {kind: 'lock', calls: ['futex'], timed: false},
	'mutex-robust': {kind: 'lock', calls: ['futex'], timed: false},
	cond: {kind: 'futex', calls: ['futex'], timed: false},
	'cond-timed': {kind: 'futex', calls: ['futex'], deadline: true},
	rwlock: {kind: 'futex', calls: ['futex'], timed: false},
	barrier: {kind: 'futex', calls: ['futex'], timed: false},
	semaphore: {kind: 'futex', calls: ['futex'], timed: false},
	join: {kind: 'join', calls: ['futex'], timed: false},
	'futex-relative': {kind: 'futex', calls: ['futex'], milliseconds: 606_006},
	'pipe-empty': {kind: 'pipe', calls: ['read']},
	'pipe-full': {kind: 'pipe', calls: ['write']},
	accept: {kind: 'socket', calls: ['accept']},
	receive: {kind: 'socket', calls: ['recvfrom']},
	'socket-read': {kind: 'socket', calls: ['read']},
	flock: {kind: 'file-lock', calls: ['flock']},
	child: {kind: 'child', calls: ['wait4']},
	signal: {kind: 'signal', calls: ['rt_sigsuspend']},
	'signal-timed': {kind: 'signal', calls: ['rt_sigtimedwait'], milliseconds: 607_007},
};

let zoo: ZooProcess;
let memory: MemoryReader;

const readThread = (tid: string, change: Partial<WaitSource> = {}): SeenWait =>
	readWait(zoo.pid, tid, memory, change);

const tidOf = (name: string): string | undefined => tidByName(zoo.pid, name);

beforeAll(async () => {
	if (missing !== undefined) {
		return;
	}

	zoo = await startZoo(program);
	memory = createMemoryReader('/proc', zoo.pid);
});

afterAll(async () => {
	memory?.close();
	await zoo?.stop();
});

test.skipIf(missing).each(Object.keys(expected))(
	'a thread in %s is seen for what it does',
	async name => {
		const {kind, calls, milliseconds, deadline, timed} = expected[name]!;
		// It may still be on its way into the call, or be woken for a moment.
		await expect
			.poll(() => tidOf(name) && readThread(tidOf(name)!).wait?.kind, {timeout: 20_000})
			.toBe(kind);
		const {wait, timeout} = readThread(tidOf(name)!);

		expect(calls).toContain(wait?.call);
		expect(wait?.timed).toBe(timed ?? (milliseconds !== undefined || deadline ? true : undefined));

		if (milliseconds !== undefined) {
			expect(wait?.timeoutMilliseconds).toBe(milliseconds);
			expect(timeout).toEqual({milliseconds});
		} else if (deadline) {
			// Every deadline of the program ends in a quarter of a second, about ten minutes away.
			expect(timeout!.deadlineMilliseconds! % 1000).toBeCloseTo(250, 3);
			expect(timeout!.milliseconds).toBeGreaterThan(450_000);
			expect(timeout!.milliseconds).toBeLessThan(601_000);
		} else {
			expect(timeout).toBeUndefined();
		}
	},
);

test.skipIf(missing)('a join is for a thread that lives', async () => {
	await expect.poll(() => readThread(tidOf('join')!).wait?.kind, {timeout: 20_000}).toBe('join');
	const tids = new Set(readdirSync(`/proc/${zoo.pid}/task`).map(Number));
	const {wait} = readThread(tidOf('join')!, {isThreadId: tid => tids.has(tid)});

	expect(wait?.kind).toBe('join');
	expect(wait?.futexValue).toBe(Number(tidOf('relative-sleep')));
});

test.skipIf(missing)(
	'waits that are refused the call are still told by their wait channel',
	async () => {
		for (const name of [
			'relative-sleep',
			'poll-timed',
			'epoll-timed',
			'cond',
			'pipe-empty',
			'flock',
			'child',
		]) {
			expect(readThread(tidOf(name)!, {syscall: null}).wait).toEqual({kind: expected[name]!.kind});
		}
	},
);

test.skipIf(missing)(
	'threads of a stopped process are stopped, whatever call they are in',
	async () => {
		const isStopped = () => readThread(tidOf('poll-timed')!).wait;
		process.kill(zoo.pid, 'SIGSTOP');

		try {
			await expect.poll(isStopped, {timeout: 20_000}).toEqual({kind: 'stopped'});
			expect(readThread(tidOf('mutex')!).wait).toEqual({kind: 'stopped'});
		} finally {
			process.kill(zoo.pid, 'SIGCONT');
		}

		// After it, some calls go on as restart_syscall, which is told by its wait channel.
		for (const name of ['poll-timed', 'relative-sleep', 'raw-sleep', 'cond-timed']) {
			const {kind, calls, milliseconds} = expected[name]!;
			await expect.poll(() => readThread(tidOf(name)!).wait?.kind, {timeout: 20_000}).toBe(kind);
			const {wait} = readThread(tidOf(name)!);
			expect(calls).toContain(wait?.call);
			expect(wait?.timeoutMilliseconds).toEqual(milliseconds ?? expect.any(Number));
		}
	},
);
