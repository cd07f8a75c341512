import {expect, test} from 'vitest';
import {muslJoined} from '../../source/waits/musl-join.js';
import {memoryOf} from '../locks/words.js';

const thread = 0x10_0000;

/** `struct pthread` of musl: itself, then the thread's id, errno, and what a join waits on. */
const structure = (detachAt: number, self = thread): readonly number[] => {
	const words = new Array<number>(20).fill(0);
	words[0] = self;
	words[detachAt / 4 - 2] = 4711;
	words[detachAt / 4] = 2;
	return words;
};

test.each([
	['x86-64', 56],
	['arm64', 40],
])('the thread that a join of musl waits for, on %s', (_, detachAt) => {
	// Memory goes on in front of it.
	const memory = memoryOf({
		[thread - 64]: [...new Array<number>(16).fill(0), ...structure(detachAt)],
	});
	expect(muslJoined(thread + detachAt, 2, memory)).toBe(4711);
	expect(muslJoined(thread + detachAt, 1, memory)).toBeUndefined();
	expect(muslJoined(thread + detachAt + 8, 2, memory)).toBeUndefined();
});

test('a contended lock is no join, nor is one whose memory can’t be read', () => {
	const memory = memoryOf({[thread - 64]: [...new Array<number>(16).fill(0), ...structure(56, 0)]});
	expect(muslJoined(thread + 56, 2, memory)).toBeUndefined();
	expect(muslJoined(thread + 56, 2, () => null)).toBeUndefined();
});
