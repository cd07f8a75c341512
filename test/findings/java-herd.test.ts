import {describe, expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import {crowd, futex, processWith, timedFutex, watch} from './watched.js';

const java = {
	name: 'java',
	commandLine: ['java', 'Shop'],
	runtime: {name: 'jvm', source: 'maps'},
	systemCpuPercent: 8,
};

/** As 64 threads of a JVM were measured of which each `notifyAll` wakes all. */
const woken = {
	count: 64,
	voluntary: 11_900,
	involuntary: 6000,
	cores: 0.087,
	delayRatio: 0.6,
	waits: [futex(100, 'anonymous')],
};

const condition = (wakers: readonly string[] | undefined, waiters = 64): Lock => ({
	id: 'wait-set:0x7f00',
	kind: 'condition',
	name: 'shop.Orders',
	wantedIn: 'shop.Orders.take (Orders.java:12)',
	...(wakers && {wakers}),
	waiterTids: Array.from({length: waiters}, (_, index) => 1001 + index),
	waitersAverage: waiters,
	contendedPercent: 100,
	confidence: 'certain',
});

const told = (lock: Lock | undefined, threads: object = {}) =>
	watch([
		processWith({...java, ...(lock && {locks: [lock]})}, {...woken, ...threads}),
	]).findings.map(({rule, confidence}) => `${rule} ${confidence}`);

describe('threads of a JVM that wait at one monitor', () => {
	test('and are all woken for each event are a herd, with the line and the method that wakes them', () => {
		const {findings} = watch([processWith({...java, locks: [condition(['notifyAll'])]}, woken)]);
		expect(findings).toMatchObject([
			{rule: 'thundering-herd', severity: 'warning', confidence: 'likely', pids: [1000]},
		]);
		expect(findings[0]!.tids).toHaveLength(64);
		expect(findings[0]!.evidence).toEqual(
			expect.arrayContaining([
				expect.objectContaining({what: 'threads waiting at one shop.Orders', value: 64}),
				expect.objectContaining({value: 'shop.Orders.take (Orders.java:12)'}),
				expect.objectContaining({what: 'its class wakes by', value: 'notifyAll'}),
			]),
		);
		expect(findings[0]!.fixes[0]!.what).toContain('notify instead of notifyAll');
	});

	test('are none where the class may wake one of them, or nobody knows how it wakes them', () => {
		expect(told(condition(['signalAll']))).toEqual(['thundering-herd likely']);
		expect(told(condition(['notify', 'notifyAll']))).toEqual([]);
		expect(told(condition(['notify']))).toEqual([]);
		expect(told(condition([]))).toEqual([]);
		expect(told(condition(undefined))).toEqual([]);
		expect(told(undefined)).toEqual([]);
	});

	test('are none where each wake does work, or only some of them wait there', () => {
		expect(told(condition(['notifyAll']), {cores: 0.9})).toEqual([]);
		// Nor do they fight for a lock: the JVM says that they wait to be woken. Where it says nothing, that may be.
		expect(told(undefined, {cores: 0.9})).toEqual(['lock-contention possible']);
		expect(told(condition(['notifyAll'], 7))).toEqual([]);
	});

	test('of another user are none by rates alone, which a pool has as well, where those of a native program are', () => {
		const hidden = (runtime: object) =>
			watch([
				processWith(
					{...java, runtime: undefined, systemCpuPercent: 90, ...runtime},
					{count: 64, voluntary: 150_000, involuntary: 6000, cores: 1, delayRatio: 0.9, wait: null},
				),
			]).findings.map(({rule}) => rule);
		expect(hidden({})).toEqual(['thundering-herd']);
		expect(hidden({runtime: java.runtime})).not.toContain('thundering-herd');
	});

	test('are none where time limits wake them', () => {
		expect(told(condition(['notifyAll']), {waits: [timedFutex(100, 5)]})).not.toContain(
			'thundering-herd likely',
		);
	});

	test('are none where some wake more often than others: they get the work one by one', () => {
		const uneven = processWith({...java, locks: [condition(['notifyAll'])]});
		const threads = [
			...crowd(1001, {...woken, count: 32, voluntary: 3000}),
			...crowd(1033, {...woken, count: 32, voluntary: 9000}),
		];
		expect(watch([{...uneven, threads}]).findings).toEqual([]);
	});
});
