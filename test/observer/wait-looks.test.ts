import {expect, test} from 'vitest';
import {createAddressSpaces} from '../../source/observer/address-spaces.js';
import {createWaitLooks} from '../../source/observer/wait-looks.js';
import {createWaitReader} from '../../source/observer/wait-reader.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';

const switching = (voluntarySwitchesPerSecond: number | undefined) =>
	Object.assign(createThreadEntry(createProcessEntry(100), 100), {voluntarySwitchesPerSecond});

test('where next to nothing switches a few looks a second do, but not before anybody knows what switches', () => {
	const nothing = () => 0;
	const looks = createWaitLooks(
		createWaitReader(
			{read: nothing, path: () => ''} as never,
			createAddressSpaces('/nowhere'),
			'x64',
		),
		'x64',
	);
	const looksPerSecond = (rates: readonly (number | undefined)[]): number => {
		looks.choose(rates.map(switching));
		return looks.looksPerSecond;
	};

	expect(looksPerSecond([undefined, undefined])).toBe(10);
	expect(looksPerSecond([0, undefined, 2])).toBe(4);
	expect(looksPerSecond([200, 200])).toBe(10);
});
