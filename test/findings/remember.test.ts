import {expect, test} from 'vitest';
import {remember} from '../../source/findings/remember.js';

test('a text is looked at once, however often it is asked for', () => {
	const asked: string[] = [];
	const isLong = remember(text => {
		asked.push(text);
		return text.length > 3;
	});
	expect([isLong('worker'), isLong('gc'), isLong('worker'), isLong('gc')]).toEqual([
		true,
		false,
		true,
		false,
	]);
	expect(asked).toEqual(['worker', 'gc']);
});

test('texts without end are forgotten, and found again', () => {
	let finds = 0;
	const lengthOf = remember(text => {
		finds++;
		return text.length;
	});
	lengthOf('first');
	for (let index = 0; index < 10_000; index++) {
		lengthOf(String(index));
	}

	const before = finds;
	expect(lengthOf('first')).toBe(5);
	expect(finds).toBe(before + 1);
});
