import {rules} from '../findings/rules.js';
import {formatExplained} from '../format/explanation.js';
import {printable} from '../format/printable.js';
import type {Finding} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import type {ColumnPage} from './column-page.js';
import type {Explained, ViewState} from './view-state.js';

type Known = {finding: Finding; width: number; page: ColumnPage};

const pages = new WeakMap<Snapshot, Known>();

/** The finding that is explained, as the shown moment has it; as it was seen last where it is over. */
const currentOf = (
	shown: Snapshot,
	{finding, number}: Explained,
): {finding: Finding; number: number; isOver: boolean} => {
	const index = shown.findings.findIndex(
		({rule, pid}) => rule === finding.rule && pid === finding.pid,
	);
	return index === -1
		? {finding, number, isOver: true}
		: {finding: shown.findings[index]!, number: index + 1, isOver: false};
};

/** The page that explains a finding's rule, with its evidence; made once for a Snapshot and a width. */
export const explanationPage = ({
	shown,
	explained,
	size,
}: Pick<ViewState, 'shown' | 'explained' | 'size'>): ColumnPage => {
	const width = size.columns;
	if (shown === undefined || explained === undefined) {
		return {title: '', top: [], columnWidth: width, columns: [[]]};
	}

	const {finding, number, isOver} = currentOf(shown, explained);
	const known = pages.get(shown);
	if (known?.finding === finding && known.width === width) {
		return known.page;
	}

	const rule = rules.find(({name}) => name === finding.rule);
	const over = isOver ? '  it is over by now' : '';
	const page = {
		title: printable(`${finding.rule}${rule === undefined ? '' : `: ${rule.summary}`}${over}`),
		top: [],
		...formatExplained(finding, rule?.explanation, width, {
			number,
			takenAt: shown.takenAt,
		}),
	};
	pages.set(shown, {finding, width, page});
	return page;
};
