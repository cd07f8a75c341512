import {expect, test} from 'vitest';
import {parseLoadAverage} from '../../source/procfs/loadavg.js';

test('averages, runnable threads, all threads and the last id are read', () => {
	expect(parseLoadAverage('0.42 12.50 103.07 3/1204 32768\n')).toEqual({
		averages: [0.42, 12.5, 103.07],
		runnable: 3,
		threads: 1204,
		lastPid: 32768,
	});
});

for (const text of ['', '0.42 1.5', '0.42 1.50 2.00 3 1204 5', 'a b c 1/2 3']) {
	test(`${JSON.stringify(text)} is none`, () => {
		expect(parseLoadAverage(text)).toBeUndefined();
	});
}
