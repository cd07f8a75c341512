import {expect, test} from 'vitest';
import {idlePercentButForUs} from '../../source/findings/idle-cpus.js';
import {makeHost, makeSnapshot, makeSystem} from '../helpers/snapshot.js';

const snapshot = (idlePercent: number | undefined, ownCpuPercent?: number) => {
	const before = makeSnapshot({host: makeHost({cpus: 2}), system: makeSystem()});
	const {cpu, ...system} = before.system;
	return {
		...before,
		system: {...system, ...(idlePercent !== undefined && {cpu: {...cpu!, idlePercent}})},
		sampling: {...before.sampling, ownCpuPercent},
	};
};

test('what ctop used itself counts as idle, of all CPUs', () => {
	expect(idlePercentButForUs(snapshot(10, 80))).toBe(50);
	expect(idlePercentButForUs(snapshot(10))).toBe(10);
	expect(idlePercentButForUs(snapshot(99, 10))).toBe(100);
	expect(idlePercentButForUs(snapshot(undefined, 10))).toBeUndefined();
});
