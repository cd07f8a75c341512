import {describe, expect, test} from 'vitest';
import {groupProcesses} from '../../source/findings/group.js';
import {fewerThreadsFix, fewerWorkersFix} from '../../source/findings/service-advice.js';
import type {Service} from '../../source/model/process.js';
import {makeProcess} from '../helpers/snapshot.js';

const groupOf = (service: Service | undefined, workers = 3) =>
	groupProcesses(
		Array.from({length: workers}, (_, index) =>
			makeProcess({pid: 10 + index, parentPid: 5, ...(service && {service})}),
		),
	)[0]!;

const workers = (service: Service | undefined, cpus = 2, count = 3) =>
	fewerWorkersFix(groupOf(service, count), cpus, 'why');

describe('advice on workers', () => {
	test('it changes the setting as the command line has it', () => {
		expect(workers({name: 'gunicorn', workers: 40, workersSetting: '-w 40'})).toEqual({
			what: 'gunicorn: 4 workers instead of 40 (-w 40 → -w 4)',
			why: 'why',
			command: '-w 4',
		});
		expect(
			workers({name: 'celery', workers: 32, workersSetting: '--concurrency=32'})?.command,
		).toBe('--concurrency=2');
	});

	test('without a setting it counts the workers and names the setting', () => {
		expect(workers({name: 'nginx', role: 'worker'}, 2, 16)).toMatchObject({
			what: 'nginx: 2 workers instead of 16',
			command: 'worker_processes 2;',
		});
	});

	test('a part of a CPU is enough for one worker', () => {
		expect(workers({name: 'gunicorn', workers: 8}, 0.4)?.command).toBe('-w 1');
	});

	test('there is none for too few, for unknown services and for those without such a setting', () => {
		expect(workers({name: 'gunicorn', workers: 4, workersSetting: '-w 4'})).toBeUndefined();
		expect(workers({name: 'redis'})).toBeUndefined();
		expect(workers(undefined)).toBeUndefined();
	});
});

describe('advice on threads', () => {
	test('it changes the setting, and both numbers of a range', () => {
		const gunicorn = {name: 'gunicorn', threadsPerWorker: 45, threadsSetting: '--threads=45'};
		expect(fewerThreadsFix(groupOf(gunicorn), 2, 'why')).toEqual({
			what: 'gunicorn: 2 threads a worker instead of 45 (--threads=45 → --threads=2)',
			why: 'why',
			command: '--threads=2',
		});
		const puma = {name: 'puma', threadsPerWorker: 16, threadsSetting: '-t 5:16'};
		expect(fewerThreadsFix(groupOf(puma), 4, 'why')?.command).toBe('-t 4:4');
	});

	test('there is none where the command line does not say or says less', () => {
		expect(fewerThreadsFix(groupOf({name: 'gunicorn'}), 2, 'why')).toBeUndefined();
		expect(
			fewerThreadsFix(groupOf({name: 'gunicorn', threadsPerWorker: 2}), 2, 'why'),
		).toBeUndefined();
	});
});
