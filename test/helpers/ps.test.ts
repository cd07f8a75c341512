import process from 'node:process';
import {describe, expect, test} from 'vitest';
import {parsePs, readPs} from './ps.js';

const recorded = ` PPID   PID THCNT STAT     CMD
    0     2     1 S        [kthreadd]
    2     9     1 I<        \\_ [kworker/0:0H-events]
    0     1    14 Ssl      /sbin/init splash
    1  3946     1 S         \\_ worker --flag  two   blanks
 3946  3961     1 Ss+       |   \\_ bash -c \\_ not a branch
 3961 16626     8 SNsl+     |       \\_ odd ) name??[1m
    1  3999     0 Z         \\_ [sh] <defunct>
    1  4000     1 S            four blanks first
`;

describe('the forest from ps', () => {
	const rows = parsePs(recorded);

	test('has each process with its parent, threads and state', () => {
		expect(
			rows.map(({parentPid, pid, threadCount, state}) => [parentPid, pid, threadCount, state]),
		).toEqual([
			[0, 2, 1, 'S'],
			[2, 9, 1, 'I<'],
			[0, 1, 14, 'Ssl'],
			[1, 3946, 1, 'S'],
			[3946, 3961, 1, 'Ss+'],
			[3961, 16_626, 8, 'SNsl+'],
			[1, 3999, 0, 'Z'],
			[1, 4000, 1, 'S'],
		]);
	});

	test('has depths and commands without the branches, blanks inside kept', () => {
		expect(rows.map(({depth, command}) => [depth, command])).toEqual([
			[0, '[kthreadd]'],
			[1, '[kworker/0:0H-events]'],
			[0, '/sbin/init splash'],
			[1, 'worker --flag  two   blanks'],
			[2, 'bash -c \\_ not a branch'],
			[3, 'odd ) name??[1m'],
			[1, '[sh] <defunct>'],
			[0, '    four blanks first'],
		]);
	});

	test('holds this very process when ps is there', async ({skip}) => {
		const live = await readPs();
		if (live === undefined) {
			skip('ps is not installed');
			return;
		}

		expect(live.find(({pid}) => pid === process.pid)?.parentPid).toBe(process.ppid);
	});
});
