import {describe, expect, test} from 'vitest';
import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import {makeProcess} from '../helpers/snapshot.js';
import {
	type Crowd,
	forked,
	futex,
	mutex,
	processWith,
	python3,
	running,
	untimed,
	type Watching,
	watch,
} from './watched.js';

const told = (processes: readonly Process[], watching?: Watching): Finding | undefined =>
	watch(processes, watching).findings.find(finding => finding.rule === 'oversubscribed');

/** Threads that always want a CPU and share so many of them. */
const burn = (count: number, cores = 2): Crowd => ({
	count,
	involuntary: 50 * count,
	cores: Math.min(count, cores),
	delayRatio: Math.max(0, 1 - cores / count),
});

describe('oversubscribed', () => {
	test('workers are counted against CPUs, and the fix has the numbers of the service', () => {
		const service = {name: 'gunicorn', workers: 40, workersSetting: '-w 40'};
		const finding = told(forked(40, {...python3, service}, burn(1, 0.05)));
		expect(finding).toMatchObject({
			severity: 'critical',
			confidence: 'likely',
			title: '40 gunicorn processes want 40 CPUs at once, but there are 2',
		});
		expect(finding?.evidence).toContainEqual(
			expect.objectContaining({what: 'workers that gunicorn is told to start', value: '-w 40'}),
		);
		expect(finding?.evidence).toContainEqual(
			expect.objectContaining({
				what: expect.stringContaining('wait for a CPU'),
				value: 95,
				unit: '%',
			}),
		);
		expect(finding?.fixes[0]).toMatchObject({
			what: 'gunicorn: 4 workers instead of 40 (-w 40 → -w 4)',
			why: expect.stringMatching(/^2 CPUs, 40 runnable on average/),
			command: '-w 4',
		});
	});

	test('the grades by how many times the CPUs are wanted', () => {
		const severity = (threads: number, cpus: number) =>
			told([processWith({}, burn(threads, cpus))], {cpus})?.severity;
		expect(severity(2, 2)).toBeUndefined();
		expect(severity(3, 2)).toBeUndefined();
		expect(severity(4, 2)).toBe('notice');
		expect(severity(6, 2)).toBe('warning');
		expect(severity(16, 2)).toBe('critical');
		expect(severity(2, 1)).toBeUndefined();
		expect(severity(3, 1)).toBe('warning');
		expect(severity(64, 64)).toBeUndefined();
		expect(severity(100, 64)).toBeUndefined();
		expect(severity(112, 64)).toBe('notice');
	});

	test('a quota or an affinity mask is the limit where it is less than the machine', () => {
		const title = (limits: Partial<Process>) =>
			told([processWith(limits, burn(8, 0.5))], {cpus: 16})?.title;
		expect(title({cpuQuotaPercent: 50})).toBe(
			'8 threads of service want 8 CPUs at once, but its quota allows 0.5',
		);
		expect(title({cpusAllowed: 2})).toBe(
			'8 threads of service want 8 CPUs at once, but its affinity mask allows 2',
		);
		expect(title({})).toBeUndefined();
	});

	test('processes that are bound to CPUs each for itself are not held against one mask', () => {
		const pinned = forked(16, {cpusAllowed: 1}, burn(1, 0.95));
		expect(told(pinned, {cpus: 16})).toBeUndefined();
		const twice = forked(16, {cpusAllowed: 1}, burn(2, 1));
		expect(told(twice, {cpus: 16})?.title).toMatch(/ want 32 CPUs at once, but there are 16$/);
	});

	test('a few threads more than CPUs are not meant, even if others leave them few', () => {
		const crowd = {count: 70, involuntary: 7000, cores: 30, delayRatio: 40 / 70};
		expect(told([processWith({}, crowd)], {cpus: 64})).toBeUndefined();
	});

	test('threads of several programs count together when none of them alone is too much', () => {
		const programs = [1, 2, 3].map(number =>
			processWith({pid: number * 1000, commandLine: ['burn', 'abc'.charAt(number)]}, burn(2, 0.66)),
		);
		expect(told(programs)).toMatchObject({
			title: '6 threads want 6 CPUs at once, but there are 2',
			pids: [1000, 2000, 3000],
		});
		expect(told(programs)?.pid).toBeUndefined();
		expect(told(programs.slice(1))?.severity).toBe('notice');
		expect(told(programs.slice(2))).toBeUndefined();
	});

	test.each([
		['threads that give the CPU up of themselves', {...burn(8), voluntary: 8 * 100}],
		['threads that want a CPU half of the time', {...burn(8, 1), cores: 0.8, delayRatio: 0.8}],
		['threads in sched_yield', {...burn(8), involuntary: 8 * 100_000}],
		['a load that gets all the CPU it wants', {count: 8, cores: 8, involuntary: 80}],
	])('%s are not meant', (_, crowd) => {
		expect(told([processWith({}, crowd)])).toBeUndefined();
	});

	test('threads that take only what others leave are not meant', () => {
		const process = processWith({}, burn(8));
		const idle = {
			...process,
			threads: process.threads.map(thread => ({...thread, policy: 'idle'})),
		};
		expect(told([process])).toBeDefined();
		expect(told([idle])).toBeUndefined();
	});

	describe('threads that meet at a barrier after each piece of work', () => {
		/** Ten of OpenMP on two CPUs, as measured. */
		const team: Crowd = {
			count: 10,
			voluntary: 740,
			involuntary: 590,
			cores: 1.78,
			delayRatio: 0.78,
			waits: [running(85), {...futex(15), futexOperation: 'WAIT'}],
		};
		const ofTeam = (changes: Partial<Crowd>, watching?: Watching, of: Partial<Process> = {}) =>
			told([processWith(of, {...team, ...changes})], watching);

		test('count though they sleep, and it is said how long they work in between', () => {
			const finding = ofTeam({});
			expect(finding).toMatchObject({severity: 'warning', confidence: 'likely'});
			expect(finding?.title).toBe('10 threads of service want 8.1 CPUs at once, but there are 2');
			expect(finding?.evidence).toContainEqual(
				expect.objectContaining({what: expect.stringContaining('they meet'), value: 2405}),
			);
		});

		test.each([
			['sleep for a socket as well', {waits: [running(85), untimed('socket', 'read', 15)]}],
			['sleep for a lock', {waits: [running(60), mutex(40)]}],
			['hand small jobs around', {voluntary: 7400, involuntary: 5900}],
			['sleep for most of the time', {cores: 0.9, delayRatio: 0.6}],
			['are two', {count: 2, delayRatio: 0.1}],
		])('are not meant where they %s', (_, changes) => {
			expect(ofTeam(changes)).toBeUndefined();
		});

		test('work on less at a time where nearly all are ready to run, and not in the kernel', () => {
			// As sixteen were measured that share the rows of a filter.
			const rows = {count: 16, voluntary: 4940, involuntary: 660, cores: 1.8, delayRatio: 0.87};
			expect(ofTeam(rows)?.title).toMatch(/^16 threads .* but there are 2$/);
			expect(ofTeam(rows, undefined, {systemCpuPercent: 40})).toBeUndefined();
			expect(ofTeam({...rows, delayRatio: 0.8})).toBeUndefined();
		});

		test('are possible where it may not be read what they sleep for, and nothing else is', () => {
			const refused = {waits: undefined, wait: null};
			expect(ofTeam(refused)?.confidence).toBe('possible');
			expect(ofTeam({...refused, involuntary: 200})).toBeUndefined();
			expect(ofTeam(refused, undefined, {systemCpuPercent: 90})).toBeUndefined();
			expect(ofTeam(refused, {system: {tcpSegmentsReceivedPerSecond: 1500}})).toBeUndefined();
		});

		test('of which many wait for each CPU count though others get some of the time too', () => {
			// As three teams of ten were measured beside another program.
			const teams = {count: 30, voluntary: 950, involuntary: 500, cores: 1.65, delayRatio: 0.89};
			const waits = [running(50), {...futex(50), futexOperation: 'WAIT'}];
			const all = {cpusAllowed: 2, cpuPercent: 165, runQueueWaitPercent: 1335};
			const beside = (crowd: Partial<Crowd>, of: Partial<Process> = {}) =>
				ofTeam({...teams, waits, ...crowd}, undefined, {...all, ...of});
			expect(beside({})?.title).toMatch(/^30 threads .* but there are 2$/);
			expect(beside({}, {cpuPercent: 120})).toBeUndefined();
			expect(beside({}, {runQueueWaitPercent: 300})).toBeUndefined();
			const refused = {waits: undefined, wait: null};
			expect(beside(refused)?.confidence).toBe('possible');
			// With more of it in the kernel they may fight for a lock.
			expect(beside(refused, {systemCpuPercent: 12})).toBeUndefined();
			expect(beside({...refused, involuntary: 380})).toBeUndefined();
		});
	});

	test('a kernel without run delay gives no verdict', () => {
		const process = processWith({}, burn(8));
		const blind = makeProcess({
			...process,
			runQueueWaitPercent: undefined,
			threads: process.threads.map(({runQueueWaitPercent: _, ...thread}) => thread),
		});
		expect(told([blind])).toBeUndefined();
	});

	test('the advice knows the runtime', () => {
		const command = (runtime: Process['runtime']) =>
			told([processWith({runtime}, burn(8))])?.fixes.map(fix => fix.command);
		expect(command({name: 'jvm', source: 'maps'})).toContain('-XX:ActiveProcessorCount=2');
		expect(command(undefined)).toContain('OMP_NUM_THREADS=2');
	});
});
