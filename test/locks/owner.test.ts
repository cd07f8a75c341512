import {expect, test} from 'vitest';
import type {OwnerRecord} from '../../source/locks/lock-facts.js';
import {type Owner, ownerNote, readOwner} from '../../source/locks/owner.js';
import {memoryOf} from './words.js';

const base = 0x1000;

const read = (owner: OwnerRecord, words: readonly number[], more = {}) =>
	readOwner({base, word: base, owner}, memoryOf({[base]: words, ...more}), 720);

test.each<[string, OwnerRecord, number[], Owner]>([
	['a mutex', 'mutex', [2, 0, 4711], {state: 'held', tid: 4711}],
	['a mutex that was just given back', 'mutex', [0, 0, 4711], {state: 'free'}],
	['a mutex that was just taken', 'mutex', [1, 0, 0], {state: 'changing'}],
	['a word with waiters', 'word', [0x8000_0000 + 4711], {state: 'held', tid: 4711}],
	['a word whose owner died', 'word', [0x4000_0000 + 4711], {state: 'held', tid: 4711}],
	['a free word', 'word', [0], {state: 'free'}],
	['a written rwlock', 'rwlock', [3, 0, 0, 0, 0, 0, 4712], {state: 'held', tid: 4712}],
	['a rwlock with readers', 'rwlock', [2 << 3, 1, 0, 0, 0, 0, 0], {state: 'readers', count: 2}],
	[
		'a writer waiting for readers',
		'rwlock',
		[10, 0, 0, 0, 0, 0, 4712],
		{state: 'readers', count: 1},
	],
	['a free rwlock', 'rwlock', [1, 0, 0, 0, 0, 0, 0], {state: 'free'}],
	['a rwlock of Rust with readers', 'rust-rwlock', [0x4000_0003], {state: 'readers', count: 3}],
	['a written one', 'rust-rwlock', [0xbfff_ffff], {state: 'written'}],
	['a lock that records none', 'none', [2], {state: 'unrecorded'}],
	['a free FILE', 'stdio', [0, 0, 0, 0], {state: 'free'}],
])('%s', (_, owner, words, expected) => {
	expect(read(owner, words)).toEqual(expected);
});

test('a FILE’s owner is told by its thread', () => {
	const more = {[0x9000 + 720]: [4713]};
	expect(read('stdio', [2, 1, 0x9000, 0], more)).toEqual({state: 'held', tid: 4713});
});

test('refused is not gone', () => {
	expect(readOwner({base, word: base, owner: 'mutex'}, () => null, 720)).toBeNull();
	expect(readOwner({base, word: base, owner: 'word'}, () => undefined, 720)).toBeUndefined();
});

test('only a holder with a name needs no words', () => {
	expect(ownerNote({state: 'held', tid: 1})).toBeUndefined();
	expect(ownerNote({state: 'readers', count: 2})).toContain('2 readers');
	expect(ownerNote({state: 'readers', count: 1})).toContain('1 reader,');
	expect(ownerNote({state: 'free'})).toBe('free at the moment of reading');
	expect(ownerNote({state: 'unrecorded'})).toBe('owner not recorded by this kind of lock');
});
