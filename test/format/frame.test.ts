import {expect, test} from 'vitest';
import {formatFrame} from '../../source/format/frame.js';
import {displayWidth} from '../../source/format/text-width.js';
import {defaultViewOptions} from '../../source/format/view-options.js';
import {makeIncident} from '../helpers/incident.js';
import {makeProcess, makeSnapshot} from '../helpers/snapshot.js';

test('a frame has the header, the whole tree and the findings with their fixes', () => {
	const frame = formatFrame(makeIncident(), defaultViewOptions);
	expect(frame).toMatch(/^ctop web-07 {2}up 1d02h/);
	expect(frame).toContain(' \\_ !1 python3 /usr/bin/gunicorn -w 1 --threads 45 shop.wsgi\n');
	expect(frame).toMatch(/ GIL of python3\.11 .* 44 threads \| 1288\/s each/);
	expect(frame).toContain('findings: 1 critical, 1 warning, 1 notice\n');
	expect(frame).toContain('    $ gunicorn -w 4 --threads 2 shop.wsgi\n');
	expect(frame.endsWith('\n')).toBe(true);
});

test('a frame has no control characters but its newlines, whatever processes call themselves', () => {
	const frame = formatFrame(makeIncident(), defaultViewOptions);
	expect(frame.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('nothing is cut without a width, and nothing is wider with one', () => {
	const long = makeSnapshot({processes: [makeProcess({commandLine: ['x'.repeat(4000)]})]});
	expect(formatFrame(long, defaultViewOptions)).toContain('x'.repeat(4000));
	for (const line of formatFrame(makeIncident(), defaultViewOptions, 80).split('\n')) {
		expect(displayWidth(line)).toBeLessThanOrEqual(80);
	}
});

test('a filter that is wrong is told and filters nothing', () => {
	const frame = formatFrame(makeIncident(), {...defaultViewOptions, filter: '/[/'});
	expect(frame).toContain('not a regular expression: /[/');
	expect(frame).toContain('/usr/sbin/cron');
});

test('the first sample shows that it has no rates', () => {
	const frame = formatFrame(
		makeSnapshot({
			intervalSeconds: undefined,
			processes: [
				makeProcess({
					commandLine: ['a'],
					cpuPercent: undefined,
					voluntarySwitchesPerSecond: undefined,
					involuntarySwitchesPerSecond: undefined,
					runQueueWaitPercent: undefined,
				}),
			],
		}),
		defaultViewOptions,
	);
	expect(frame).toMatch(/100 Ss +1 +- +- +- +- -/);
	expect(frame).toContain('watching... first rates after one interval');
});
