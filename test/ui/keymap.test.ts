import {expect, test} from 'vitest';
import {commandOf, keymap} from '../../source/ui/keymap.js';

test('no key has two meanings', () => {
	const keys = keymap.flatMap(binding => binding.keys);
	expect(new Set(keys).size).toBe(keys.length);
});

test('a key that is in no binding does nothing', () => {
	for (const key of ['x', 'ctrl+x', 'alt+j', 'f1', '', 'Z']) {
		expect(commandOf(key)).toBeUndefined();
	}
});

test('no two entries of the footer have to go at the same time', () => {
	const priorities = keymap.flatMap(({footer}) => (footer === undefined ? [] : [footer.priority]));
	expect(priorities.filter(priority => priority <= 2)).toHaveLength(3);
});
