import type {Snapshot} from '../model/snapshot.js';
import {parseFilter} from './filter.js';
import {formatFindings} from './finding.js';
import {fitParts} from './fit-parts.js';
import {activityParts, machineParts, samplingParts} from './header.js';
import {printable} from './printable.js';
import {formatRow} from './row-text.js';
import {countFindings} from './severity.js';
import {formatTableHead, layoutTable} from './table-layout.js';
import {buildRows} from './tree-rows.js';
import type {ViewOptions} from './view-options.js';
import {viewParts} from './view-text.js';

/** Findings are prose: without a width they are broken at this one. */
const proseColumns = 100;

/**
A Snapshot as text, for pipes and cron: header, the whole tree, findings with evidence
and fixes. No escape codes; ends with a newline; nothing is cut unless a width is given.
A filter that can't be understood filters nothing, and the header says why.
*/
export const formatFrame = (snapshot: Snapshot, options: ViewOptions, columns?: number): string => {
	const width = columns ?? Number.POSITIVE_INFINITY;
	const filter = parseFilter(options.filter);
	const rows = buildRows(snapshot, options, options.filter === '' ? undefined : filter.matches);
	const layout = layoutTable(snapshot, width);
	const {lines} = formatFindings(snapshot, Math.min(width, proseColumns), 'full');
	return [
		fitParts(machineParts(snapshot), width),
		fitParts(activityParts(snapshot), width),
		fitParts(
			[
				{text: printable(snapshot.takenAt), priority: 1},
				...viewParts(options, filter.error),
				...samplingParts(snapshot),
			],
			width,
		),
		'',
		formatTableHead(layout, options, {falling: 'v', rising: '^'}),
		...rows.map(row => formatRow(row, layout)),
		'',
		`findings: ${countFindings(snapshot.findings)}`,
		'',
		...lines.map(({text}) => text),
	]
		.map(line => `${line.trimEnd()}\n`)
		.join('');
};
