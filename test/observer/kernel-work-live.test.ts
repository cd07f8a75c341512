import {afterEach, describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let program: ZooProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	await program?.stop();
	program = undefined;
	watched = undefined;
});

const pauseMilliseconds = 300;
const workOf = ({threads, pid}: Process) => threads.find(({tid}) => tid === pid)?.kernelWork;

/** The program in this mode, once it is as asked for. */
const untilSeen = async (
	mode: string,
	shows: (process: Process) => boolean | undefined,
): Promise<Process> => {
	program = await startZoo('calls.c', [mode]);
	watched = watchTarget();
	const {pid} = program;
	const snapshot = await watched.tickUntil(each => {
		const process = processIn(each, pid);
		return process !== undefined && shows(process) === true;
	}, pauseMilliseconds);
	return processIn(snapshot, pid)!;
};

describe.skipIf(missingForZoo('calls.c') !== undefined)(
	'what a thread gets done in the kernel',
	() => {
		test('is nothing where it reads an empty pipe', async () => {
			const process = await untilSeen(
				'read',
				each => (workOf(each)?.io?.readsPerSecond ?? 0) > 10_000,
			);
			expect(workOf(process)?.io?.readBytesPerSecond).toBe(0);
		}, 60_000);

		test('leaves its files as they are where it polls without a time limit', async () => {
			const process = await untilSeen(
				'poll',
				({kernelWork}) => (kernelWork?.unchangedSeconds ?? 0) > 1.5,
			);
			expect(process.kernelWork).toMatchObject({socketCount: 0});
			expect(process.kernelWork).not.toHaveProperty('fullDescriptorTable');
		}, 60_000);

		const readyIn = async (mode: string) => {
			const {kernelWork} = await untilSeen(
				mode,
				each => (each.kernelWork?.readySockets?.[0]?.seconds ?? 0) > 0.5,
			);
			return kernelWork?.readySockets;
		};

		test('comes of a socket that is watched for being writable', async () => {
			expect(await readyIn('writable')).toEqual([
				expect.objectContaining({
					reason: 'writable',
					socketCount: 1,
					epollFd: expect.any(Number),
				}),
			]);
		}, 60_000);

		test('comes of a peer that has closed, whoever waits for it', async () => {
			const [ready, ...others] = (await readyIn('closed'))!;
			expect(ready).toMatchObject({reason: 'closed-by-peer', socketCount: 1});
			expect(ready).not.toHaveProperty('epollFd');
			expect(others).toEqual([]);
		}, 60_000);
	},
);
