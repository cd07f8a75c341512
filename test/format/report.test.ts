import {expect, test} from 'vitest';
import {formatReport, mostReportBytes} from '../../source/format/report.js';
import {formatReportHtml} from '../../source/format/report-html.js';
import {sparkline} from '../../source/format/sparkline.js';
import {withHistory} from '../../source/snapshot/history.js';
import {serviceTotals} from '../../source/snapshot/service-totals.js';
import {makeIncident} from '../helpers/incident.js';
import {makeFinding, makeSnapshot, makeSystem} from '../helpers/snapshot.js';

const services = [...serviceTotals(makeIncident()).values()];

test('the report names the findings with evidence and fix, the machine and its services', () => {
	const report = formatReport(makeIncident(), services);
	expect(report).toMatch(/^## ctop: web-07, 2026-01-01T12:00:41\.000Z/);
	expect(report).toContain('**1 critical, 1 warning, 1 notice**');
	expect(report).toContain(
		'### 1. GIL thrash: 44 threads hand one lock around 55,700 times a second',
	);
	expect(report).toContain(
		'- **fix**: run more workers of fewer threads `gunicorn -w 4 --threads 2 shop.wsgi`',
	);
	expect(report).toMatch(/\| python gunicorn \| 1 \| 45 \|/);
});

test('it is never larger than 4 kB, and the worst finding is what stays', () => {
	const findings = Array.from({length: 60}, (_, index) =>
		makeFinding({
			severity: index === 0 ? 'critical' : 'notice',
			title: `finding ${index} ${'ä'.repeat(300)}`,
			fixes: Array.from({length: 9}, () => ({
				what: 'x'.repeat(200),
				why: 'y',
				command: 'z'.repeat(300),
			})),
		}),
	);
	const report = formatReport(
		makeIncident({
			findings,
			note: 'n'.repeat(9000),
			notSeen: Array.from({length: 50}, () => 'w'.repeat(200)),
		}),
		services,
	);
	expect(Buffer.byteLength(report)).toBeLessThanOrEqual(mostReportBytes);
	expect(report).toContain('### 1. finding 0');
	expect(report).toContain('Watched for');
});

test('what was before is a line of bars, and what is over is said', () => {
	const at = (second: number, rate: number) =>
		makeSnapshot({
			observedSeconds: second,
			system: makeSystem({contextSwitchesPerSecond: rate}),
			findings: second === 1 ? [makeFinding({title: 'a spike'})] : [],
		});
	const report = formatReport(withHistory(at(4, 10), [at(1, 800), at(2, 400), at(3, 0)]), []);
	expect(report).toContain('█▅▁ 0 to 800 /s');
	expect(report).toMatch(/over since .*: a spike/);
});

test('names that are markup stay names, in Markdown and in HTML', () => {
	const evil = makeIncident({
		note: '<script>alert(1)</script>',
		findings: [
			makeFinding({
				title: '<img src=x onerror=alert(1)> **bold**',
				fixes: [{what: 'a', why: 'b', command: 'echo `id`'}],
			}),
		],
	});
	const report = formatReport(evil, services);
	expect(report).toContain(String.raw`\<img src=x onerror=alert(1)\> \*\*bold\*\*`);
	expect(report).toContain('`` echo `id` ``');
	const html = formatReportHtml(evil, [{name: '<b>', processes: 1, threads: 1}]);
	expect(html).not.toMatch(/<script|<img|<b>/);
	expect(html).toContain('&lt;script&gt;');
	expect(html).not.toMatch(/https?:\/\//);
});

test('bars go from 0 to the largest, with a gap where nothing was measured', () => {
	expect(sparkline([0, 4, null, 8])).toBe('▁▅ █');
	expect(sparkline([0, 0])).toBe('▁▁');
	expect(sparkline([null, null])).toBe('');
	expect(sparkline(Array.from({length: 90}, () => 1))).toHaveLength(60);
});
