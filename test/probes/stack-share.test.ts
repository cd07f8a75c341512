import {expect, test} from 'vitest';
import {createStackShare} from '../../source/probes/stack-share.js';

test('the first threads of each kind have their stacks read at their first look', () => {
	const share = createStackShare();
	const rare = (kind: string) => Array.from({length: 20}, () => share.isRare(kind));
	expect(rare('a').filter(Boolean)).toHaveLength(8);
	expect(rare('b').indexOf(false)).toBe(8);
});

test('of the rest one in four has its turn at a later look', () => {
	const share = createStackShare();
	const turns = Array.from({length: 400}, () => share.isItsTurn());
	expect(turns.filter(Boolean)).toHaveLength(100);
});
