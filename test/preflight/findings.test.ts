import {expect, it} from 'vitest';
import type {Check} from '../../source/model/preflight.js';
import {checksToFindings} from '../../source/preflight/findings.js';
import {above, measure} from '../../source/preflight/judge.js';

const check = (verdict: Check['verdict']): Check => ({
	id: 'disks',
	title: 'Disks',
	verdict,
	summary: '/ is full',
	measurements: [
		measure('disk used on /', 100, '%', 'statfs(2)', above(85, 95)),
		measure('other', 1, '', 'x'),
	],
	details: [],
	fixes: [{what: 'delete', why: 'it is full'}],
});

it('makes a finding of what is bad, with the numbers that decided', () => {
	const [finding, ...others] = checksToFindings([check('bad'), check('watch'), check('ok')], 'now');
	expect(others).toEqual([]);
	expect(finding).toMatchObject({
		rule: 'preflight-disks',
		severity: 'critical',
		title: '/ is full',
		since: 'now',
		evidence: [{what: 'disk used on /, bad from 95', value: 100, unit: '%', source: 'statfs(2)'}],
		fixes: [{what: 'delete'}],
	});
});

it('keeps since when it is bad', () => {
	const before = checksToFindings([check('bad')], 'earlier');
	expect(checksToFindings([check('bad')], 'now', before)[0]?.since).toBe('earlier');
});
