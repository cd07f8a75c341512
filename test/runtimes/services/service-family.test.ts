import {describe, expect, test} from 'vitest';
import type {Service} from '../../../source/model/process.js';
import {placeInFamily} from '../../../source/runtimes/services/service-family.js';

const gunicorn: Service = {name: 'gunicorn', workers: 4, workersSetting: '-w 4'};
const words = ['python3', '/usr/bin/gunicorn', '-w', '4', 'app:app'];

const place = (
	own: Service | undefined,
	parent: Service | undefined,
	{hasWorkers = false, commandLine = words as readonly string[] | null} = {},
) => placeInFamily({own, parent, commandLine, hasWorkers});

describe('placeInFamily', () => {
	test('of processes with one command line the one that started the others is the master', () => {
		expect(place(gunicorn, undefined, {hasWorkers: true})).toEqual({...gunicorn, role: 'master'});
		expect(place(gunicorn, {...gunicorn, role: 'master'})).toEqual({...gunicorn, role: 'worker'});
	});

	test('one that has started none is not known to be a master, nor is what a worker starts a worker', () => {
		expect(place(gunicorn, undefined)).toEqual(gunicorn);
		expect(place(gunicorn, {name: 'nginx'})).toEqual(gunicorn);
		expect(place(gunicorn, {...gunicorn, role: 'worker'})).toEqual(gunicorn);
	});

	test('a worker whose title hides its settings has those of its master, and keeps its own', () => {
		expect(
			place(
				{name: 'nginx', role: 'worker'},
				{name: 'nginx', role: 'master', workers: 2, workersSetting: 'worker_processes 2;'},
			),
		).toEqual({name: 'nginx', role: 'worker', workers: 2, workersSetting: 'worker_processes 2;'});
		expect(
			place({...gunicorn, threadsPerWorker: 8}, {...gunicorn, threadsPerWorker: 2}),
		).toMatchObject({role: 'worker', threadsPerWorker: 8});
	});

	test('helpers that look like workers make nobody a worker', () => {
		const uwsgi: Service = {name: 'uwsgi'};
		for (const helper of ['--http', '--http=:80', '--emperor', '--fastrouter', '--mule=a.py']) {
			const commandLine = ['uwsgi', helper, ':80', '--master'];
			expect(place(uwsgi, uwsgi, {commandLine})).toEqual(uwsgi);
			expect(place(uwsgi, undefined, {commandLine, hasWorkers: true})).toEqual(uwsgi);
		}

		const commandLine = ['uwsgi', '--http-socket', ':80', '--master'];
		expect(place(uwsgi, uwsgi, {commandLine})?.role).toBe('worker');
		const postgres: Service = {name: 'postgresql'};
		expect(place(postgres, postgres, {commandLine: ['postgres: checkpointer']})).toEqual(postgres);
	});

	test("a program that Python's multiprocessing starts for a service is its worker", () => {
		const uvicorn: Service = {name: 'uvicorn', workers: 2, workersSetting: '--workers 2'};
		const spawned = ['python3', '-c', 'from multiprocessing.spawn import spawn_main; …'];
		expect(
			place(undefined, uvicorn, {commandLine: [...spawned, '--multiprocessing-fork']}),
		).toEqual({...uvicorn, role: 'worker'});
		// The one that looks after what they share.
		expect(place(undefined, uvicorn, {commandLine: spawned})).toBeUndefined();
		// Those of a program that no service is.
		expect(
			place(undefined, undefined, {commandLine: [...spawned, '--multiprocessing-fork']}),
		).toBeUndefined();
		expect(
			place(undefined, {name: 'waitress'}, {commandLine: [...spawned, '--multiprocessing-fork']}),
		).toBeUndefined();
	});

	test('refused command lines tell nothing', () => {
		expect(place(undefined, gunicorn, {commandLine: null})).toBeUndefined();
		expect(place({name: 'uwsgi'}, {name: 'nginx'}, {commandLine: null})).toEqual({name: 'uwsgi'});
	});
});
