import process from 'node:process';
import {describe, expect, test} from 'vitest';
import {parsePidstat, readPidstat} from './pidstat.js';

const recorded = `Linux 6.18.44 (host) \t2026-11-23 \t_x86_64_\t(2 CPU)

14:18:40      UID      TGID       TID   cswch/s nvcswch/s  Command
14:18:41        0     16626         -      0.00      0.00  odd ) name
\u001B[1m
14:18:41        0         -     16626      0.00      0.00  |__odd ) name
\u001B[1m
14:18:41        0         -     16668  56912.89      1.98  |__|__fake
14:18:41        0         -     16672      9.90      0.00  |__

Average:      UID      TGID       TID   cswch/s nvcswch/s  Command
Average:        0     16626         -      0.00      0.00  odd ) name
\u001B[1m
Average:        0         -     16626      0.00      0.00  |__odd ) name
\u001B[1m
Average:     1000         -     16668  56910.45      1.00  |__|__fake
Average:        0         -     16672     10.45      0.00  |__
Average:        0         -     16673      9.95      2.50  |__x
y
`;

describe('rates from pidstat', () => {
	test('are those of the threads, averaged over the intervals, whatever their names', () => {
		expect([...parsePidstat(recorded)]).toEqual([
			[16_626, {voluntarySwitchesPerSecond: 0, involuntarySwitchesPerSecond: 0}],
			[16_668, {voluntarySwitchesPerSecond: 56_910.45, involuntarySwitchesPerSecond: 1}],
			[16_672, {voluntarySwitchesPerSecond: 10.45, involuntarySwitchesPerSecond: 0}],
			[16_673, {voluntarySwitchesPerSecond: 9.95, involuntarySwitchesPerSecond: 2.5}],
		]);
	});

	test('are none when none of the processes is there', () => {
		const headings = recorded.split('\n').slice(0, 3).join('\n');
		expect(parsePidstat(headings).size).toBe(0);
	});

	test('hold the main thread of this very process when pidstat is there', async ({skip}) => {
		const live = await readPidstat([process.pid], 1);
		if (live === undefined) {
			skip('pidstat is not installed');
			return;
		}

		expect([...live.keys()]).toContain(process.pid);
	});
});
