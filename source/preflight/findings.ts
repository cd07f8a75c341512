import type {Finding} from '../model/finding.js';
import type {Check, Measurement} from '../model/preflight.js';
import {isKnown} from '../model/reading.js';

const shownMeasurements = 4;

/** They tell that something is wrong; a finding about threads tells what, and comes first. */
const symptoms: ReadonlySet<string> = new Set(['load', 'vmstat']);

const thresholdOf = ({threshold}: Measurement): string =>
	threshold?.bad === undefined
		? ''
		: `, bad ${threshold.side === 'above' ? 'from' : 'up to'} ${threshold.bad}`;

/**
The checks that are bad as findings for the live panel, with rules such as `preflight-disks`. `since` is when each was first
bad: hand in the findings of the look before, so that it stays.
*/
export const checksToFindings = (
	checks: readonly Check[],
	now: string,
	before: readonly Finding[] = [],
): readonly Finding[] =>
	checks
		.filter(({verdict}) => verdict === 'bad')
		.map(({id, summary, measurements, fixes}) => {
			const rule = `preflight-${id}`;
			return {
				rule,
				severity: symptoms.has(id) ? 'warning' : 'critical',
				confidence: 'certain',
				pids: [],
				tids: [],
				since: before.find(finding => finding.rule === rule)?.since ?? now,
				title: summary,
				evidence: measurements
					.filter(({verdict, value}) => verdict === 'bad' && isKnown(value))
					.slice(0, shownMeasurements)
					.map(measurement => ({
						what: `${measurement.what}${thresholdOf(measurement)}`,
						value: measurement.value ?? '',
						unit: measurement.unit,
						source: measurement.source,
					})),
				cost: {},
				fixes,
				next: [{what: 'see all checks and their numbers', command: 'ctop preflight'}],
			};
		});
