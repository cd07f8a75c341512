import type {Change, Diff, FindingDiff, ServiceDiff, SideOfDiff} from '../model/diff.js';
import {formatDuration} from './duration.js';
import {markdownText} from './markdown.js';
import {formatPlainNumber} from './number.js';
import {printable} from './printable.js';
import {fitEnd, fitStart} from './text-width.js';

/** Changes smaller than these are what the machine does anyway. */
const leastSwitches = 5;
const leastPercent = 1;

const distance = ({before = 0, after = 0}: Change): number => Math.abs(after - before);

const isWorthALine = (service: ServiceDiff): boolean =>
	distance(service.switchesPerSecond) >= leastSwitches ||
	distance(service.cpuPercent) >= leastPercent ||
	distance(service.runQueueWaitPercent) >= leastPercent ||
	distance(service.threads) >= 1;

const value = (number: number | undefined): string =>
	number === undefined ? '-' : formatPlainNumber(number);

/** By what factor: `x0.02`, `x12`; `new` and `gone` where there is none. */
const factorText = ({before, after, factor}: Change): string => {
	if (factor === undefined) {
		return before === 0 && after !== undefined && after > 0 ? 'new' : '';
	}

	if (after === 0) {
		return 'gone';
	}

	return `x${factor >= 0.1 || factor === 0 ? formatPlainNumber(factor) : factor.toPrecision(2)}`;
};

const count = (number: number | undefined): string => (number === undefined ? '-' : String(number));

const changeText = (
	change: Change,
	text: (number: number | undefined) => string = value,
): string => {
	const {before, after} = change;
	if (before === after) {
		return text(after);
	}

	return `${text(before)} -> ${text(after)} ${factorText(change)}`.trimEnd();
};

const sideText = ({host, cpus, takenAt, snapshots, seconds}: SideOfDiff): string =>
	`${printable(host)}, ${cpus} cpus, ${printable(takenAt)}, ${
		snapshots === 1 ? 'one moment' : `${snapshots} moments over ${formatDuration(seconds)}`
	}`;

const findingText = ({state, subject, finding}: FindingDiff): string =>
	`${state.toUpperCase()} ${finding.severity} ${finding.rule} (${printable(subject)}): ${printable(finding.title)}`;

type DiffColumn = {
	title: string;
	pick: (service: ServiceDiff) => Change;
	text: (number: number | undefined) => string;
};

const columns: readonly DiffColumn[] = [
	{title: 'switches/s', pick: service => service.switchesPerSecond, text: value},
	{title: 'CPU%', pick: service => service.cpuPercent, text: value},
	{title: 'WAIT%', pick: service => service.runQueueWaitPercent, text: value},
	{title: 'threads', pick: service => service.threads, text: count},
	{title: 'processes', pick: service => service.processes, text: count},
];

const cellsOf = (service: ServiceDiff): string[] =>
	columns.map(({pick, text}) => changeText(pick(service), text));

const mostServices = 30;

const shownServices = (diff: Diff): readonly ServiceDiff[] =>
	diff.services.filter(isWorthALine).slice(0, mostServices);

const restText = (diff: Diff, shown: number): string =>
	diff.services.length === shown
		? ''
		: `${diff.services.length - shown} other services did not change much`;

const nameWidth = 28;

/** A diff as lines of text, for a terminal or a pipe. */
export const formatDiff = (diff: Diff): string => {
	const services = shownServices(diff);
	const rows = services.map(cellsOf);
	const widths = columns.map(({title}, index) =>
		Math.max(title.length, ...rows.map(row => row[index]!.length)),
	);
	const line = (name: string, cells: readonly string[]): string =>
		`${fitStart(name, nameWidth)}  ${cells.map((cell, index) => fitEnd(cell, widths[index]!)).join('  ')}`.trimEnd();
	const findings = diff.findings.map(findingText);
	return [
		`before: ${sideText(diff.before)}`,
		`after:  ${sideText(diff.after)}`,
		'',
		...(findings.length === 0 ? ['no finding before, none after'] : findings),
		'',
		`all switches of the machine: ${changeText(diff.contextSwitchesPerSecond)} /s`,
		'',
		...(services.length === 0
			? []
			: [
					line(
						'service',
						columns.map(({title}) => title),
					),
				]),
		...services.map((service, index) => line(printable(service.name), rows[index]!)),
		restText(diff, services.length),
	]
		.join('\n')
		.replace(/\n*$/, '\n');
};

const markdownCell = (cell: string): string =>
	cell.replaceAll('->', '→').replaceAll('<', String.raw`\<`);

/** A diff as Markdown, for a pull request. */
export const formatDiffMarkdown = (diff: Diff): string => {
	const services = shownServices(diff);
	const titles = ['service', ...columns.map(({title}) => title)];
	return [
		`**Before**: ${markdownText(sideText(diff.before))}  `,
		`**After**: ${markdownText(sideText(diff.after))}`,
		'',
		...(diff.findings.length === 0
			? ['No finding before, none after.']
			: diff.findings.map(
					({state, subject, finding}) =>
						`- **${state}**: ${finding.severity} \`${finding.rule}\` (${markdownText(subject)}): ${markdownText(finding.title)}`,
				)),
		'',
		`Switches of the whole machine: ${markdownCell(changeText(diff.contextSwitchesPerSecond))} /s`,
		'',
		...(services.length === 0
			? []
			: [
					`| ${titles.join(' | ')} |`,
					`|---|${columns.map(() => '---:').join('|')}|`,
					...services.map(
						service =>
							`| ${[markdownText(service.name), ...cellsOf(service).map(markdownCell)].join(' | ')} |`,
					),
				]),
		'',
		restText(diff, services.length),
	]
		.join('\n')
		.replace(/\n*$/, '\n');
};
