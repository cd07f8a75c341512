import {expect, it} from 'vitest';
import {
	countVerdicts,
	formatChecks,
	formatMeasurement,
	formatOverview,
	formatPreflight,
} from '../../source/format/preflight.js';
import type {Check} from '../../source/model/preflight.js';

const disks: Check = {
	id: 'disks',
	title: 'Disks',
	verdict: 'bad',
	summary: '/data is full: disk 0 left of 10.0 GiB',
	measurements: [
		{
			what: 'disk used on /data',
			value: 100,
			unit: '%',
			threshold: {watch: 85, bad: 95, side: 'above'},
			verdict: 'bad',
			source: 'statfs(2)',
		},
		{what: 'a mere number', value: 3, unit: '', source: 'here'},
	],
	details: ['file system  use  mounted on', '/dev/sda1    100%  /data'],
	fixes: [{what: 'find what fills /data', why: 'writes fail', command: "du -xh '/data'"}],
};
const limits: Check = {
	id: 'limits',
	title: 'Limits',
	verdict: 'unknown',
	summary: 'cannot tell: it was refused',
	reason: 'it was refused',
	measurements: [],
	details: [],
	fixes: [],
};
const texts = (checks: readonly Check[], width: number) =>
	formatChecks(checks, width).map(({text}) => text);

it('writes a measurement with its threshold and its source', () => {
	expect(formatMeasurement(disks.measurements[0]!)).toBe(
		'disk used on /data: 100 % (watch from 85 %, bad from 95 %; statfs(2))',
	);
	expect(
		formatMeasurement({
			what: 'left',
			value: 90,
			unit: 's',
			threshold: {bad: 300, side: 'below'},
			source: 'x',
		}),
	).toBe('left: 1m30s (bad up to 5m00s; x)');
	expect(formatMeasurement({what: 'm', value: 2048, unit: 'bytes', source: 'x'})).toBe(
		'm: 2.0 KiB (x)',
	);
});

it('keeps zero, refused and absent apart', () => {
	const values = [0, null, undefined].map(value =>
		formatMeasurement({what: 'n', value, unit: '/s', source: 'x'}),
	);
	expect(values).toEqual(['n: 0/s (x)', 'n: refused (x)', 'n: not there (x)']);
});

it('gives each verdict as a word, the worst counted first', () => {
	expect(countVerdicts([limits, disks, {...disks, verdict: 'ok'}])).toBe('1 bad, 1 unknown, 1 ok');
	expect(formatOverview([disks, limits], 200).map(({text}) => text)).toEqual([
		'BAD    Disks           /data is full: disk 0 left of 10.0 GiB',
		'?      Limits          cannot tell: it was refused',
	]);
});

it('has the numbers, the reason, the table and the fixes of each check', () => {
	expect(texts([disks, limits], Infinity).slice(2)).toEqual([
		'',
		'Disks: BAD - /data is full: disk 0 left of 10.0 GiB',
		'  fix find what fills /data',
		'      writes fail',
		"    $ du -xh '/data'",
		'  file system  use  mounted on',
		'  /dev/sda1    100%  /data',
		'  - disk used on /data: 100 % (watch from 85 %, bad from 95 %; statfs(2))',
		'',
		'Limits: ? - cannot tell: it was refused',
		'  not seen: it was refused',
	]);
});

it('fits any width', () => {
	for (const width of [40, 80, 120]) {
		expect(Math.max(...texts([disks, limits], width).map(text => text.length))).toBeLessThanOrEqual(
			width,
		);
	}
});

it('begins with where and when', () => {
	const text = formatPreflight({
		schemaVersion: '1.0',
		kind: 'ctop.preflight',
		tool: {name: 'ctop', version: '1.2.3'},
		host: {name: 'web-1\u001B[2J', kernel: '6.1.0'},
		takenAt: '2026-01-02T03:04:05.000Z',
		observedSeconds: 2.004,
		verdict: 'bad',
		checks: [disks, limits],
	});
	expect(text.split('\n').slice(0, 3)).toEqual([
		'ctop preflight  web-1?[2J, Linux 6.1.0, watched for 2s, 2026-01-02T03:04:05.000Z',
		'1 bad, 1 unknown',
		'',
	]);
	expect(text.endsWith('\n')).toBe(true);
});
