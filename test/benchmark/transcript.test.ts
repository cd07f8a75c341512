import {Buffer} from 'node:buffer';
import {describe, expect, test} from 'vitest';
import {countBytes, plainText, refreshesPerSecond, within} from '../../benchmark/transcript.js';

const chunk = (atMilliseconds: number, text: string) => ({
	atMilliseconds,
	bytes: Buffer.from(text),
});

describe('what a tool wrote to its terminal', () => {
	test('has bytes, not characters', () => {
		expect(countBytes([chunk(0, '│'), chunk(1, 'ab')])).toBe(5);
	});

	test('reads as text without control sequences, also where one is cut between two chunks', () => {
		const chunks = [
			chunk(0, '\u001B]0;title\u0007\u001B[?1049h\u001B[1;3'),
			chunk(1, '1mCTXT\u001B(B é'),
		];
		expect(plainText(chunks)).toBe('CTXT é');
	});

	test('has refreshes where output begins again after a pause', () => {
		const chunks = [0, 5, 20, 1000, 1010, 2000, 3000, 3250].map(at => chunk(at, 'x'));
		expect(refreshesPerSecond(chunks, undefined)).toBeCloseTo(1);
	});

	test('shows a tool that falls behind', () => {
		expect(
			refreshesPerSecond(
				[0, 2000, 4000].map(at => chunk(at, 'x')),
				undefined,
			),
		).toBeCloseTo(0.5);
	});

	test('has refreshes where their heading is, also in output without a pause and cut in two', () => {
		const chunks = [
			chunk(0, 'é head 1'),
			chunk(200, '2 he'),
			chunk(500, 'ad 3'),
			chunk(700, '4 head head'),
		];
		expect(refreshesPerSecond(chunks, /head/g)).toBeCloseTo(3000 / 700);
	});

	test('tells no rate from one refresh', () => {
		expect(refreshesPerSecond([chunk(0, 'x')], undefined)).toBeUndefined();
	});

	test('counts a window from its first moment until before its last', () => {
		const chunks = [0, 10, 20].map(at => chunk(at, 'x'));
		expect(within(chunks, 10, 20).map(({atMilliseconds}) => atMilliseconds)).toEqual([10]);
	});
});
