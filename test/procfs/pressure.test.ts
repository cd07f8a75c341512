import {expect, test} from 'vitest';
import {parsePressure} from '../../source/procfs/pressure.js';

test('both lines are read', () => {
	const text =
		'some avg10=18.20 avg60=12.00 avg300=8.05 total=123456789\nfull avg10=0.00 avg60=0.10 avg300=0.00 total=42\n';
	expect(parsePressure(text)).toEqual({
		some: {avg10Percent: 18.2, avg60Percent: 12, avg300Percent: 8.05, totalMicroseconds: 123456789},
		full: {avg10Percent: 0, avg60Percent: 0.1, avg300Percent: 0, totalMicroseconds: 42},
	});
});

test('kernels before 5.13 have no full line for the CPU', () => {
	expect(parsePressure('some avg10=1.00 avg60=2.00 avg300=3.00 total=4\n')).toEqual({
		some: {avg10Percent: 1, avg60Percent: 2, avg300Percent: 3, totalMicroseconds: 4},
	});
});

test('what isn’t known is left out', () => {
	expect(parsePressure('')).toEqual({});
	expect(parsePressure('most avg10=1.00 avg60=2.00 avg300=3.00 total=4\n')).toEqual({});
});
