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
		const later = {...about(4), since: '2026-01-01T12:00:30.000Z'};
		expect(recordFindings(before, [about(3), later, about(1)]).recorded).toEqual([2, later, 0]);
		expect(recordFindings(before, []).recorded).toEqual([]);
	});

	test('of the same trouble are told by what changed, and by the threads that joined or left', () => {
		const before = [{...first!, pid: 7, pids: [7, 8], tids: [70, 71, 80]}];
		const after = [{...before[0]!, pid: 8, title: 'worse', tids: [80, 70, 81]}];
		const {known, recorded} = recordFindings(before, after);
		expect(recorded).toEqual([
			{place: 0, changes: {pid: 8, title: 'worse'}, tids: {added: [81], gone: [71]}},
		]);
		expect(known).toEqual([{...after[0]!, tids: [70, 80, 81]}]);
		// A thread that only stands elsewhere in the list is no change.
		expect(recordFindings(before, [{...before[0]!, pid: 8, tids: [80, 71, 70]}]).recorded).toEqual([
			{place: 0, changes: {pid: 8}},
		]);
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
