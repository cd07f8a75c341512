import {describe, expect, test} from 'vitest';
import type {Wait} from '../../source/model/wait.js';
import {hintFor} from '../../source/runtimes/hints.js';
import {jvmThreadRole} from '../../source/runtimes/jvm/roles.js';
import type {RoleClues} from '../../source/runtimes/role-clues.js';
import {waitsForGvl} from '../../source/runtimes/ruby/roles.js';
import {rolesOf} from '../../source/runtimes/thread-roles.js';

const thread = (tid: number, name: string, wait?: Wait, stack?: readonly string[]): RoleClues => ({
	tid,
	name,
	isMain: tid === 100,
	wait,
	stack,
	isOfPool: undefined,
	lastRole: undefined,
});

const told = (runtime: string, threads: readonly RoleClues[]) => rolesOf(runtime)!.tell(threads);

const epoll: Wait = {kind: 'epoll', call: 'epoll_pwait', timed: false};
const futex = (region: string, timed = false): Wait => ({
	kind: 'futex',
	call: 'futex',
	region,
	timed,
});
const running: Wait = {kind: 'running'};

describe('Node.js', () => {
	test('threads of the pool that were read from its memory need no names, and others are none of it', () => {
		const waits = [epoll, epoll, ...Array(4).fill(futex('[heap]')), futex('node')];
		const threads = [...waits, running, futex('node'), futex('node')].map((wait, index) => ({
			...thread(100 + index, 'node', wait),
			isOfPool: index === 7 || index === 8,
		}));
		expect(
			told('node', threads)
				.slice(7)
				.map(role => role?.split(':')[0]),
		).toEqual(['libuv pool', 'libuv pool', undefined]);
	});

	test('from version 22 on its threads have names', () => {
		const names = ['MainThread', 'DelayedTaskSche', 'V8Worker', 'SignalInspector', 'WorkerThread'];
		expect(
			told(
				'node',
				[...names, 'libuv-worker', 'mine'].map((name, index) => thread(100 + index, name)),
			).map(role => role?.split(':')[0]),
		).toEqual([
			'event loop',
			'V8',
			'V8',
			'inspector',
			'worker thread, with its own event loop',
			'libuv pool',
			undefined,
		]);
	});

	test('before that the order in which they are started tells, and what they wait for', () => {
		// Node.js 20 with a worker thread and a pool of which one thread is busy.
		const waits = [epoll, epoll, ...Array(4).fill(futex('[heap]')), futex('node'), epoll];
		const threads = [...waits, futex('node'), running].map((wait, index) =>
			thread(100 + index, 'node', wait),
		);
		expect(told('node', threads).map(role => role?.split(':')[0])).toEqual([
			'event loop',
			'V8',
			'V8',
			'V8',
			'V8',
			'V8',
			'inspector',
			'worker thread, with its own event loop',
			'libuv pool',
			undefined,
		]);
	});

	test('a process with other threads than usual has but its loop', () => {
		expect(
			told('node', [thread(100, 'node', epoll), thread(101, 'node', futex('[heap]'))]),
		).toEqual(['event loop', undefined]);
	});
});

describe('Ruby', () => {
	// Debian's ruby3.1: its library keeps only exported names.
	const inLibrary = 'libruby-3.1.so.3.1.2+0x1a2b3c';
	const condition = ['__futex_abstimed_wait_common+0x80', 'pthread_cond_wait+0x1e8'];
	const turnOver = [
		...condition,
		'rb_native_cond_wait+0x9',
		inLibrary,
		inLibrary,
		'rb_threadptr_execute_interrupts+0x21',
		inLibrary,
		'rb_vm_exec+0x1f0',
	];
	const queue = [
		...condition,
		'rb_native_cond_wait+0x9',
		inLibrary,
		inLibrary,
		inLibrary,
		'rb_ensure+0x114',
		inLibrary,
	];

	test('a thread whose turn is over waits for the GVL, one at a queue does not', () => {
		expect(waitsForGvl(turnOver)).toBe(true);
		expect(waitsForGvl(queue)).toBe(false);
		const firstInQueue = [
			'__futex_abstimed_wait_common+0xc6',
			'pthread_cond_timedwait+0x21c',
			inLibrary,
			inLibrary,
			'rb_threadptr_execute_interrupts+0x385',
		];
		expect(waitsForGvl(firstInQueue)).toBe(true);
		expect(waitsForGvl(['ppoll+0x11', inLibrary, 'rb_thread_sleep_forever+0x9'])).toBe(false);
	});

	test('Puma’s threads are told by their names', () => {
		expect(
			told('ruby', [
				thread(100, 'ruby', undefined, turnOver),
				thread(101, 'puma srv tp 001'),
				thread(102, 'puma reactor'),
				thread(103, 'pump.rb:3'),
			]),
		).toEqual(["waits for Ruby's lock (GVL)", 'request thread of Puma', "Puma's own", undefined]);
	});
});

describe('Go', () => {
	const note = (region: string, rest: Partial<Wait> = {}): Wait => ({
		...futex(region),
		futexOperation: 'WAIT',
		futexValue: 0,
		...rest,
	});
	const parked = 'idle M: no goroutine to run, or its locked one waits';
	const sysmon = 'sysmon: watches the others';

	test('a thread does what its system call says, and nothing when nobody looked', () => {
		expect(
			told('go', [
				thread(100, 'api', note('api')),
				thread(101, 'api', note('anonymous')),
				thread(102, 'api', note('api', {timed: true, timeoutMilliseconds: 60_000})),
				thread(103, 'api', {kind: 'sleep', call: 'nanosleep', timed: true}),
				thread(104, 'api', epoll),
				thread(105, 'api', {kind: 'other', call: 'read'}),
				thread(106, 'api', running),
				thread(107, 'api'),
			]),
		).toEqual([
			parked,
			parked,
			sysmon,
			sysmon,
			'network poller',
			'in a system call of a goroutine',
			'runs goroutines or the collector',
			undefined,
		]);
	});

	test('sysmon stays what it is while it runs', () => {
		const [role] = told('go', [thread(101, 'api', {kind: 'sleep', call: 'nanosleep'})]);
		expect(role).toBe(sysmon);
		expect(told('go', [{...thread(101, 'api', running), lastRole: role}])).toEqual([sysmon]);
		expect(told('go', [{...thread(101, 'api', running), lastRole: parked}])).toEqual([
			'runs goroutines or the collector',
		]);
	});

	test('who sleeps at a word of the runtime itself is no idle one, but for the first thread', () => {
		expect(told('go', [thread(101, 'api', note('api'))])).toEqual([
			"runtime's own: starts threads, or waits for signals",
		]);
	});

	test('a lock of the runtime is told by its symbols alone, without them nothing is', () => {
		const lock = note('anonymous', {futexValue: 2});
		expect(
			told('go', [
				thread(101, 'api', lock, ['runtime.futex.abi0+0x23']),
				thread(102, 'api', lock, ['api+0x467923']),
				thread(103, 'api', lock),
			]),
		).toEqual(["waits for a lock of Go's runtime", undefined, undefined]);
	});

	test('short limits, and what only C does, are not taken for the runtime', () => {
		const condition = note('anonymous', {futexOperation: 'WAIT_BITSET'});
		expect(
			told('go', [
				// The collector waits 0.1 ms at a time until the others have stopped.
				thread(101, 'api', note('api', {timed: true, timeoutMilliseconds: 0.1})),
				thread(102, 'api', {kind: 'sleep', call: 'nanosleep', timeoutMilliseconds: 0.003}),
				thread(103, 'api', {kind: 'sleep', call: 'clock_nanosleep', timeoutMilliseconds: 1000}),
				thread(104, 'api', condition),
				thread(105, 'api', condition, ['__futex_abstimed_wait_common+0xc6']),
				thread(106, 'api', {kind: 'poll', call: 'poll'}, ['libc.so.6+0xf8090']),
				thread(107, 'api', {kind: 'pipe', call: 'read'}, ['syscall.Syscall+0x11']),
				thread(108, 'api', {kind: 'pipe', call: 'read'}, ['a_long_name+0x403a2e']),
			]),
		).toEqual([
			undefined,
			undefined,
			undefined,
			undefined,
			'in C code, called from Go',
			'in C code, called from Go',
			'in a system call of a goroutine',
			'in a system call of a goroutine',
		]);
	});
});

test('the JVM’s own threads are known by the names that the kernel cut, the program’s are not', () => {
	expect(['G1 Conc#0', 'ZDriverMajor', 'GC Thread#3'].map(jvmThreadRole)).toEqual(
		Array(3).fill('garbage collector'),
	);
	expect(jvmThreadRole('C2 CompilerThre')).toBe('compiler (C2, optimizing)');
	expect(jvmThreadRole('VM Periodic Tas')).toBe('timer of the JVM');
	expect(jvmThreadRole('http-nio-8080-e')).toBeUndefined();
});

test('a hint names the process that its command is for', () => {
	expect(hintFor('ruby', 4711)).toContain('rbspy dump --pid 4711');
	expect(hintFor('cpython', 4711)).toBeUndefined();
});
