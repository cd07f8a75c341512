import {expect, test} from 'vitest';
import {countText} from '../../source/model/count-text.js';

test.each([
	[0, '0'],
	[999.6, '1,000'],
	[1_800, '1,800'],
	[1_234_567, '1,234,567'],
])('the count %d is written %s', (value, text) => {
	expect(countText(value)).toBe(text);
});
