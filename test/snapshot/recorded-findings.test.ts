import {describe, expect, test} from 'vitest';
import {readFindings, recordFindings} from '../../source/snapshot/recorded-findings.js';
import {makeIncident} from '../helpers/incident.js';

const [first] = makeIncident().findings;
const about = (pid: number) => ({...first!, pid});

describe('findings in a recording', () => {
	test('that stay are told by their place, whatever numbers moved in their words', () => {
		const before = [about(1), about(2), about(3)];
		expect(recordFindings(before, [...before])).toEqual({known: before});
		expect(
			recordFindings(before, [{...about(1), title: 'another number'}, about(2), about(3)]),
		).toEqual({
			known: before,
		});
		expect(recordFindings(before, [about(3), about(4), about(1)]).recorded).toEqual([
			2,
			about(4),
			0,
		]);
		expect(recordFindings(before, []).recorded).toEqual([]);
	});

	test('come back as they were written', () => {
		const before = [about(1), {...about(1), title: 'a second one alike'}];
		for (const after of [[], [about(2)], [about(2), ...before], [before[1]!, before[0]!]]) {
			const {known, recorded} = recordFindings(before, after);
			expect(recorded ? readFindings(before, recorded) : before).toEqual(known);
			expect(known.map(({pid}) => pid)).toEqual(after.map(({pid}) => pid));
		}
	});

	test('that point nowhere are damage', () => {
		expect(readFindings([about(1)], [0, 1])).toBeUndefined();
	});
});
