import {expect, test} from 'vitest';
import {createAddressSpaces} from '../../source/observer/address-spaces.js';
import {createWaitLooks} from '../../source/observer/wait-looks.js';
import {createWaitReader} from '../../source/observer/wait-reader.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';

const switching = (voluntarySwitchesPerSecond: number | undefined) =>
	Object.assign(createThreadEntry(createProcessEntry(100), 100), {voluntarySwitchesPerSecond});

const looksPerSecond = (rates: readonly (number | undefined)[]): number => {
	const files = {read: () => 0, path: () => ''} as never;
	const looks = createWaitLooks(
		createWaitReader(files, createAddressSpaces('/nowhere'), 'x64'),
		'x64',
	);
	looks.choose(rates.map(switching));
	return looks.looksPerSecond;
};

test('where next to nothing switches a few looks a second do, but not before anybody knows what switches', () => {
	expect(looksPerSecond([undefined, undefined])).toBe(10);
	expect(looksPerSecond([0, undefined, 2])).toBe(4);
	expect(looksPerSecond([200, 200])).toBe(10);
	expect(looksPerSecond([40_000, 200])).toBe(10);
});

test('two that switch thousands of times a second are seldom asleep in a look, so that there are more of them where few run', () => {
	expect(looksPerSecond([undefined, 30_000, 1, 30_000])).toBe(25);
	expect(looksPerSecond([30_000, 30_000, ...Array.from({length: 50}, () => 1)])).toBe(10);
});
