import type {Process} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';
import {formatClock} from '../duration.js';
import type {FindingLine} from '../finding.js';
import {type SpannedLine, section, wrappedLines} from '../lines.js';
import {printable} from '../printable.js';
import {asciiBars, blockBars, type SparkBars} from '../sparkline.js';
import {truncateWithMark} from '../text-width.js';
import {descriptorLines} from './descriptors.js';
import {headLines} from './head.js';
import {historyLines, historyTitle} from './history.js';
import {allLockLines} from './locks.js';
import {allStackLines} from './stacks.js';
import {chosenThreads, type DetailSource, lastMomentOf} from './subject.js';
import {chosenLines, oneThreadLines, threadLines} from './threads.js';
import {timelineLines} from './timeline.js';

export type DetailLook = {
	/** Columns of the terminal. */
	width: number;
	ascii: boolean;
	/** Whether it is of a file: then nothing more can be read. */
	saved: boolean;
};

/** A page of one column, or of two that stand beside each other; each is read from its top. */
export type DetailPage = {
	title: string;
	/** As wide as the page, above the columns. */
	top: readonly SpannedLine[];
	/** Columns that each has. */
	columnWidth: number;
	columns: readonly (readonly FindingLine[])[];
};

const twoColumnsFrom = 160;
export const columnGap = 2;

const plural = (count: number): string => (count === 1 ? '1 thread' : `${count} threads`);

const titleOf = (process: Process, source: DetailSource, moment: Snapshot): string => {
	const {subject, snapshot} = source;
	const chosen = chosenThreads(process, subject);
	const what =
		chosen.length === 1
			? `thread ${chosen[0]!.tid} {${chosen[0]!.name}} of ${process.pid} ${process.name}`
			: `${process.pid} ${process.name}`;
	const gone =
		moment === snapshot ? '' : `  has ended; as it was at ${formatClock(moment.takenAt)}`;
	return printable(
		`${what}  ${process.state}${process.stateFlags}  ${plural(process.threadCount)}${gone}`,
	);
};

/** What was chosen in the table comes first: one thread by itself, or those of a group. */
const chosenSections = (
	process: Process,
	source: DetailSource,
	width: number,
	bars: SparkBars,
): FindingLine[] => {
	const {subject} = source;
	if (subject.tids.length === 0) {
		return [];
	}

	const chosen = chosenThreads(process, subject);
	const [first] = chosen;
	if (first === undefined) {
		return section('Thread', [
			{role: 'warning', text: `  ${subject.tids.length === 1 ? 'it has' : 'they have'} ended`},
		]);
	}

	return chosen.length === 1
		? [
				...section(`Thread ${first.tid}`, [
					...oneThreadLines(process, first, width),
					...historyLines(source, width, bars, first.tid),
				]),
				...section('Its stack', allStackLines(process, chosen, width)),
			]
		: section(`The ${plural(chosen.length)} chosen`, chosenLines(process, chosen, width));
};

const savedNote =
	'it holds the stacks, descriptors and holders of locks that were read when it was made: those of processes in a finding or then on the screen, and no timeline unless a detail was open. The rest cannot be read any more.';

const noLocksText = (process: Process): string =>
	process.threads.some(({wait}) => wait === null)
		? 'not known: the kernel refused what its threads wait for'
		: 'none that a thread of it was seen to wait for';

const lockSection = (process: Process, moment: Snapshot, width: number): FindingLine[] => {
	const lines = allLockLines(process, moment, width);
	return section(
		'Locks',
		lines.length > 0 ? lines : wrappedLines('muted', '  ', noLocksText(process), width),
	);
};

/**
Everything that is known about one process, from Snapshots alone, so that it is the same frozen and in a replay: who it is, its rates, its
threads by what they wait on, its locks, its stacks, its descriptors; and in words what isn't known.
*/
export const formatDetail = (
	source: DetailSource,
	{width, ascii, saved}: DetailLook,
): DetailPage => {
	const bars = ascii ? asciiBars : blockBars;
	const last = lastMomentOf(source);
	const isWide = width >= twoColumnsFrom;
	const columnWidth = isWide ? Math.floor((width - columnGap) / 2) : width;
	if (last === undefined) {
		const text = `Process ${source.subject.pid} is not in the moment that is shown: it had not begun yet, or had ended.`;
		return {
			title: `${source.subject.pid}`,
			top: [],
			columnWidth,
			columns: [wrappedLines('muted', '', text, width)],
		};
	}

	const {process, moment} = last;
	const known: DetailSource = {...source, snapshot: moment};
	const head = [
		...chosenSections(process, known, columnWidth, bars),
		...section('Process', headLines(process, moment, columnWidth)),
		...section(historyTitle(known), historyLines(known, columnWidth, bars)),
		...section('Threads by what they wait on', threadLines(process, columnWidth)),
	];
	const descriptors = section('Waits on descriptors', descriptorLines(process, columnWidth));
	const inside = [
		...lockSection(process, moment, columnWidth),
		...section('Stacks', allStackLines(process, process.threads, columnWidth)),
		...(saved
			? section('This is a saved moment', wrappedLines('muted', '  ', savedNote, columnWidth))
			: []),
	];
	const columns = isWide
		? [[...head, ...descriptors], inside]
		: [[...head, ...inside, ...descriptors]];
	return {
		title: titleOf(process, source, moment),
		top: timelineLines(process, moment, width, ascii),
		columnWidth,
		columns: columns.map(lines =>
			lines.map(({role, text}) => ({role, text: truncateWithMark(text, columnWidth)})),
		),
	};
};
