import {expect, test} from 'vitest';
import {classifyWord} from '../../source/locks/classify.js';
import type {WordContext, WordWait} from '../../source/locks/lock-facts.js';
import {
	around,
	bitsetWait,
	blockStart,
	contextOf,
	memoryOf,
	wait,
	windowFrom,
	wordAt,
} from './words.js';

// Images of locks as they lie in memory, the same on x86-64 and arm64: 32-bit words, those in front of the futex word first.

const classify = (
	waits: WordWait | readonly WordWait[],
	before: readonly number[],
	after: readonly number[],
	changes: Partial<WordContext> = {},
	elsewhere: Readonly<Record<number, readonly number[]>> = {},
) => {
	const memory = memoryOf({[blockStart]: around(before, after), ...elsewhere});
	return classifyWord([waits].flat(), windowFrom(memory), contextOf(memory, changes));
};

test.each([
	[0, undefined],
	[1, 'recursive'],
	[2, 'error-checking'],
	[3, 'adaptive'],
	[0x40, 'priority ceiling'],
])('a mutex of glibc of kind %i', (kind, variant) => {
	const facts = classify(wait(), [], [2, kind === 1 ? 3 : 0, 4712, 1, kind]);
	expect(facts).toEqual({
		kind: 'mutex',
		...(variant && {variant}),
		base: wordAt,
		word: wordAt,
		owner: 'mutex',
		confidence: 'certain',
	});
});

test('a mutex that is waited for with a limit is one too', () => {
	const facts = classify(bitsetWait({value: 2, timed: true}), [], [2, 0, 4712, 1, 0]);
	expect(facts).toMatchObject({kind: 'mutex', owner: 'mutex'});
});

test.each([
	['whose owner is no thread of the process', [2, 0, 4790, 1, 0]],
	['that nobody has', [0, 0, 0, 0, 0]],
	['with flags that glibc doesn’t know', [2, 0, 4712, 1, 0x400]],
	['that no thread uses', [2, 0, 4712, 0, 0]],
	['with a word that is no lock’s', [7, 0, 4712, 1, 0]],
	['with an impossible count', [2, 0x7fff_ffff, 4712, 1, 0]],
])('what looks like a mutex %s is only a lock of unknown kind', (_, words) => {
	expect(classify(wait(), [], words)).toMatchObject({
		kind: 'lock',
		owner: 'none',
		confidence: 'likely',
	});
});

test('the owner of a shared mutex may be a thread of another process', () => {
	const shared = [2, 0, 4790, 1, 0x80];
	expect(classify(wait({isPrivate: false}), [], shared)).toMatchObject({
		kind: 'mutex',
		variant: 'shared',
	});
});

test('with priority inheritance the word is its holder’s id', () => {
	const facts = classify(wait({operation: 'LOCK_PI', value: undefined}), [], [0x8000_0000 + 4712]);
	expect(facts).toMatchObject({kind: 'mutex', variant: 'priority inheritance', owner: 'word'});
});

test('so it is with a robust one', () => {
	const word = 0x8000_0000 + 4712;
	const robust = wait({isPrivate: false, value: word});
	expect(classify(robust, [], [word, 0, 4712, 1, 0x10])).toMatchObject({
		kind: 'mutex',
		variant: 'robust',
		owner: 'word',
	});
});

const rwlock = (state: number, writer: number) => [
	state,
	0,
	3,
	1,
	0,
	0,
	writer,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
];

test.each([
	['a reader', 8, 2],
	['a writer', 12, 3],
])('a rwlock of glibc that %s waits for', (_, offset, words) => {
	const image = rwlock(3, 4713);
	const address = wordAt + (words === 3 ? 4 : 0);
	const facts = classify(bitsetWait({address, value: 3}), image.slice(0, 2), image.slice(2));
	expect(facts).toMatchObject({kind: 'rwlock', base: address - offset, owner: 'rwlock'});
});

test('a rwlock that readers have, and none that nobody has', () => {
	const held = rwlock(1 << 3, 0);
	expect(classify(bitsetWait({value: 2}), held.slice(0, 2), held.slice(2)).kind).toBe('rwlock');
	const free = rwlock(0, 0);
	expect(classify(bitsetWait({value: 2}), free.slice(0, 2), free.slice(2)).kind).toBe('futex');
});

/** Before 2.41: sequence, first group's start, references of groups, sizes, original size, waiters, signals. */
const conditionOld = [4, 0, 0, 0, 0, 0, 1, 0xffff_fffe, 2, 3 << 3, 0, 0];
/** From 2.41 on: sequence, first group's start, sizes, original size, waiters, signals, unused. */
const conditionNew = [4, 0, 0, 0, 1, 0, 2, 2 << 3, 0, 0, 0, 0];

test('a condition of glibc before 2.41, whose sizes go below zero', () => {
	const image = classify(bitsetWait(), conditionOld.slice(0, 10), conditionOld.slice(10));
	expect(image).toMatchObject({kind: 'condition', base: wordAt - 40, owner: 'none'});
	const second = bitsetWait({address: wordAt + 4});
	expect(classify(second, conditionOld.slice(0, 10), conditionOld.slice(10))).toMatchObject({
		kind: 'condition',
		base: wordAt - 40,
	});
});

test('a condition of glibc 2.41, whose word need not be zero', () => {
	const facts = classify(bitsetWait({value: 6}), conditionNew.slice(0, 8), [
		6,
		...conditionNew.slice(9),
	]);
	expect(facts).toMatchObject({kind: 'condition', base: wordAt - 32});
});

test('a condition without waiters is none', () => {
	const empty = [...conditionOld.slice(0, 9), 0];
	expect(classify(bitsetWait(), empty, [0, 0]).kind).toBe('futex');
});

test('a semaphore of glibc, private or shared as its call is', () => {
	expect(classify(bitsetWait(), [], [0, 2, 0, 0]).kind).toBe('semaphore');
	expect(classify(bitsetWait({isPrivate: false}), [], [0, 2, 128, 0]).kind).toBe('semaphore');
	expect(classify(bitsetWait(), [], [0, 2, 128, 0]).kind).toBe('futex');
	// Others than those of this process wait as well.
	expect(classify(bitsetWait({isPrivate: false}), [], [0, 500, 128, 0]).kind).toBe('semaphore');
	expect(classify(bitsetWait(), [], [0, 500, 0, 0]).kind).toBe('futex');
	expect(classify(bitsetWait(), [], [0, 0, 0, 0]).kind).toBe('futex');
});

test('a barrier is waited for at its round', () => {
	const at = wait({address: wordAt + 4, value: 6});
	// In front of the word: how many have come.
	expect(classify(at, [], [8, 6, 3, 0, 0])).toMatchObject({kind: 'barrier', base: wordAt});
	expect(classify(at, [], [9, 6, 3, 0, 0]).kind).toBe('futex');
});

test('what runs once, of C and of C++, is a static variable', () => {
	expect(classify(wait({value: 1}), [], [1], {isStatic: true})).toMatchObject({
		kind: 'once',
		confidence: 'likely',
	});
	expect(classify(wait({value: 1}), [], [1], {isStatic: false}).kind).toBe('futex');
	expect(
		classify(wait({value: 0x1_0100, isPrivate: false}), [], [0x1_0100], {isStatic: true}),
	).toMatchObject({
		kind: 'once',
		variant: 'static variable of C++',
	});
});

test('a FILE’s lock points at its owner, whose id lies elsewhere on each architecture', () => {
	const thread = 0x20_0000;
	for (const pthreadTidOffset of [720, 208]) {
		const facts = classify(
			wait(),
			[],
			[2, 1, thread, 0],
			{pthreadTidOffset},
			{
				[thread + pthreadTidOffset]: [4714],
			},
		);
		expect(facts).toMatchObject({kind: 'stdio', owner: 'stdio', base: wordAt});
	}

	expect(classify(wait(), [], [2, 1, thread, 0], {}, {[thread + 720]: [9]}).kind).toBe('lock');
});

test('an arena of malloc: a thread’s by its heap, the main one by its ring', () => {
	const heap = 0x7f00_0000_0000;
	const address = heap + 48;
	const low = address % 2 ** 32;
	const memory = memoryOf({[heap]: [low, Math.floor(address / 2 ** 32), ...new Array(40).fill(0)]});
	const window = () => windowFrom(memoryOf({[blockStart]: around([], [2])}))(wordAt);
	expect(classifyWord([wait({address})], window, contextOf(memory)).kind).toBe('arena');

	const main = new Array(600).fill(0);
	main[0] = 2;
	main[96 / 4] = 0x30_0000;
	main[2160 / 4] = 0x40_0000;
	const arenas = memoryOf({[0x40_0000]: main, [0x30_0008]: [0x2_0001, 0]});
	const at = wait({address: 0x40_0000});
	expect(classifyWord([at], window, contextOf(arenas, {isStatic: true})).kind).toBe('arena');
	expect(classifyWord([at], window, contextOf(arenas)).kind).toBe('lock');
});

test('locks of musl', () => {
	const normal = wait({address: wordAt + 4, value: 0x8000_0010});
	expect(classify(normal, [], [0, 0x8000_0010])).toMatchObject({kind: 'mutex', owner: 'none'});
	const recursive = wait({address: wordAt + 4, value: 0x8000_0000 + 4715});
	expect(classify(recursive, [], [1, 0x8000_0000 + 4715])).toMatchObject({
		kind: 'mutex',
		variant: 'recursive',
		owner: 'word',
		base: wordAt,
		word: wordAt + 4,
	});
	const file = wait({value: 0x4000_0000 + 4715});
	expect(classify(file, [], [0x4000_0000 + 4715])).toMatchObject({kind: 'stdio', owner: 'word'});
	expect(classify(wait({value: 0x4000_0000 + 99}), [], []).kind).toBe('futex');
});

test('read-write locks and semaphores of musl, which begin alike', () => {
	const rwlock = (word: number, mark = 0) => [word, 1, mark, 0];
	const written = wait({value: 0xffff_ffff});
	expect(classify(written, [], rwlock(0xffff_ffff))).toMatchObject({
		kind: 'rwlock',
		owner: 'musl-rwlock',
		confidence: 'certain',
	});
	const read = wait({value: 0x8000_0003});
	expect(classify(read, [], rwlock(0x8000_0003), {isStatic: true}).kind).toBe('rwlock');
	expect(classify(wait({value: 0xffff_ffff}), [], rwlock(0xffff_ffff, 128))).toMatchObject({
		kind: 'semaphore',
		owner: 'none',
	});
	const shared = wait({value: 0xffff_ffff, isPrivate: false});
	expect(classify(shared, [], rwlock(0xffff_ffff, 128)).kind).toBe('rwlock');
	expect(classify(shared, [], rwlock(0xffff_ffff)).kind).toBe('semaphore');
	// Nobody waits for it.
	expect(classify(written, [], [0xffff_ffff, 0, 0, 0]).kind).toBe('futex');
});

test('a word with marks in its upper bits is no pthread_once', () => {
	expect(classify(wait({value: 0x8000_0001}), [], [0x8000_0001], {isStatic: true}).kind).toBe(
		'futex',
	);
});

test('a writer of Rust waits behind the state of its lock, a reader where parked threads wait on the heap', () => {
	const writer = bitsetWait({address: wordAt + 4, value: 3, realtime: false});
	expect(classify(writer, [], [0x8000_0002, 3])).toMatchObject({
		kind: 'rwlock',
		base: wordAt,
		owner: 'rust-rwlock',
	});
	expect(classify(writer, [], [2, 3]).kind).toBe('futex');
	const reader = bitsetWait({value: 0xffff_ffff, realtime: false});
	expect(classify(reader, [], [0xffff_ffff], {isStatic: true}).kind).toBe('rwlock');
	expect(classify(reader, [], [0xffff_ffff], {isStatic: false}).kind).toBe('park');
});

test('locks of Rust, which glibc’s never look like', () => {
	const rust = (value: number) => bitsetWait({value, realtime: false});
	expect(classify(rust(2), [], [2])).toMatchObject({
		kind: 'mutex',
		owner: 'none',
		confidence: 'possible',
	});
	expect(classify(rust(0xffff_ffff), [], [0xffff_ffff]).kind).toBe('park');
	expect(classify(rust(0x4000_0002), [], [0x4000_0002])).toMatchObject({
		kind: 'rwlock',
		owner: 'rust-rwlock',
	});
	expect(classify(rust(7), [], [7]).kind).toBe('futex');
	expect(classify(bitsetWait({value: 2, timed: true, realtime: false}), [], [2]).kind).toBe(
		'futex',
	);
});

test('one certain way of several is enough', () => {
	const waits = [bitsetWait({value: 2, timed: true}), wait()];
	expect(classify(waits, [], [2, 0, 4712, 1, 0])).toMatchObject({kind: 'mutex'});
});

test('without its memory nothing is known but what the call proves', () => {
	const refused = () => null;
	const window = () => undefined;
	expect(classifyWord([wait()], window, contextOf(refused)).kind).toBe('lock');
	expect(classifyWord([bitsetWait()], window, contextOf(refused)).kind).toBe('futex');
	expect(classifyWord([], window, contextOf(refused))).toMatchObject({
		kind: 'futex',
		owner: 'none',
	});
});
