import {expect, test} from 'vitest';
import {parseStraceSummary} from '../../source/probes/strace-summary.js';

/** As strace 6.1 printed it. */
const output = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 88.27    8.556353       60683       141           pselect6
  1.56    0.150822         797       189        22 futex
  7.52    0.728777        4261       171           read
------ ----------- ----------- --------- --------- ----------------
100.00    9.693631        3657      2650       275 total
`;

test('each call with its time, its number and its errors, busiest first', () => {
	expect(parseStraceSummary(output)).toEqual([
		{call: 'pselect6', percent: 88.27, seconds: 8.556353, calls: 141, errors: 0},
		{call: 'read', percent: 7.52, seconds: 0.728777, calls: 171, errors: 0},
		{call: 'futex', percent: 1.56, seconds: 0.150822, calls: 189, errors: 22},
	]);
});

test('a table without rows is empty', () => {
	expect(parseStraceSummary('')).toEqual([]);
	expect(
		parseStraceSummary('strace: attach: ptrace(PTRACE_SEIZE, 1): Operation not permitted'),
	).toEqual([]);
});
