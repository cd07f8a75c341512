import {expect, test} from 'vitest';
import {parseMaps} from '../../../source/procfs/maps.js';
import {
	classifyPythonFutex,
	type PythonFutexWait,
	sharedSemaphore,
} from '../../../source/runtimes/python/gil.js';
import {
	findPythonInterpreter,
	isInterpreterData,
} from '../../../source/runtimes/python/interpreter.js';
import type {FutexWait} from '../../../source/waits/futex.js';

const library = parseMaps(`55d0c8a5f000-55d0c8a60000 r-xp 00000000 fe:00 7    /usr/bin/python3.11
55d0ca1d2000-55d0ca2f4000 rw-p 00000000 00:00 0    [heap]
7f49ff400000-7f49ff4f5000 r--p 00000000 fe:00 26933    /opt/lib/libpython3.11.so.1.0
7f49ff815000-7f49ff844000 r--p 00414000 fe:00 26933    /opt/lib/libpython3.11.so.1.0
7f49ff844000-7f49ff978000 rw-p 00443000 fe:00 26933    /opt/lib/libpython3.11.so.1.0
7f49ff978000-7f49ff9ba000 rw-p 00000000 00:00 0 
7f49ff9ba000-7f49ff9bb000 rw-p 00000000 fe:00 5    /usr/lib/libm.so.6
7f4a00000000-7f4a00021000 rw-p 00000000 00:00 0 
`);

const program = parseMaps(`00400000-0041f000 r--p 00000000 fe:00 9    /usr/bin/python3.11
00a73000-00a84000 rw-p 00672000 fe:00 9    /usr/bin/python3.11
00a84000-00ac9000 rw-p 00000000 00:00 0 
01f4a000-02012000 rw-p 00000000 00:00 0    [heap]
`);

const python2 = parseMaps(
	'7f0000000000-7f0000300000 rw-p 00000000 fe:00 3    /usr/lib/libpython2.7.so.1.0\n',
);

const waitOn = (
	address: number,
	futex: Partial<FutexWait> = {},
	timeoutMilliseconds?: number,
): PythonFutexWait => ({
	futex: {
		operation: 'WAIT_BITSET',
		address,
		value: 0,
		timed: timeoutMilliseconds !== undefined,
		timeoutAddress: 0,
		absolute: true,
		realtime: false,
		isPrivate: true,
		...futex,
	},
	timeoutMilliseconds,
	region: undefined,
});

test('the library is the interpreter even where the program is called python', () => {
	expect(findPythonInterpreter(library)).toMatchObject({
		version: '3.11',
		major: 3,
		minor: 11,
		isFreeThreaded: false,
		region: 'libpython3.11.so.1.0',
	});
	expect(findPythonInterpreter(program)?.region).toBe('python3.11');
	expect(findPythonInterpreter(python2)?.version).toBe('2.7');
});

test.each([
	['/usr/lib/libpython3.6m.so.1.0', '3.6'],
	['/opt/libpython3.13t.so.1.0', '3.13'],
	['/usr/bin/python2.7', '2.7'],
])('%s is an interpreter', (path, version) => {
	const interpreter = findPythonInterpreter(
		parseMaps(`1000-2000 rw-p 00000000 fe:00 9    ${path}\n`),
	);

	expect(interpreter?.version).toBe(version);
	expect(interpreter?.isFreeThreaded).toBe(path.includes('13t'));
});

test.each([
	'/usr/lib/libpython3.so',
	'/usr/bin/python3-config',
	'/usr/bin/ipython3.11.sh',
	'/x/mypython3.11',
	'[heap]',
])('%s is none', path => {
	expect(
		findPythonInterpreter(parseMaps(`1000-2000 rw-p 00000000 fe:00 9    ${path}\n`)),
	).toBeUndefined();
});

test('its variables reach into the anonymous memory that directly follows, and no further', () => {
	const inLibrary = (address: number) =>
		isInterpreterData(findPythonInterpreter(library)!, address);
	const inProgram = (address: number) =>
		isInterpreterData(findPythonInterpreter(program)!, address);

	expect(inLibrary(0x7f49ff844000)).toBe(true);
	expect(inLibrary(0x7f49ff9b9ff8)).toBe(true);
	expect(inLibrary(0x7f49ff9ba000)).toBe(false);
	expect(inLibrary(0x7f49ff815000)).toBe(false);
	expect(inLibrary(0x55d0ca1d2000)).toBe(false);
	expect(inProgram(0xa84010)).toBe(true);
	expect(inProgram(0x1f4a000)).toBe(false);
});

test('a short timed wait on one of the interpreter’s variables is for the GIL', () => {
	const interpreter = findPythonInterpreter(library)!;
	const word = 0x7f49ff978100;

	expect(classifyPythonFutex(interpreter, waitOn(word, {}, 4.2))).toBe('gil');
	expect(classifyPythonFutex(interpreter, waitOn(word, {}, -0.3))).toBe('gil');
	expect(classifyPythonFutex(interpreter, waitOn(word, {}, 900))).toBeUndefined();
	expect(classifyPythonFutex(interpreter, waitOn(word, {}, 90), 100)).toBe('gil');
	expect(classifyPythonFutex(interpreter, waitOn(word))).toBeUndefined();
	expect(
		classifyPythonFutex(interpreter, waitOn(word, {operation: 'WAIT', value: 2})),
	).toBeUndefined();
	expect(classifyPythonFutex(interpreter, waitOn(0x55d0ca1d2100, {}, 4.2))).toBeUndefined();
	expect(classifyPythonFutex(interpreter, waitOn(word, {timed: true}))).toBeUndefined();
});

test('a build without a GIL has none to wait for', () => {
	const interpreter = {...findPythonInterpreter(library)!, isFreeThreaded: true};

	expect(classifyPythonFutex(interpreter, waitOn(0x7f49ff978100, {}, 4.2))).toBeUndefined();
});

test('in Python 2 an untimed wait on a semaphore of the heap may be for the GIL', () => {
	const interpreter = findPythonInterpreter(python2)!;
	const onHeap = {...waitOn(0x55d0ca1d2100), region: '[heap]'};

	expect(classifyPythonFutex(interpreter, onHeap)).toBe('candidate');
	expect(
		classifyPythonFutex(interpreter, {...onHeap, region: 'libpython2.7.so.1.0'}),
	).toBeUndefined();
	expect(
		classifyPythonFutex(interpreter, {...onHeap, futex: {...onHeap.futex, timed: true}}),
	).toBeUndefined();
	expect(
		classifyPythonFutex(interpreter, {...onHeap, futex: {...onHeap.futex, value: 1}}),
	).toBeUndefined();
});

test('of the candidates the one that most threads share counts, and never one thread’s own', () => {
	expect(sharedSemaphore([])).toBeUndefined();
	expect(
		sharedSemaphore([
			{tid: 1, address: 0x10},
			{tid: 2, address: 0x20},
		]),
	).toBeUndefined();
	expect(
		sharedSemaphore([
			{tid: 1, address: 0x10},
			{tid: 1, address: 0x10},
		]),
	).toBeUndefined();
	expect(
		sharedSemaphore([
			{tid: 1, address: 0x10},
			{tid: 2, address: 0x20},
			{tid: 3, address: 0x24},
			{tid: 4, address: 0x20},
			{tid: 5, address: 0x10},
		]),
	).toEqual({address: 0x20, tids: [2, 3, 4]});
});
