import type {Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {severities} from './parse-values.js';

/** Whether a Snapshot has a finding at least as severe. */
export const meetsSeverity = (snapshot: Snapshot, least: Severity | undefined): boolean =>
	least !== undefined &&
	snapshot.findings.some(({severity}) => severities.indexOf(severity) <= severities.indexOf(least));
