import {describe, expect, test} from 'vitest';
import type {Process} from '../../source/model/process.js';
import type {Thread} from '../../source/model/thread.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';
import {watch} from './watched.js';

const session = (pid: number, state: string, rates: Partial<Thread> = {}): Process =>
	makeProcess({
		pid,
		parentPid: 900,
		name: 'postgres',
		service: {name: 'postgresql', role: 'worker'},
		commandLine: [`postgres: app shop [local] ${state}`],
		threads: [
			makeThread({
				tid: pid,
				voluntarySwitchesPerSecond: 0,
				involuntarySwitchesPerSecond: 0,
				...rates,
			}),
		],
	});

const moving = {voluntarySwitchesPerSecond: 4};
const waiting = [1, 2].map(pid => session(pid, 'UPDATE waiting'));
const told = (processes: readonly Process[]) => watch(processes).findings;
const rulesOf = (processes: readonly Process[]) => told(processes).map(({rule}) => rule);

describe('sessions of PostgreSQL that wait', () => {
	test('are stuck behind one that is idle in its transaction, which is told with how to end it', () => {
		const findings = told([...waiting, session(3, 'idle in transaction'), session(4, 'idle')]);
		expect(findings).toMatchObject([
			{
				rule: 'stuck-lock',
				severity: 'warning',
				confidence: 'likely',
				pids: [1, 2],
				title:
					'Stuck: 2 sessions of PostgreSQL wait for a lock, and session 3 is idle in its transaction',
			},
		]);
		expect(findings[0]!.fixes[0]!.command).toBe('SELECT pg_terminate_backend(3);');
	});

	test('are stuck behind one of several such, also of one that has failed', () => {
		const idle = [session(3, 'idle in transaction'), session(4, 'idle in transaction (aborted)')];
		expect(told([...waiting, ...idle])[0]!.title).toBe(
			'Stuck: 2 sessions of PostgreSQL wait for a lock, and 2 sessions are idle in their transactions',
		);
	});

	test('are not while another one is at work, which may have the lock', () => {
		const idle = session(3, 'idle in transaction');
		expect(rulesOf([...waiting, idle, session(4, 'SELECT', moving)])).toEqual(['lock-contention']);
	});

	test('are not where the transactions move, or nobody is idle in one', () => {
		expect(rulesOf([...waiting, session(3, 'idle in transaction', moving)])).toEqual([
			'lock-contention',
		]);
		expect(rulesOf([...waiting, session(3, 'idle')])).toEqual(['lock-contention']);
	});
});
