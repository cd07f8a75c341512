import {describe, expect, it} from 'vitest';
import {
	above,
	below,
	judge,
	makeCheck,
	measure,
	symptom,
	worst,
} from '../../source/preflight/judge.js';

describe('a threshold', () => {
	it('is reached by a value that lies on it', () => {
		expect(judge(84.9, above(85, 95))).toBe('ok');
		expect(judge(85, above(85, 95))).toBe('watch');
		expect(judge(95, above(85, 95))).toBe('bad');
		expect(judge(10, below(10, 5))).toBe('watch');
		expect(judge(5, below(10, 5))).toBe('bad');
		expect(judge(11, below(10, 5))).toBe('ok');
	});

	it('says unknown of what was refused or is not there, and ok of zero', () => {
		expect(judge(null, above(1))).toBe('unknown');
		expect(judge(undefined, above(1))).toBe('unknown');
		expect(judge(0, above(1))).toBe('ok');
	});
});

it('counts bad before watch before unknown before ok', () => {
	expect(worst(['ok', 'unknown', 'watch', 'bad'])).toBe('bad');
	expect(worst(['unknown', 'watch'])).toBe('watch');
	expect(worst(['unknown', 'ok'])).toBe('unknown');
	expect(worst([])).toBe('ok');
});

describe('a check', () => {
	const used = (value: number) => measure('used', value, '%', 'here', above(85, 95));
	const parts = {id: 'x', title: 'X', fine: 'all fine'};

	it('speaks with its worst symptom and keeps the others', () => {
		const [some, most] = [used(90), used(99)];
		const check = makeCheck({
			...parts,
			measurements: [measure('other', 1, '', 'here'), some, most],
			symptoms: [...symptom(some, 'some is used'), ...symptom(most, 'most is used')],
		});
		expect(check).toMatchObject({verdict: 'bad', summary: 'most is used'});
		expect(check.details).toEqual(['also: some is used']);
		expect(check.measurements.map(({value}) => value)).toEqual([99, 90, 1]);
	});

	it('is unknown with its reason when something could not be seen', () => {
		const check = makeCheck({
			...parts,
			measurements: [],
			symptoms: [],
			missing: ['it was refused'],
		});
		expect(check).toMatchObject({
			verdict: 'unknown',
			reason: 'it was refused',
			summary: 'cannot tell: it was refused',
		});
	});

	it('stays bad when something else could not be seen, and says that too', () => {
		const most = used(99);
		const check = makeCheck({
			...parts,
			measurements: [most],
			symptoms: symptom(most, 'most is used'),
			missing: ['the rest was refused'],
		});
		expect(check).toMatchObject({verdict: 'bad', reason: 'the rest was refused'});
	});

	it('has no symptom from a measurement that is fine', () => {
		expect(symptom(used(3), 'never said')).toEqual([]);
	});
});
