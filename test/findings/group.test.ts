import {describe, expect, test} from 'vitest';
import {groupProcesses} from '../../source/findings/group.js';
import type {Process} from '../../source/model/process.js';
import {makeProcess} from '../helpers/snapshot.js';

const sizes = (...processes: Process[]) =>
	groupProcesses(processes)
		.map(group => group.workers.length)
		.sort();

const gunicorn = (pid: number, parentPid: number) =>
	makeProcess({
		pid,
		parentPid,
		commandLine: ['python3', 'gunicorn', '-w', '2', 'shop:app'],
		service: {name: 'gunicorn', workers: 2, workersSetting: '-w 2'},
	});

describe('groupProcesses', () => {
	test('siblings of one command line are one service, with the parent that forked them', () => {
		const groups = groupProcesses([gunicorn(10, 1), gunicorn(11, 10), gunicorn(12, 10)]);
		expect(groups).toHaveLength(1);
		expect(groups[0]).toMatchObject({name: 'gunicorn', master: {pid: 10}});
		expect(groups[0]?.workers.map(({pid}) => pid)).toEqual([11, 12]);
		expect(groups[0]?.processes.map(({pid}) => pid)).toEqual([10, 11, 12]);
	});

	test('numbers in command lines tell no services apart', () => {
		const worker = (pid: number, port: number) =>
			makeProcess({pid, parentPid: 5, commandLine: ['app', `--port=${port}`]});
		expect(sizes(worker(10, 8001), worker(11, 8002))).toEqual([2]);
	});

	test('titles that change all the time belong to one service', () => {
		const backend = (pid: number, title: string) =>
			makeProcess({
				pid,
				parentPid: 5,
				commandLine: [title],
				service: {name: 'postgresql', role: 'worker'},
			});
		const groups = groupProcesses([
			makeProcess({pid: 5, service: {name: 'postgresql'}}),
			backend(10, 'postgres: web shop SELECT'),
			backend(11, 'postgres: job shop idle'),
		]);
		expect(groups).toHaveLength(1);
		expect(groups[0]?.master?.pid).toBe(5);
	});

	test('a shell is no master of what it starts', () => {
		const groups = groupProcesses([
			makeProcess({pid: 5, commandLine: ['bash']}),
			makeProcess({pid: 10, parentPid: 5, commandLine: ['burn', '1']}),
			makeProcess({pid: 11, parentPid: 5, commandLine: ['burn', '2']}),
		]);
		expect(groups).toHaveLength(2);
		expect(groups.every(group => group.master === undefined)).toBe(true);
	});

	test('different programs, and the same ones of different parents, stay apart', () => {
		expect(
			sizes(
				makeProcess({pid: 10, commandLine: ['one']}),
				makeProcess({pid: 11, commandLine: ['other']}),
				makeProcess({pid: 12, parentPid: 5, commandLine: ['one']}),
			),
		).toEqual([1, 1, 1]);
	});

	test('a refused command line leaves the name', () => {
		const refused = (pid: number, name: string) =>
			makeProcess({pid, parentPid: 5, name, commandLine: null});
		expect(sizes(refused(10, 'one'), refused(11, 'one'), refused(12, 'other'))).toEqual([1, 2]);
	});

	test('kernel threads belong to no service', () => {
		expect(groupProcesses([makeProcess({kernelThread: true})])).toEqual([]);
	});

	test('the key stays while workers come and go, and another process with the same pid has another', () => {
		const key = (...pids: number[]) =>
			groupProcesses([gunicorn(10, 1), ...pids.map(pid => gunicorn(pid, 10))])[0]?.key;
		expect(key(11, 12)).toBe(key(12, 13, 14));
		const alone = (startTimeTicks: number) =>
			groupProcesses([makeProcess({startTimeTicks})])[0]?.key;
		expect(alone(1)).not.toBe(alone(2));
	});
});

test('a process of Node.js is called so, and not as its first thread is', () => {
	const runtime = {name: 'node', source: 'exe'};
	const nameOf = (process: Parameters<typeof makeProcess>[0]) =>
		groupProcesses([makeProcess(process)])[0]?.name;
	expect(nameOf({name: 'MainThread', runtime})).toBe('node');
	expect(nameOf({name: 'shop', runtime})).toBe('shop');
	expect(nameOf({name: 'MainThread'})).toBe('MainThread');
	expect(nameOf({name: 'MainThread', runtime, service: {name: 'pm2'}})).toBe('pm2');
});
