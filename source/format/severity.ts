import type {Finding, Severity} from '../model/finding.js';

/** Most severe first. */
export const severities: readonly Severity[] = ['critical', 'warning', 'notice'];

/** Negative when the first is the more severe. */
export const compareSeverity = (a: Severity, b: Severity): number =>
	severities.indexOf(a) - severities.indexOf(b);

const plurals: Readonly<Record<Severity, string>> = {
	critical: 'critical',
	warning: 'warnings',
	notice: 'notices',
};

/** How many there are of each severity that there is: `1 critical`, `2 warnings`. */
export const countBySeverity = (findings: readonly Finding[]): string[] =>
	severities
		.map(severity => ({
			severity,
			count: findings.filter(finding => finding.severity === severity).length,
		}))
		.filter(({count}) => count > 0)
		.map(({severity, count}) => `${count} ${count === 1 ? severity : plurals[severity]}`);

/** `1 critical, 2 warnings`, or `no finding`. */
export const countFindings = (findings: readonly Finding[]): string =>
	countBySeverity(findings).join(', ') || 'no finding';
