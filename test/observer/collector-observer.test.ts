import {expect, test} from 'vitest';
import {lifetimeCpuPercent} from '../../source/observer/collector-observer.js';
import {createProcessEntry} from '../../source/sampler/task-entry.js';

test('what a process has used since it began is told before there is a rate', () => {
	// Began 1000 seconds after the machine, and has run for 3 of the 10 seconds since.
	const process = {...createProcessEntry(10), startTimeTicks: 100_000};
	Object.assign(process, {userTicks: 250, systemTicks: 50});
	expect(lifetimeCpuPercent(process, 1010)).toBeCloseTo(30);
	// Uptime is read a little earlier than the process.
	expect(lifetimeCpuPercent(process, 1000)).toBe(0);
});
