import {describe, expect, test} from 'vitest';
import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import type {WaitShare} from '../../source/model/wait.js';
import {type Crowd, processWith, running, watch} from './watched.js';

const atPermits = (percent: number): WaitShare => ({
	kind: 'futex',
	call: 'futex',
	timed: false,
	lockId: 'java:0x1000',
	percent,
});

const users: Crowd = {
	count: 8,
	voluntary: 600,
	cores: 0.9,
	waits: [atPermits(85), running(15)],
	name: 'request',
};

const shop = (crowds: readonly Crowd[], overrides: Partial<Process> = {}): Process =>
	processWith(
		{
			name: 'shop',
			runtime: {name: 'jvm', source: 'exe'},
			locks: [
				{
					id: 'java:0x1000',
					kind: 'semaphore',
					name: 'Semaphore',
					waiterTids: [1001, 1002],
					waitersAverage: 6.8,
					contendedPercent: 100,
					confidence: 'certain',
				},
			],
			...overrides,
		},
		...crowds,
	);

const told = (process: Process): Finding | undefined =>
	watch([process]).findings.find(({rule}) => rule === 'lock-contention');

describe('a semaphore inside one process', () => {
	test('is likely a lock where its threads take turns and nobody else is there who could post it', () => {
		expect(told(shop([users]))).toMatchObject({
			confidence: 'likely',
			title: 'Lock held for long: 7 of 8 threads wait for semaphore Semaphore',
		});
	});

	test('may be what a pool is fed by where another thread is at work', () => {
		const boss: Crowd = {count: 1, voluntary: 300, cores: 0.01, waits: [running(100)]};
		expect(told(shop([users, boss]))).toBeUndefined();
		const housekeeper: Crowd = {count: 1, voluntary: 20, cores: 0.001, waits: [running(100)]};
		expect(told(shop([users, housekeeper]))).toBeDefined();
	});

	test('is none where most of its threads are at work, or hardly a CPU is used', () => {
		const working = {...users, waits: [atPermits(40), running(60)]};
		expect(told(shop([working]))).toBeUndefined();
		expect(told(shop([{...users, cores: 0.2}]))).toBeUndefined();
	});

	test('is what each lock of Python is: other rules tell these', () => {
		const python = {runtime: {name: 'cpython', version: '3.11', source: 'exe'}} as const;
		expect(told(shop([users], python))).toBeUndefined();
	});
});
