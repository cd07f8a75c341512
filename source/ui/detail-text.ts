import {formatDetail} from '../format/detail/detail.js';
import type {DetailSubject} from '../format/detail/subject.js';
import type {Snapshot} from '../model/snapshot.js';
import type {ColumnPage} from './column-page.js';
import type {ViewState} from './view-state.js';

type Known = {subject: DetailSubject; width: number; ascii: boolean; page: ColumnPage};

const pages = new WeakMap<Snapshot, Known>();

/** The detail page of what was chosen; made once for a Snapshot, a width and a subject. */
export const detailPage = (
	{
		shown,
		subject,
		past,
		size,
		kind,
	}: Pick<ViewState, 'shown' | 'subject' | 'past' | 'size' | 'kind'>,
	ascii: boolean,
): ColumnPage => {
	const width = size.columns;
	if (shown === undefined || subject === undefined) {
		return {title: '', top: [], columnWidth: width, columns: [[]]};
	}

	const known = pages.get(shown);
	if (known?.subject === subject && known.width === width && known.ascii === ascii) {
		return known.page;
	}

	const page = formatDetail(
		{subject, snapshot: shown, moments: past},
		{width, ascii, saved: kind === 'replay'},
	);
	pages.set(shown, {subject, width, ascii, page});
	return page;
};
