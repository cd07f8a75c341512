import {formatReport} from '../format/report.js';
import {formatReportHtml} from '../format/report-html.js';
import {severities} from '../format/severity.js';
import type {Snapshot} from '../model/snapshot.js';
import {openSaved, type Saved, savedSnapshots} from '../snapshot/open-saved.js';
import {createRedactor} from '../snapshot/redact.js';
import {serviceTotals} from '../snapshot/service-totals.js';
import type {ReportFormat} from './format-names.js';
import {createPlayback} from './playback.js';
import {exitCode} from './usage-error.js';
import {writeTo} from './write-new.js';

export type ReportOptions = {
	format: ReportFormat;
	outputFile: string;
	redact: boolean;
};

const gravity = ({findings}: Snapshot): number =>
	Math.max(0, ...findings.map(({severity}) => severities.length - severities.indexOf(severity)));

/** Of a recording the last moment that was as bad as any, with what today's rules find in it. */
const momentOf = (saved: Saved): Snapshot => {
	if (saved.kind === 'snapshot') {
		return saved.snapshot;
	}

	let worst = saved.recording.count - 1;
	let most = 0;
	let index = 0;
	for (const snapshot of savedSnapshots(saved)) {
		const found = gravity(snapshot);
		if (found > 0 && found >= most) {
			[worst, most] = [index, found];
		}

		index++;
	}

	return createPlayback(saved.recording).at(worst);
};

/** `ctop report FILE`: a saved moment for a ticket. Returns the exit code. */
export const runReport = (file: string, {format, outputFile, redact}: ReportOptions): number => {
	const moment = momentOf(openSaved(file));
	const snapshot = redact ? createRedactor().redact(moment) : moment;
	const services = [...serviceTotals(snapshot).values()];
	const formatted = format === 'html' ? formatReportHtml : formatReport;
	writeTo(outputFile, formatted(snapshot, services));
	return exitCode.fine;
};
