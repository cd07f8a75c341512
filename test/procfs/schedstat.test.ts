import {expect, test} from 'vitest';
import {parseSchedstat} from '../../source/procfs/schedstat.js';

const parse = (text: string) => {
	const counters = {runNanoseconds: -1, delayNanoseconds: -1, slices: -1};
	const bytes = Buffer.from(text);
	const ok = parseSchedstat(bytes, bytes.length, counters);
	return {ok, ...counters};
};

test('run time, run-queue wait and slices are read', () => {
	expect(parse('123456789 987654321 4711\n')).toEqual({
		ok: true,
		runNanoseconds: 123456789,
		delayNanoseconds: 987654321,
		slices: 4711,
	});
});

test('three months of CPU time in nanoseconds are still exact', () => {
	expect(parse('7776000000000001 1 1\n').runNanoseconds).toBe(7776000000000001);
});

for (const text of ['', '\n', '12', '12 34', '12 34 ', 'x y z\n']) {
	test(`${JSON.stringify(text)} is none, and leaves the counters as they were`, () => {
		expect(parse(text)).toEqual({
			ok: false,
			runNanoseconds: -1,
			delayNanoseconds: -1,
			slices: -1,
		});
	});
}
