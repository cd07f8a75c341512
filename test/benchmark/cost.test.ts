import {spawn} from 'node:child_process';
import {once} from 'node:events';
import process from 'node:process';
import {expect, test} from 'vitest';
import {type Cost, cpuNanosecondsBetween, readCost} from '../../benchmark/cost.js';

const cost = (overrides: Partial<Cost>): Cost => ({
	threadNanoseconds: 0,
	processNanoseconds: 0,
	machineNanoseconds: 0,
	processes: 1,
	peakRssBytes: 0,
	rssBytes: 0,
	...overrides,
});

test('the threads’ own counters count where those of the process say the same but for rounding', () => {
	const after = cost({threadNanoseconds: 12_345_678, processNanoseconds: 40_000_000});
	expect(cpuNanosecondsBetween(cost({}), after)).toBe(12_345_678);
});

test('the process’s counters count where threads ended and took theirs along', () => {
	const before = cost({threadNanoseconds: 900_000_000, processNanoseconds: 900_000_000});
	const after = cost({threadNanoseconds: 100_000_000, processNanoseconds: 1_000_000_000});
	expect(cpuNanosecondsBetween(before, after)).toBe(100_000_000);
});

test('a process costs what the kernel says of all its threads, descendants included', async () => {
	const burn = 'const end = Date.now() + 300; while (Date.now() < end);';
	const wait = "process.stdout.write('ready'); setInterval(() => {}, 1000);";
	const program = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(burn + wait)}], {stdio: 'inherit'}); setInterval(() => {}, 1000);`;
	const child = spawn(process.execPath, ['-e', program], {
		stdio: ['ignore', 'pipe', 'inherit'],
		detached: true,
	});
	try {
		await once(child.stdout, 'data');
		const {threadNanoseconds, machineNanoseconds, processes, peakRssBytes, rssBytes} = readCost(
			child.pid!,
		);
		expect(machineNanoseconds).toBeGreaterThan(threadNanoseconds);
		expect(processes).toBe(2);
		expect(threadNanoseconds).toBeGreaterThan(50_000_000);
		expect(peakRssBytes).toBeGreaterThanOrEqual(rssBytes);
		expect(rssBytes).toBeGreaterThan(2 * 10_000_000);
	} finally {
		// Its own group: itself and the one process it started.
		process.kill(-child.pid!, 'SIGKILL');
	}
});

test('a process that is gone costs nothing', () => {
	expect(readCost(2 ** 30)).toMatchObject({threadNanoseconds: 0, rssBytes: 0});
});
