import {expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {withHistory} from '../../source/snapshot/history.js';
import {
	makeFinding,
	makeProcess,
	makeSnapshot,
	makeSystem,
	makeThread,
} from '../helpers/snapshot.js';

const service = (pid: number, rate: number | null | undefined) =>
	makeProcess({
		pid,
		name: `service-${pid}`,
		threads: [makeThread({tid: pid, voluntarySwitchesPerSecond: rate})],
	});

const at = (second: number, change: Partial<Snapshot> = {}): Snapshot =>
	makeSnapshot({
		observedSeconds: second,
		takenAt: new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString(),
		...change,
	});

test('what was before is kept in columns, oldest first, with a process from its first sample on', () => {
	const {history} = withHistory(at(4, {processes: [service(7, 5)]}), [
		at(1, {processes: [service(7, 100)], system: makeSystem({contextSwitchesPerSecond: 900})}),
		at(2, {processes: [service(7, 50), service(8, 2)]}),
		at(3, {processes: [service(7, null), service(8, 3)]}),
	]);
	expect(history?.secondsBefore).toEqual([3, 2, 1]);
	expect(history?.system.contextSwitchesPerSecond).toEqual([900, 12_400, 12_400]);
	expect(history?.system.busyPercent?.[0]).toBeCloseTo(53.5);
	expect(history?.processes).toMatchObject([
		{pid: 7, firstSample: 0, voluntarySwitchesPerSecond: [100, 50, null]},
		{pid: 8, firstSample: 1, voluntarySwitchesPerSecond: [2, 3]},
	]);
});

test('the last minute is kept, without samples that have no rates and without those after', () => {
	const {intervalSeconds: _, ...first} = at(95);
	const {history} = withHistory(at(100), [at(30), at(41), first, at(99), at(100), at(105)]);
	expect(history?.secondsBefore).toEqual([59, 1]);
});

test('a process that was the busiest for a moment is there, though idle or gone at the end', () => {
	const many = Array.from({length: 50}, (_, index) => service(100 + index, 1));
	const {history} = withHistory(at(3, {processes: many}), [
		at(1, {processes: [...many, service(7, 50_000)]}),
		at(2, {processes: many}),
	]);
	expect(history?.processes.find(({pid}) => pid === 7)?.voluntarySwitchesPerSecond).toEqual([
		50_000,
	]);
	expect(history?.processes.length).toBeLessThan(31);
});

test('a finding that is over is kept with when it was last seen; one that holds is not kept twice', () => {
	const over = makeFinding({rule: 'gil-thrash'});
	const holds = makeFinding({rule: 'idle-polling'});
	const {history} = withHistory(at(4, {findings: [holds]}), [
		at(1, {findings: [over, holds]}),
		at(2, {findings: [over, holds]}),
		at(3, {findings: [holds]}),
	]);
	expect(history?.endedFindings).toEqual([{...over, lastSeen: '2026-01-01T12:00:02.000Z'}]);
});

test('without anything before there is no history', () => {
	expect(withHistory(at(4), [])).not.toHaveProperty('history');
});

test('a rate that this kernel does not have makes no column', () => {
	const {system} = at(1);
	const {pressure: _, ...bare} = system;
	const {history} = withHistory(at(2), [at(1, {system: bare})]);
	expect(history?.system).not.toHaveProperty('cpuPressurePercent');
});
