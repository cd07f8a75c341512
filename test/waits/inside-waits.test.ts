import {expect, test} from 'vitest';
import type {Wait} from '../../source/model/wait.js';
import {mayEndInsideOnly} from '../../source/waits/inside-waits.js';

test.each<Wait>([
	{kind: 'join'},
	{kind: 'futex', call: 'futex', timed: false},
	{kind: 'lock', call: 'futex', timed: false, futexShared: true},
	{kind: 'epoll', call: 'epoll_wait', timed: false, fd: 3},
	{kind: 'poll', call: 'ppoll', timed: false},
	{kind: 'pipe', call: 'read', fd: 3},
	{kind: 'other', call: 'read', fd: 3},
	{kind: 'child', call: 'wait4'},
])('another thread may be the only one to end $kind in $call', wait => {
	expect(mayEndInsideOnly(wait)).toBe(true);
});

test.each<Wait>([
	{kind: 'futex', call: 'futex', timed: true},
	{kind: 'futex'},
	{kind: 'futex', call: 'futex_waitv', timed: false},
	{kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 60_000},
	{kind: 'poll', call: 'io_uring_enter', timed: false},
	{kind: 'epoll', call: 'restart_syscall'},
	{kind: 'pipe', call: 'openat'},
	{kind: 'child', call: 'vfork'},
	{kind: 'signal', call: 'pause'},
	{kind: 'socket', call: 'accept4', fd: 3},
	{kind: 'terminal', call: 'read', fd: 0},
	{kind: 'sleep', call: 'clock_nanosleep', timed: true},
	{kind: 'running'},
])('time, the world or the kernel may end $kind in $call', wait => {
	expect(mayEndInsideOnly(wait)).toBe(false);
});
