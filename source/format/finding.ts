import {plural} from '../findings/words.js';
import type {Cost, Evidence, Finding, Fix, NextStep, Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {formatDuration, secondsBetween} from './duration.js';
import {wrappedLines} from './lines.js';
import {formatPlainNumber} from './number.js';
import {printable} from './printable.js';
import {displayWidth, truncateWithMark} from './text-width.js';

/** What a line of the findings says; colours are made of it. */
export type LineRole = Severity | 'fact' | 'fix' | 'command' | 'muted' | 'heading' | 'text';

export type FindingLine = {role: LineRole; text: string};

export type FindingFormat = {
	/** Counted from 1, as the rows of the table refer to it. */
	number: number;
	/** Time of the Snapshot; it tells how old the finding is. */
	takenAt: string;
	/** `brief`: evidence, cost and the first fix. `full`: all there is. */
	detail: 'brief' | 'full';
};

const unitText = (unit: string): string =>
	unit === '' || unit === '%' || unit.startsWith('/') ? unit : ` ${unit}`;

const shortestPlural = 'CPUs'.length;

/** `1 thread` where the unit is `threads`; `ms` and the like are no plurals. */
const unitOf = (value: number, unit: string): string =>
	value === 1 && unit.length >= shortestPlural && /^[A-Za-z]+s$/.test(unit)
		? unit.replace(/(?<=ss)es$|s$/, '')
		: unit;

/** What was counted is a whole number, and shown as one. */
const measuredText = (value: number, unit: string): string =>
	`${Number.isInteger(value) && value < 1000 ? value : formatPlainNumber(value)}${unitText(unitOf(value, unit))}`;

const evidenceText = ({what, value, unit}: Evidence): string =>
	`${what}: ${typeof value === 'number' ? measuredText(value, unit) : `${value}${unitText(unit)}`}`;

/** What a finding burns, in one line; empty when nothing was measured. */
export const costText = (cost: Cost): string => {
	const parts: readonly [number | undefined, string][] = [
		[cost.switchesPerSecond, ' switches/s'],
		[cost.cpuPercent, '% CPU'],
		[cost.systemCpuPercent, '% system CPU'],
		[cost.runQueueWaitPercent, '% waiting for a CPU'],
	];
	return parts
		.filter(([value]) => value !== undefined)
		.map(([value, unit]) => formatPlainNumber(value!) + unit)
		.join(', ');
};

const ageText = (finding: Finding, takenAt: string): string => {
	const seconds = secondsBetween(finding.since, takenAt);
	return seconds === undefined || seconds < 1 ? 'new' : `for ${formatDuration(seconds)}`;
};

const subjectText = ({pid, pids, tids}: Finding): string => {
	if (pid === undefined) {
		return 'the machine';
	}

	const others = pids.length > 1 ? ` and ${pids.length - 1} more` : '';
	const threads = tids.length > 0 ? `, ${plural(tids.length, 'thread')}` : '';
	return `pid ${pid}${others}${threads}`;
};

/** A command to paste stands in one piece and is only broken where it has to be. */
const commandLines = (command: string, width: number): FindingLine[] =>
	wrappedLines('command', '    $ ', command, width);

const fixLines = (fix: Fix, width: number, withReason: boolean): FindingLine[] => [
	...wrappedLines('fix', '  fix ', fix.what, width),
	...(withReason ? wrappedLines('muted', '      ', fix.why, width) : []),
	...(fix.command === undefined ? [] : commandLines(fix.command, width)),
];

const nextLines = (step: NextStep, width: number): FindingLine[] => [
	...wrappedLines(
		'text',
		'  next ',
		step.needs === undefined ? step.what : `${step.what} (needs ${step.needs})`,
		width,
	),
	...(step.command === undefined ? [] : commandLines(step.command, width)),
];

const sourceText = (evidence: Evidence): string =>
	evidence.source === ''
		? evidenceText(evidence)
		: `${evidenceText(evidence)} (${evidence.source})`;

/**
A finding in lines of at most this width, broken between words: number, severity,
how sure, about whom and since when; the title; evidence; cost; fixes with their
commands; in full also reasons, sources and what to look at next.
*/
export const formatFinding = (
	finding: Finding,
	width: number,
	{number, takenAt, detail}: FindingFormat,
): FindingLine[] => {
	const full = detail === 'full';
	const head = `${number} ${finding.severity.toUpperCase()} ${finding.confidence}`;
	const about = `${subjectText(finding)}, ${ageText(finding, takenAt)}`;
	const cost = costText(finding.cost);
	return [
		...wrappedLines(finding.severity, '', `${head}  ${about}`, width),
		...wrappedLines('heading', '  ', finding.title, width),
		...finding.evidence.flatMap(fact =>
			wrappedLines('fact', '  - ', full ? sourceText(fact) : evidenceText(fact), width),
		),
		...(cost === '' ? [] : wrappedLines('fact', '  costs ', cost, width)),
		...(full ? finding.fixes : finding.fixes.slice(0, 1)).flatMap(fix =>
			fixLines(fix, width, full),
		),
		...(full ? finding.next.flatMap(step => nextLines(step, width)) : []),
	];
};

/** A finding in the two lines that a low terminal has for it. */
export const formatFindingStrip = (
	finding: Finding,
	width: number,
	number: number,
): FindingLine[] => {
	const fix = finding.fixes[0];
	const lines: FindingLine[] = [
		{
			role: finding.severity,
			text: `${number} ${finding.severity.toUpperCase()} ${finding.title}`,
		},
	];
	if (fix !== undefined) {
		const text = `  fix: ${fix.what}`;
		const withCommand = fix.command === undefined ? text : `${text}  $ ${fix.command}`;
		lines.push({role: 'fix', text: displayWidth(withCommand) <= width ? withCommand : text});
	}

	return lines.map(({role, text}) => ({role, text: truncateWithMark(printable(text), width)}));
};

/** What stands where no finding does: that there is none, and what couldn't be seen. */
export const formatNoFinding = (
	snapshot: Pick<Snapshot, 'intervalSeconds' | 'notSeen' | 'sampling'>,
	width: number,
): FindingLine[] => {
	if (snapshot.intervalSeconds === undefined) {
		return wrappedLines('muted', '', 'watching... first rates after one interval', width);
	}

	return wrappedLines('heading', '', 'No finding', width);
};

/** What couldn't be seen, and so what no finding can speak of. */
export const formatNotSeen = (
	{notSeen, sampling}: Pick<Snapshot, 'notSeen' | 'sampling'>,
	width: number,
): FindingLine[] => [
	...notSeen.flatMap(reason => wrappedLines('muted', 'not seen: ', reason, width)),
	...Object.entries(sampling.refused)
		.filter(([, count]) => count > 0)
		.flatMap(([file, count]) =>
			wrappedLines(
				'muted',
				'refused: ',
				`/proc/PID/${file} of ${count} processes or threads`,
				width,
			),
		),
];

/** What was before a saved moment: how much the machine switched, and findings that were over. Nothing on the live screen. */
export const formatHistory = (
	{history, takenAt}: Pick<Snapshot, 'history' | 'takenAt'>,
	width: number,
): FindingLine[] => {
	if (history === undefined) {
		return [];
	}

	const {secondsBefore, system, endedFindings} = history;
	const switches = (system.contextSwitchesPerSecond ?? []).filter(value => value !== null);
	const span = formatDuration(secondsBefore[0] ?? 0);
	const [least, most] = [Math.min(...switches), Math.max(...switches)].map(formatPlainNumber);
	return [
		...(switches.length === 0
			? []
			: wrappedLines('muted', 'before: ', `in ${span} ${least} to ${most} switches/s`, width)),
		...endedFindings.flatMap(({title, severity, lastSeen}) => {
			const ago = secondsBetween(lastSeen, takenAt);
			const since = ago === undefined ? 'over' : `over for ${formatDuration(ago)}`;
			return wrappedLines('muted', `${since}: `, `${severity.toUpperCase()} ${title}`, width);
		}),
	];
};

/** All findings one after another with a blank line between, and then what wasn't seen. */
export const formatFindings = (
	snapshot: Snapshot,
	width: number,
	detail: FindingFormat['detail'],
): {lines: FindingLine[]; starts: number[]} => {
	const lines: FindingLine[] = [];
	const starts: number[] = [];
	for (const [index, finding] of snapshot.findings.entries()) {
		starts.push(lines.length);
		lines.push(
			...formatFinding(finding, width, {number: index + 1, takenAt: snapshot.takenAt, detail}),
			{role: 'text', text: ''},
		);
	}

	if (snapshot.findings.length === 0) {
		lines.push(...formatNoFinding(snapshot, width), {role: 'text', text: ''});
	}

	lines.push(
		...(detail === 'full' ? formatHistory(snapshot, width) : []),
		...formatNotSeen(snapshot, width),
	);
	return {lines, starts};
};
