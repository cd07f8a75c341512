import {expect, test} from 'vitest';
import {createGraphBuilder, mergedFrames, nativeFrame} from '../../source/probes/graph-builder.js';

test.each([
	['take_gil+0x12', 'gil'],
	['PyThread_acquire_lock_timed+0x12', 'lock'],
	['pthread_cond_timedwait+0x10', 'lock'],
	['std::mutex::lock()', 'lock'],
	['_PyEval_EvalFrameDefault+0x6e9b', 'interpreter'],
	['PyObject_Vectorcall', 'interpreter'],
	['__libc_start_main+0x85', 'library'],
	['libc.so.6+0x1234', 'library'],
	['shop::Cart::total()+0x4', 'application'],
])('%s is of kind %s', (text, kind) => {
	expect(nativeFrame(text).kind).toBe(kind);
});

test('what perf found in the kernel is the kernel, but for its locks', () => {
	expect(nativeFrame('do_syscall_64', {isKernel: true}).kind).toBe('kernel');
	expect(nativeFrame('futex_wait_queue', {isKernel: true}).kind).toBe('lock');
});

test('frames of the runtime stand for those of its interpreter', () => {
	const native = [
		'select+0x1',
		'select_select_impl+0x2',
		'_PyEval_EvalFrameDefault+0x3',
		'main+0x4',
	];
	const frames = mergedFrames(
		native.map(name => nativeFrame(name)),
		['poll (app.py:5)', '<module> (app.py:9)'],
	);
	expect(frames.map(({name}) => name)).toEqual([
		'<module> (app.py:9)',
		'poll (app.py:5)',
		'select_select_impl',
		'select',
	]);
});

test('equal stacks are one, with the time of both', () => {
	const builder = createGraphBuilder();
	const main = nativeFrame('main');
	const work = nativeFrame('work');
	builder.add([main, work], 5);
	builder.add([main], 1);
	builder.add([main, work], 7);
	expect(builder.graph()).toEqual({
		frames: [main, work],
		stacks: [
			{frames: [0, 1], milliseconds: 12},
			{frames: [0], milliseconds: 1},
		],
	});
});
