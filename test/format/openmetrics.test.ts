import {expect, test} from 'vitest';
import {formatOpenMetrics} from '../../source/format/openmetrics.js';
import type {ServiceTotals} from '../../source/model/service-totals.js';
import {makeIncident} from '../helpers/incident.js';

const services: ServiceTotals[] = [
	{
		name: 'gunicorn',
		processes: 41,
		threads: 1800,
		switchesPerSecond: 12,
		voluntarySwitchesPerSecond: 10.25,
		involuntarySwitchesPerSecond: 1.75,
		cpuPercent: 12.5,
	},
	{name: 'evil"\\\n\uD800name', processes: 1, threads: 1},
];

const text = formatOpenMetrics(makeIncident(), services, pid =>
	pid === 2100 ? 'gunicorn' : 'other',
);

/*
The grammar of OpenMetrics 1.0, section 'ABNF', as far as gauges need it: metadata of a family, then its samples, nothing of it
again later, and `# EOF` at the end.
*/
const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"`;
const number = '-?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf|NaN)';
const grammar = {
	type: new RegExp(`^# TYPE (${name}) gauge$`),
	unit: new RegExp(`^# UNIT (${name}) ([a-z_]+)$`),
	help: new RegExp(`^# HELP (${name}) [^\\n]+$`),
	sample: new RegExp(`^(${name})(\\{${label}(?:,${label})*\\})? ${number}$`),
};

const check = (lines: readonly string[]): Map<string, string[]> => {
	const families = new Map<string, string[]>();
	let family = '';
	for (const line of lines) {
		const type = grammar.type.exec(line)?.[1];
		if (type !== undefined) {
			expect(families.has(type), `${type} comes twice`).toBe(false);
			families.set(type, []);
			family = type;
			continue;
		}

		const unit = grammar.unit.exec(line);
		const named = unit?.[1] ?? grammar.help.exec(line)?.[1] ?? grammar.sample.exec(line)?.[1];
		expect(named, line).toBe(family);
		if (unit) {
			expect(family.endsWith(`_${unit[2]}`), `the unit ends the name of ${family}`).toBe(true);
		}

		if (grammar.sample.test(line)) {
			families.get(family)!.push(line);
		}
	}

	return families;
};

test('it follows the grammar, with the end mark as its last line', () => {
	expect(text.endsWith('# EOF\n')).toBe(true);
	const families = check(text.trimEnd().split('\n').slice(0, -1));
	expect(families.size).toBeGreaterThan(8);
	for (const [family, samples] of families) {
		expect(samples.length, family).toBeGreaterThan(0);
		expect(new Set(samples.map(line => line.slice(0, line.lastIndexOf(' ')))).size).toBe(
			samples.length,
		);
	}
});

test('it has switch rates and findings by service', () => {
	expect(text).toContain(
		'ctop_service_switches_per_second{service="gunicorn",kind="voluntary"} 10.25\n',
	);
	expect(text).toContain('ctop_service_cpu_ratio{service="gunicorn"} 0.125\n');
	expect(text).toContain('ctop_findings{severity="critical"} 1\n');
	expect(text).toContain(
		'ctop_finding{rule="gil-thrash",severity="critical",confidence="certain",service="gunicorn"} 1\n',
	);
});

test('what is not known is left out, not zero', () => {
	expect(text).not.toMatch(/ctop_service_cpu_ratio\{service="evil/);
	expect(text).toMatch(/ctop_service_threads\{service="evil\\"\\\\\\n.name"\} 1/u);
});
