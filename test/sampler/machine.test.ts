import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {
	describeMachine,
	type MachineSample,
	readMachine,
	splitCpu,
} from '../../source/sampler/machine.js';
import {thisMachine} from '../../source/targets/local-target.js';

const ticks = {
	user: 1000,
	nice: 100,
	system: 500,
	idle: 9000,
	iowait: 50,
	irq: 5,
	softirq: 10,
	steal: 20,
};

const stat = {
	cpu: ticks,
	cpus: 2,
	contextSwitches: 10_000,
	bootTimeSeconds: 1_763_900_000,
	forks: 500,
	runnable: 3,
	blocked: 1,
};

const psi = (totalMicroseconds: number) => ({
	some: {avg10Percent: 1, avg60Percent: 2, avg300Percent: 3, totalMicroseconds},
});

const sampleAt = (seconds: number, overrides: Partial<MachineSample> = {}): MachineSample => ({
	readAtMilliseconds: seconds * 1000,
	load: {averages: [1, 2, 3], runnable: 4, threads: 300, lastPid: 999},
	stat,
	uptimeSeconds: 60 + seconds,
	pressure: {cpu: psi(seconds * 100_000), io: null, memory: undefined},
	...overrides,
});

const empty = mkdtempSync(path.join(tmpdir(), 'ctop-machine-'));
afterAll(() => rmSync(empty, {recursive: true}));

test('the CPUs’ time sums to 100 %', () => {
	const split = splitCpu(ticks, {...ticks, user: 1030, system: 510, idle: 9150, steal: 30});
	expect(split).toEqual({
		userPercent: 15,
		nicePercent: 0,
		systemPercent: 5,
		idlePercent: 75,
		iowaitPercent: 0,
		irqPercent: 0,
		softirqPercent: 0,
		stealPercent: 5,
	});
});

test('an idle counter that goes back a little is no time at all', () => {
	expect(splitCpu(ticks, {...ticks, user: 1100, iowait: 40})).toMatchObject({
		userPercent: 100,
		iowaitPercent: 0,
	});
});

test('without a tick in between there is no split', () => {
	expect(splitCpu(ticks, ticks)).toBeUndefined();
});

test('the first sample has no rates, but all that is true at one moment', () => {
	const system = describeMachine(undefined, sampleAt(0));
	expect(system.contextSwitchesPerSecond).toBeUndefined();
	expect(system.cpu).toBeUndefined();
	expect(system).toMatchObject({
		uptimeSeconds: 60,
		loadAverage: [1, 2, 3],
		runnable: 4,
		blocked: 1,
		threads: 300,
	});
});

test('rates are over the time between two samples', () => {
	const after = sampleAt(2.5, {
		stat: {...stat, contextSwitches: 12_500, forks: 510, cpu: {...ticks, idle: 9250}},
	});
	expect(describeMachine(sampleAt(0), after)).toMatchObject({
		contextSwitchesPerSecond: 1000,
		forksPerSecond: 4,
		cpu: {idlePercent: 100},
		pressure: {cpu: {some: {avg10Percent: 1, stallPercent: 10}}},
	});
});

test('refused pressure is null, that of a kernel without it is missing', () => {
	const {pressure} = describeMachine(undefined, sampleAt(0));
	expect(pressure?.io).toBeNull();
	expect(pressure?.memory).toBeUndefined();
});

test('files that aren’t there leave their values out', () => {
	mkdirSync(path.join(empty, 'pressure'));
	writeFileSync(path.join(empty, 'loadavg'), '0.10 0.20 0.30 1/20 300\n');
	const sample = readMachine({...thisMachine, procRoot: empty});
	expect(sample.load?.threads).toBe(20);
	expect(sample).not.toHaveProperty('stat');
	expect(sample).not.toHaveProperty('memory');
	expect(sample.pressure).toEqual({cpu: undefined, io: undefined, memory: undefined});
});

test('this machine has memory, CPUs and threads', () => {
	const system = describeMachine(undefined, readMachine(thisMachine));
	expect(system.memory!.totalBytes).toBeGreaterThan(system.memory!.availableBytes);
	expect(system.threads).toBeGreaterThan(0);
	expect(system.uptimeSeconds).toBeGreaterThan(0);
});

test('paging and accepted connections are rates, and missing where the kernel lacks the counters', () => {
	const vm = (faults: number) =>
		new Map([
			['pgmajfault', faults],
			['pswpin', 2 * faults],
		]);
	const before = sampleAt(0, {vm: vm(10), tcpAccepts: 5, tcpSegments: 0});
	expect(
		describeMachine(before, sampleAt(2, {vm: vm(30), tcpAccepts: 105, tcpSegments: 70})),
	).toMatchObject({
		paging: {
			majorFaultsPerSecond: 10,
			swapInPagesPerSecond: 20,
			swapOutPagesPerSecond: 0,
			directReclaimPagesPerSecond: 0,
		},
		tcpAcceptsPerSecond: 50,
		tcpSegmentsReceivedPerSecond: 35,
	});
	const dirtied = (pages: number) => ({vm: new Map([['nr_dirtied', pages]])});
	expect(describeMachine(before, sampleAt(2, {vm: vm(30)})).paging).not.toHaveProperty(
		'dirtiedPagesPerSecond',
	);
	expect(describeMachine(sampleAt(0, dirtied(5)), sampleAt(2, dirtied(25))).paging).toHaveProperty(
		'dirtiedPagesPerSecond',
		10,
	);
	const without = describeMachine(sampleAt(0), sampleAt(2));
	expect(without.paging).toBeUndefined();
	expect(without.tcpAcceptsPerSecond).toBeUndefined();
});

test('what wakes threads from outside is read only where their waits are refused', () => {
	expect(readMachine(thisMachine)).not.toHaveProperty('wakeSources');
	expect(readMachine(thisMachine, true).wakeSources?.receivedPackets).toBeGreaterThanOrEqual(0);
	expect(readMachine({...thisMachine, procRoot: empty}, true).wakeSources).toEqual({});
});

test('timers and packets are rates; one that went back or is missing has none', () => {
	const at = (timerInterrupts: number, receivedPackets?: number) => ({
		wakeSources: {timerInterrupts, ...(receivedPackets !== undefined && {receivedPackets})},
	});
	const before = sampleAt(0, at(1000, 50));
	expect(describeMachine(before, sampleAt(2, at(1500, 50))).wakeSources).toEqual({
		timerInterruptsPerSecond: 250,
		receivedPacketsPerSecond: 0,
	});
	expect(describeMachine(before, sampleAt(2, at(1500, 40))).wakeSources).toEqual({
		timerInterruptsPerSecond: 250,
	});
	expect(describeMachine(before, sampleAt(2, at(1500))).wakeSources).toEqual({
		timerInterruptsPerSecond: 250,
	});
	expect(describeMachine(before, sampleAt(2))).not.toHaveProperty('wakeSources');
});
