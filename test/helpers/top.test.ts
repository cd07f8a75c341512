import process from 'node:process';
import {describe, expect, test} from 'vitest';
import {parseTop, readTop} from './top.js';

const recorded = `top - 14:18:42 up 26 min,  0 user,  load average: 0.38, 0.32, 0.18
Threads:   2 total,   0 running,   2 sleeping,   0 stopped,   0 zombie
%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st 

  PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
16626 root      20   0  533116  14048   6860 S  77.0   0.1   0:00.09 first
16668 root      20   0  533116  14048   6860 S   0.0   0.1   0:00.00 |__fake
16999 root      20   0  533116  14048   6860 S   0.0   0.1   0:00.00 ended

top - 14:18:43 up 26 min,  0 user,  load average: 0.38, 0.32, 0.18
Threads:   4 total,   0 running,   4 sleeping,   0 stopped,   0 zombie
%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st 

  PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
16626 root      20   0  533116  14048   6860 R  99.0   0.1   0:00.09 odd ) name..[1m
16668 systemd+  rt -20   10.1g  14048   6860 D   0.0   0.1 123:45.67 |__fake
16672 root      20   0  533116  14048   6860 S   1.0   0.1   0:00.00
16669 root      20   0  533116  14048   6860 S   0.0   0.1   0:00.00 a b  c
`;

describe('threads from top', () => {
	test('are those of the last refresh only', () => {
		expect([...parseTop(recorded)]).toEqual([
			[16_626, {state: 'R', cpuPercent: 99, name: 'odd ) name..[1m'}],
			[16_668, {state: 'D', cpuPercent: 0, name: '|__fake'}],
			[16_672, {state: 'S', cpuPercent: 1, name: ''}],
			[16_669, {state: 'S', cpuPercent: 0, name: 'a b  c'}],
		]);
	});

	test('are none without a heading', () => {
		expect(parseTop('top: bad pid\n').size).toBe(0);
	});

	test('hold the main thread of this very process when top is there', async ({skip}) => {
		const live = await readTop([process.pid], 1);
		if (live === undefined) {
			skip('top is not installed');
			return;
		}

		expect([...live.keys()]).toContain(process.pid);
	});
});
