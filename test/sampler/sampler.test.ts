import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createDescriptorBudget} from '../../source/sampler/descriptor-budget.js';
import {readMachine} from '../../source/sampler/machine.js';
import {createSampler, type Sampler} from '../../source/sampler/sampler.js';
import type {ThreadEntry} from '../../source/sampler/task-entry.js';
import type {Target} from '../../source/targets/target.js';
import {createProcTree, type ProcTree} from '../helpers/proc-tree.js';

let tree: ProcTree;
let target: Target;

beforeEach(() => {
	tree = createProcTree();
	target = {procRoot: tree.root, ownKernel: false, passwdFile: '/etc/passwd'};
});

afterEach(() => tree.remove());

/** What it costs to keep for the rest of the program, on top of these. */
const budgetOf = (descriptors: number) => createDescriptorBudget(160 + descriptors);

const sweep = async (sampler: Sampler) => {
	// Rates need time to pass.
	await sleep(2);
	return sampler.sweep(readMachine(target), new Set());
};

const publish = (sampler: Sampler) => sampler.publish(readMachine(target));

/** As the observer does for a thread whose wait it has read. */
const settleAll = (sampler: Sampler): void => {
	for (const entry of sampler.table.threads.values()) {
		entry.settled = entry.state === 'S';
	}
};

const holds = (entry: ThreadEntry): boolean => entry.schedstatDescriptor >= 0;

test('the first sweep gives no rates, the second one those of the time between', async () => {
	tree.write({pid: 100, slices: 10, voluntarySwitches: 8, involuntarySwitches: 2});
	const sampler = createSampler(target);
	await sweep(sampler);
	expect(publish(sampler)[0]).toMatchObject({voluntarySwitchesPerSecond: undefined});
	const before = performance.now();
	await sleep(100);
	tree.write({
		...{pid: 100, slices: 40, voluntarySwitches: 28, involuntarySwitches: 12},
		runNanoseconds: 20_000_000,
		delayNanoseconds: 10_000_000,
	});
	await sweep(sampler);
	const longestSeconds = (performance.now() - before + 10) / 1000;
	const [process] = publish(sampler);
	expect(process!.voluntarySwitchesPerSecond).toBeGreaterThanOrEqual(20 / longestSeconds);
	expect(process!.voluntarySwitchesPerSecond).toBeLessThanOrEqual(20 / 0.099);
	// All from the same two readings.
	expect(process!.involuntarySwitchesPerSecond).toBeCloseTo(
		process!.voluntarySwitchesPerSecond! / 2,
	);
	expect(process!.cpuPercent).toBeCloseTo(process!.voluntarySwitchesPerSecond! / 10);
	expect(process!.runQueueWaitPercent).toBeCloseTo(process!.cpuPercent! / 2);
	sampler.close();
});

test('only threads that ran are read again', async () => {
	tree.write({pid: 100});
	tree.write({pid: 100, tid: 101});
	const sampler = createSampler(target);
	await sweep(sampler);
	settleAll(sampler);
	tree.write({pid: 100, tid: 101, slices: 1, voluntarySwitches: 1});
	const {moved} = await sweep(sampler);
	expect(moved.map(({tid}) => tid)).toEqual([101]);
	sampler.close();
});

for (const [what, slices] of [
	['smaller', 5],
	['bigger', 1_000_000],
] as const) {
	test(`an id that another process got, with ${what} counters, makes no rate and no old name`, async () => {
		const old = {pid: 100, slices: 50, voluntarySwitches: 50, commandLine: ['old', '--secret']};
		tree.write({...old, name: 'old'});
		tree.write({...old, name: 'old', tid: 101});
		const sampler = createSampler(target);
		await sweep(sampler);
		await sweep(sampler);
		rmSync(path.join(tree.root, '100/task/101'), {recursive: true});
		tree.write({
			...{pid: 100, name: 'new', startTimeTicks: 5000, commandLine: ['new']},
			...{slices, voluntarySwitches: slices},
		});
		await sweep(sampler);
		expect(publish(sampler)).toMatchObject([
			{
				pid: 100,
				name: 'new',
				startTimeTicks: 5000,
				commandLine: ['new'],
				voluntarySwitchesPerSecond: undefined,
				threads: [{tid: 100, voluntarySwitchesPerSecond: undefined, startTimeTicks: 5000}],
			},
		]);
		await sweep(sampler);
		await sweep(sampler);
		expect(publish(sampler)[0]!.voluntarySwitchesPerSecond).toBe(0);
		sampler.close();
	});
}

test('a thread id that another thread of the process got makes no rate', async () => {
	tree.write({pid: 100});
	tree.write({pid: 100, tid: 101, slices: 50, voluntarySwitches: 50, name: 'old'});
	const sampler = createSampler(target, budgetOf(0));
	await sweep(sampler);
	await sweep(sampler);
	tree.write({
		pid: 100,
		tid: 101,
		slices: 3,
		voluntarySwitches: 3,
		name: 'new',
		startTimeTicks: 7000,
	});
	await sweep(sampler);
	expect(publish(sampler)[0]!.threads[1]).toMatchObject({
		tid: 101,
		name: 'new',
		startTimeTicks: 7000,
		voluntarySwitchesPerSecond: undefined,
	});
	await sweep(sampler);
	expect(publish(sampler)[0]!.threads[1]!.voluntarySwitchesPerSecond).toBe(0);
	sampler.close();
});

test('a thread whose file could not be read shows nothing, and then the rate since its last reading', async () => {
	tree.write({pid: 100, slices: 10, voluntarySwitches: 10});
	const sampler = createSampler(target, budgetOf(0));
	await sweep(sampler);
	const began = performance.now();
	tree.write({pid: 100, slices: 20, voluntarySwitches: 20});
	await sweep(sampler);
	expect(publish(sampler)[0]!.voluntarySwitchesPerSecond).toBeGreaterThan(0);
	const schedstat = path.join(tree.root, '100/task/100/schedstat');
	rmSync(schedstat);
	mkdirSync(schedstat);
	await sweep(sampler);
	expect(publish(sampler)[0]).toMatchObject({
		voluntarySwitchesPerSecond: undefined,
		cpuPercent: undefined,
		threads: [{wait: undefined, voluntarySwitchesPerSecond: undefined}],
	});
	rmSync(schedstat, {recursive: true});
	await sleep(100);
	tree.write({pid: 100, slices: 40, voluntarySwitches: 40});
	await sweep(sampler);
	const rate = publish(sampler)[0]!.voluntarySwitchesPerSecond!;
	expect(rate).toBeGreaterThanOrEqual(20 / ((performance.now() - began) / 1000));
	expect(rate).toBeLessThanOrEqual(20 / 0.099);
	sampler.close();
});

test('a process that runs another program is told by its new stack, though name and command line are the same', async () => {
	tree.write({pid: 100, startStack: 0x7ff0});
	const sampler = createSampler(target);
	await sweep(sampler);
	await sweep(sampler);
	const process = sampler.table.processes.get(100)!;
	const {generation} = process;
	process.waitsRefused = true;
	tree.write({pid: 100, slices: 1, startStack: 0x7ee0});
	await sweep(sampler);
	expect(process.generation).toBeGreaterThan(generation);
	expect(process.waitsRefused).toBe(false);
	sampler.close();
});

test('a process that renames itself, and one that dies, run no other program', async () => {
	tree.write({pid: 100, startStack: 0x7ff0});
	const sampler = createSampler(target);
	await sweep(sampler);
	const {generation} = sampler.table.processes.get(100)!;
	tree.write({pid: 100, slices: 1, startStack: 0x7ff0, name: 'renamed'});
	await sweep(sampler);
	tree.write({pid: 100, slices: 2, startStack: 0, name: 'renamed', state: 'Z'});
	await sweep(sampler);
	expect(sampler.table.processes.get(100)).toMatchObject({generation, name: 'renamed', state: 'Z'});
	sampler.close();
});

test('where the kernel keeps no schedstat, CPU time comes from stat and the run-queue wait is unknown', async () => {
	const thread = {pid: 100, slices: 0};
	const dropSchedstat = () => rmSync(path.join(tree.root, '100/task/100/schedstat'), {force: true});
	tree.write(thread);
	dropSchedstat();
	const sampler = createSampler(target);
	await sweep(sampler);
	await sleep(200);
	tree.write({...thread, userTicks: 3, systemTicks: 2, voluntarySwitches: 40});
	dropSchedstat();
	await sweep(sampler);
	const [process] = publish(sampler);
	expect(process!.threads[0]!.cpuPercent).toBeGreaterThan(0);
	expect(process!.threads[0]!.cpuPercent).toBeLessThanOrEqual(5 / 0.2);
	expect(process!.voluntarySwitchesPerSecond).toBeGreaterThan(0);
	expect(process!.runQueueWaitPercent).toBeUndefined();
	sampler.close();
});

test('a thread that woke but got no CPU is found when the kernel counts more runnable threads than were seen', async () => {
	target = {...target, ownKernel: true};
	const threads = 512;
	for (let tid = 100; tid < 100 + threads; tid++) {
		tree.write({pid: 100, tid});
	}

	const starved = 100 + threads - 1;
	const sweepsUntilSeen = async (runnable: number): Promise<number> => {
		tree.write({pid: 100, tid: starved});
		tree.writeMachine(runnable, threads, 999);
		const sampler = createSampler(target);
		await sweep(sampler);
		settleAll(sampler);
		tree.write({pid: 100, tid: starved, state: 'R'});
		let sweeps = 0;
		while (sampler.table.threads.get(starved)!.state !== 'R' && sweeps < 40) {
			await sweep(sampler);
			sweeps++;
		}

		sampler.close();
		return sweeps;
	};

	// Three sweeps of suspicion, then an eighth of the threads each time; read in the sweep after.
	expect(await sweepsUntilSeen(1)).toBeLessThanOrEqual(3 + 8 + 2);
	expect(await sweepsUntilSeen(0)).toBe(40);
});

test('descriptors go to the threads that run, whoever came first', async () => {
	const threads = Array.from({length: 60}, (_, index) => 100 + index);
	// Each of them wants two: more than are left over.
	const active = threads.slice(-16);
	for (const tid of threads) {
		tree.write({pid: 100, tid});
	}

	const budget = budgetOf(40);
	const sampler = createSampler(target, budget);
	await sweep(sampler);
	expect(budget.used).toBeGreaterThan(20);
	expect(active.some(tid => holds(sampler.table.threads.get(tid)!))).toBe(false);
	for (let round = 1; round <= 20; round++) {
		settleAll(sampler);
		for (const tid of active) {
			tree.write({pid: 100, tid, slices: round, voluntarySwitches: round});
		}

		await sweep(sampler);
		expect(budget.used).toBeLessThanOrEqual(40);
	}

	expect(active.every(tid => holds(sampler.table.threads.get(tid)!))).toBe(true);
	expect(sampler.files.threadsHeld).toBe([...sampler.table.threads.values()].filter(holds).length);
	expect(sampler.table.threads.size).toBe(60);
	sampler.close();
	expect(budget.used).toBe(0);
	expect(sampler.files.threadsHeld).toBe(0);
});

test('closing gives every descriptor back', async () => {
	for (let tid = 100; tid < 150; tid++) {
		tree.write({pid: 100, tid});
	}

	const openHere = () => readdirSync('/proc/self/fd').length;
	const before = openHere();
	const sampler = createSampler(target);
	await sweep(sampler);
	expect(openHere()).toBeGreaterThanOrEqual(before + 50);
	sampler.close();
	expect(openHere()).toBeLessThanOrEqual(before + 2);
});

test('processes in focus are read first', async () => {
	tree.write({pid: 100});
	tree.write({pid: 200});
	const sampler = createSampler(target);
	const {moved} = await sampler.sweep(readMachine(target), new Set([200]));
	expect(moved.map(({tid}) => tid)).toEqual([200, 100]);
	expect(publish(sampler).map(({pid}) => pid)).toEqual([100, 200]);
	sampler.close();
});

test('a command line that changes while a process is young is seen within its first sweeps', async () => {
	tree.write({pid: 50});
	const sampler = createSampler(target);
	await sweep(sampler);
	tree.write({pid: 100});
	await sweep(sampler);
	writeFileSync(path.join(tree.root, '100/cmdline'), 'web: master\0');
	for (let sweeps = 0; sweeps < 4; sweeps++) {
		await sweep(sampler);
	}

	expect(publish(sampler).find(({pid}) => pid === 100)?.commandLine).toEqual(['web: master']);
	sampler.close();
});
