import {formatFrame} from '../format/frame.js';
import {formatOpenMetrics} from '../format/openmetrics.js';
import {formatReport} from '../format/report.js';
import type {ViewOptions} from '../format/view-options.js';
import type {Snapshot} from '../model/snapshot.js';
import {serviceTotals} from '../snapshot/service-totals.js';
import {snapshotToText} from '../snapshot/snapshot-text.js';
import {whatItRuns} from '../snapshot/what-it-runs.js';
import type {SnapshotFormat} from './format-names.js';

/** A Snapshot as text in one of the formats. */
export const snapshotAs = (
	snapshot: Snapshot,
	format: SnapshotFormat,
	view: ViewOptions,
): string => {
	switch (format) {
		case 'json':
			return snapshotToText(snapshot);
		case 'table':
			return formatFrame(snapshot, view);
		case 'md':
			return formatReport(snapshot, [...serviceTotals(snapshot).values()]);
		case 'openmetrics': {
			const names = new Map(snapshot.processes.map(each => [each.pid, whatItRuns(each)]));
			return formatOpenMetrics(
				snapshot,
				[...serviceTotals(snapshot).values()],
				pid => names.get(pid) ?? '',
			);
		}
	}
};
