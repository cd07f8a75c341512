import {describe, expect, test} from 'vitest';
import {groupWaitingOn, processWaitingOn} from '../../source/format/crowd-waits.js';
import {waitClass} from '../../source/format/wait-class.js';
import {threadWaitingOn} from '../../source/format/waiting-on.js';
import type {Lock} from '../../source/model/lock.js';
import type {Thread} from '../../source/model/thread.js';
import type {Wait} from '../../source/model/wait.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';

const lock = (change: Partial<Lock> = {}): Lock => ({
	id: 'futex:0x10',
	kind: 'mutex',
	name: 'server!queue_mu',
	waiterTids: [],
	waitersAverage: 1,
	contendedPercent: 100,
	confidence: 'certain',
	...change,
});

const withLock = (change: Partial<Lock>, threads: readonly Thread[] = []) =>
	makeProcess({
		name: 'server',
		threads,
		locks: [lock(change)],
		runtime: {name: 'cpython', version: '3.11', source: 'maps'},
	});

const onLock: Wait = {kind: 'futex', call: 'futex', lockId: 'futex:0x10'};

const text = (wait: Wait, change: Partial<Thread> = {}) =>
	threadWaitingOn(makeProcess(), makeThread({wait, ...change}));

describe('a thread that waits for a lock', () => {
	test('has its kind, its name in the program and its holder', () => {
		const thread = makeThread({tid: 7, wait: onLock});
		expect(threadWaitingOn(withLock({holderTid: 4711}), thread)).toBe(
			'mutex queue_mu, held by 4711',
		);
		expect(threadWaitingOn(withLock({name: 'libx.so.1!mu'}), thread)).toBe('mutex libx.so.1!mu');
		expect(threadWaitingOn(withLock({holderTid: null}), thread)).toBe(
			'mutex queue_mu, holder refused',
		);
	});

	test('has the runtime where it is the GIL', () => {
		const process = withLock({kind: 'gil', name: 'GIL', holderTid: 18_515});
		expect(threadWaitingOn(process, makeThread({wait: onLock}))).toBe(
			'GIL of python3.11, held by 18515',
		);
	});

	test('has its time limit where it waits for a sign, not where it waits for its turn', () => {
		const wait = {...onLock, timed: true, timeoutMilliseconds: 50};
		const thread = makeThread({tid: 7, wait});
		const condition = withLock({kind: 'condition', name: 'server!arrived'});
		expect(threadWaitingOn(condition, thread)).toBe('condition arrived 50 ms');
		expect(threadWaitingOn(withLock({holderTid: 4711}), thread)).toBe(
			'mutex queue_mu, held by 4711',
		);
		expect(groupWaitingOn(condition, [thread, {...thread, tid: 8}])).toBe('condition arrived');
	});

	test('is told from one that has it by now, and from one that waits for itself', () => {
		const process = withLock({holderTid: 7});
		const seen = makeThread({tid: 7, waits: [{...onLock, percent: 90}], wait: {kind: 'running'}});
		expect(threadWaitingOn(process, seen)).toBe('mutex queue_mu');
		expect(threadWaitingOn(process, {...seen, wait: onLock})).toBe(
			'mutex queue_mu, held by itself',
		);
	});
});

test.each<[string, Wait]>([
	['poll 50 ms', {kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 50}],
	['sleep 1.5 s', {kind: 'sleep', call: 'clock_nanosleep', timeoutMilliseconds: 1500}],
	['sleep 0.5 ms', {kind: 'sleep', call: 'clock_nanosleep', timeoutMilliseconds: 0.4999}],
	['disk', {kind: 'disk', call: 'read'}],
	['page fault', {kind: 'page-fault'}],
	['child', {kind: 'child', call: 'wait4'}],
	['child 4711 nginx', {kind: 'child', call: 'wait4', target: 'child 4711 nginx'}],
	[
		'socket -> 127.0.0.1:6379',
		{kind: 'socket', call: 'read', fd: 3, target: 'socket 127.0.0.1:43210 -> 127.0.0.1:6379'},
	],
	[
		'socket listens on *:8080',
		{kind: 'socket', call: 'accept4', fd: 3, target: 'socket listens on *:8080'},
	],
	['pipe from 812 nginx', {kind: 'pipe', call: 'read', fd: 0, target: 'pipe from 812 nginx'}],
	['pipe to 812 nginx', {kind: 'pipe', call: 'write', fd: 1, target: 'pipe to 812 nginx'}],
	[
		'poll 1 s, pipe from 812 nginx',
		{
			kind: 'poll',
			call: 'poll',
			timeoutMilliseconds: 1000,
			target: 'pipe from 812 nginx',
			watches: {pipe: 1},
		},
	],
	[
		'epoll 1 s of 12 sockets, 2 inotify, 1 eventfd, 1 timerfd',
		{
			kind: 'epoll',
			call: 'epoll_wait',
			timeoutMilliseconds: 1000,
			fd: 5,
			target: 'socket listens on *:80, eventfd, timerfd and 13 more',
			watches: {timerfd: 1, eventfd: 1, socket: 12, inotify: 2},
		},
	],
	[
		'socket, not accepted yet -> [::1]:6379',
		{
			kind: 'socket',
			call: 'read',
			fd: 3,
			target: 'socket [::1]:43210 -> [::1]:6379, not accepted yet',
		},
	],
	[
		'pipe .../fifo from 4711 feeder',
		{
			kind: 'pipe',
			call: 'read',
			fd: 3,
			target: 'pipe /var/spool/a/very/long/place/of/a/fifo (deleted) from 4711 feeder',
		},
	],
	[
		'file lock of /run/app.lock',
		{kind: 'file-lock', call: 'flock', fd: 3, target: '/run/app.lock'},
	],
	['file lock', {kind: 'file-lock', call: 'flock', fd: 3}],
	[
		'file lock held by 4711: /run/app.lock',
		{kind: 'file-lock', call: 'flock', fd: 3, target: '/run/app.lock', holderPid: 4711},
	],
	[
		'file lock held by 4711: .../lock-frontend',
		{
			kind: 'file-lock',
			call: 'fcntl',
			fd: 3,
			target: '/var/lib/dpkg/a/longer/one/lock-frontend (deleted)',
			holderPid: 4711,
		},
	],
	[
		'socket -> 812 redis-server, 127.0.0.1:6379',
		{
			kind: 'socket',
			call: 'read',
			fd: 3,
			target: 'socket 127.0.0.1:43210 -> 127.0.0.1:6379 of 812 redis-server',
		},
	],
	['end of thread 12 worker', {kind: 'join', call: 'futex', target: 'thread 12 worker'}],
	['futex in libpython3.11.so', {kind: 'futex', call: 'futex', region: 'libpython3.11.so'}],
	['msgrcv', {kind: 'other', call: 'msgrcv'}],
])('%s', (expected, wait) => {
	expect(text(wait)).toBe(expected);
});

test('what a descriptor is stands beside a wait that was seen in the looks, too', () => {
	const now: Wait = {kind: 'pipe', call: 'read', fd: 0, target: 'pipe from 812 nginx'};
	const seen = {waits: [{kind: 'pipe', call: 'read', fd: 0, percent: 100} as const]};
	expect(text(now, seen)).toBe('pipe from 812 nginx');
	expect(text({...now, fd: 1}, seen)).toBe('pipe');
});

test('refused, not read and running are three answers', () => {
	const process = makeProcess();
	expect(threadWaitingOn(process, makeThread({wait: null}))).toBe('?');
	expect(threadWaitingOn(process, makeThread({}))).toBe('-');
	expect(threadWaitingOn(process, makeThread({wait: {kind: 'running'}, cpuPercent: 80}))).toBe(
		'running',
	);
	expect(
		threadWaitingOn(
			process,
			makeThread({wait: {kind: 'running'}, cpuPercent: 20, runQueueWaitPercent: 80}),
		),
	).toBe('a CPU');
});

test('a process waits on what its busiest threads wait on most of the time, not on what many idle ones do', () => {
	const idle = Array.from({length: 20}, (_, index) =>
		makeThread({tid: 200 + index, wait: {kind: 'epoll', call: 'epoll_wait'}}),
	);
	const busy = [101, 102].map(tid =>
		makeThread({
			tid,
			voluntarySwitchesPerSecond: 900,
			waits: [
				{...onLock, percent: 70},
				{kind: 'running', percent: 30},
			],
		}),
	);
	const process = withLock({holderTid: 102}, [...idle, ...busy]);
	expect(processWaitingOn(process)).toBe('mutex queue_mu, held by 102');
	expect(processWaitingOn(withLock({}, idle))).toBe('epoll');
	expect(processWaitingOn(makeProcess({state: 'Z', threads: []}))).toBe('exited');
});

test('threads are alike whoever holds the lock, whichever socket they read, and a little off their time limit', () => {
	const classOf = (wait: Wait, process = withLock({holderTid: 1})) =>
		waitClass(process, makeThread({wait}));
	expect(classOf(onLock)).toBe(classOf(onLock, withLock({holderTid: 2})));
	const sleep: Wait = {kind: 'sleep', call: 'clock_nanosleep'};
	expect(classOf({...sleep, timeoutMilliseconds: 50})).toBe(
		classOf({...sleep, timeoutMilliseconds: 47.2}),
	);
	expect(classOf({...sleep, timeoutMilliseconds: 50})).not.toBe(
		classOf({...sleep, timeoutMilliseconds: 500}),
	);
	const socket: Wait = {
		kind: 'socket',
		call: 'read',
		fd: 3,
		target: 'socket 1.2.3.4:1 -> 1.2.3.5:2',
	};
	expect(classOf(socket)).toBe(classOf({...socket, fd: 4, target: 'socket listens on *:80'}));
	expect(groupWaitingOn(makeProcess(), [makeThread({wait: socket})])).toBe('socket');
});

test('threads that wait for one file are alike, and a row of them has the file and its holder', () => {
	const wait: Wait = {kind: 'file-lock', call: 'flock', fd: 3, target: '/run/a', holderPid: 4711};
	const process = makeProcess();
	const threads = [1, 2].map(tid =>
		makeThread({tid, wait: {...wait, fd: tid}, voluntarySwitchesPerSecond: 5}),
	);
	expect(waitClass(process, threads[0]!)).toBe(waitClass(process, threads[1]!));
	expect(groupWaitingOn(process, threads)).toBe('file lock held by 4711: /run/a');
	const other = makeThread({wait: {...wait, target: '/run/b'}});
	expect(waitClass(process, other)).not.toBe(waitClass(process, threads[0]!));
	const own = {...wait, holderPid: process.pid};
	expect(text(own)).toBe('file lock held by its own process: /run/a');
});
