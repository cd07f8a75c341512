import type {Column} from '../../model/history.js';
import type {Process} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';
import type {Thread} from '../../model/thread.js';
import {formatDuration} from '../duration.js';
import type {FindingLine} from '../finding.js';
import {formatPlainNumber} from '../number.js';
import {ratesOf, switchesOf} from '../rates.js';
import {type SparkBars, sparkline} from '../sparkline.js';
import {fitEnd, fitStart} from '../text-width.js';
import {type DetailSource, subjectIn} from './subject.js';

type Rate = {label: string; of: (measured: Process | Thread) => number | null | undefined};

const rates: readonly Rate[] = [
	{label: 'switches/s', of: measured => switchesOf(ratesOf(measured))},
	{label: 'CPU%', of: measured => measured.cpuPercent},
	{label: 'CPU wait%', of: measured => measured.runQueueWaitPercent},
];

const labelWidth = 10;
const rangeWidth = 26;

const rangeText = (values: Column): string => {
	const known = values.filter(value => value !== null);
	const [least, most, now] = [Math.min(...known), Math.max(...known), known.at(-1)!].map(
		formatPlainNumber,
	);
	return known.length === 1 ? `${now} now` : `${now} now, ${least} to ${most}`;
};

const rateLine = (label: string, values: Column, width: number, bars: SparkBars): FindingLine[] => {
	if (values.every(value => value === null)) {
		return [];
	}

	const room = Math.max(1, Math.min(60, width - labelWidth - rangeWidth - 6));
	const line = sparkline(values, room, bars);
	return [
		{
			role: 'text',
			text: `  ${fitEnd(label, labelWidth)}  ${fitStart(line, Math.min(room, values.length))}  ${rangeText(values)}`,
		},
	];
};

/** The newest Snapshots, those that have rates. */
const ratedMoments = ({moments, snapshot}: DetailSource): readonly Snapshot[] => {
	const earlier = moments.filter(
		({observedSeconds, intervalSeconds}) =>
			observedSeconds < snapshot.observedSeconds && intervalSeconds !== undefined,
	);
	return [...earlier, snapshot].slice(-60);
};

/** What a saved Snapshot holds of the minute before it, where it is one of the busiest processes. */
const savedColumns = (
	{snapshot, subject}: DetailSource,
	label: string,
	length: number,
): Column | undefined => {
	const history = snapshot.history?.processes.find(
		({pid, startTimeTicks}) => pid === subject.pid && startTimeTicks === subject.startTimeTicks,
	);
	if (history === undefined) {
		return undefined;
	}

	const {voluntarySwitchesPerSecond, involuntarySwitchesPerSecond, firstSample} = history;
	const columns: Readonly<Record<string, Column | undefined>> = {
		'switches/s': voluntarySwitchesPerSecond?.map((value, index) => {
			const other = involuntarySwitchesPerSecond?.[index];
			return value === null ? null : value + (other ?? 0);
		}),
		'CPU%': history.cpuPercent,
		'CPU wait%': history.runQueueWaitPercent,
	};
	const column = columns[label];
	return column && [...Array.from({length: Math.min(firstSample, length)}, () => null), ...column];
};

const valuesOf = (source: DetailSource, {label, of}: Rate, tid: number | undefined): Column => {
	const values = ratedMoments(source).map(moment => {
		const process = subjectIn(moment, source.subject);
		const measured =
			tid === undefined ? process : process?.threads.find(thread => thread.tid === tid);
		return measured === undefined ? null : (of(measured) ?? null);
	});
	const saved =
		values.length === 1 && tid === undefined
			? savedColumns(source, label, source.snapshot.history?.secondsBefore.length ?? 0)
			: undefined;
	return saved === undefined ? values : [...saved, ...values];
};

const seconds = (source: DetailSource): number => {
	const rated = ratedMoments(source);
	return rated.length === 1
		? (source.snapshot.history?.secondsBefore[0] ?? 0)
		: rated.at(-1)!.observedSeconds - rated[0]!.observedSeconds;
};

/** Title of the section: how far back it goes. */
export const historyTitle = (source: DetailSource): string =>
	seconds(source) < 1
		? 'Rates'
		: `Rates of the last ${formatDuration(Math.round(seconds(source)))}`;

/** How its rates went, as bars from 0 to the largest, newest on the right; of one thread where a tid is given. */
export const historyLines = (
	source: DetailSource,
	width: number,
	bars: SparkBars,
	tid?: number,
): FindingLine[] => {
	const lines = rates.flatMap(rate =>
		rateLine(rate.label, valuesOf(source, rate, tid), width, bars),
	);
	if (lines.length === 0) {
		return [{role: 'muted', text: '  no rates yet: they come after one interval'}];
	}

	return seconds(source) < 1
		? [...lines, {role: 'muted', text: '  nothing is kept of the time before this moment'}]
		: lines;
};
