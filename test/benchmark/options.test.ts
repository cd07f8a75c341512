import {describe, expect, test} from 'vitest';
import {parseOptions} from '../../benchmark/options.js';

describe('options of the benchmark', () => {
	test('measure what the targets speak of when none is given', () => {
		expect(parseOptions([], 'results.md')).toMatchObject({
			threads: [2000, 10_000],
			activePercents: [1, 10, 100],
			output: 'results.md',
		});
	});

	test('a quick run writes no file unless it is told to', () => {
		expect(parseOptions(['--quick'], 'results.md')?.output).toBeUndefined();
		expect(parseOptions(['--quick', '--output', 'a.md'], 'results.md')?.output).toBe('a.md');
	});

	test('what is said counts more than quick', () => {
		expect(parseOptions(['--quick', '--active', '5,50', '--rounds', '2'], '')).toMatchObject({
			activePercents: [5, 50],
			rounds: 2,
		});
	});

	test.each([
		['--threads', 'many'],
		['--threads', '2000,0'],
		['--rounds', '1,2'],
		['--seconds', '0'],
	])('%s %s is refused', (...argv) => {
		expect(() => parseOptions(argv, '')).toThrow(RangeError);
	});

	test('an unknown option is refused', () => {
		expect(() => parseOptions(['--thread', '5'], '')).toThrow(TypeError);
	});
});
