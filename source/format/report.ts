import type {Finding} from '../model/finding.js';
import type {ServiceTotals} from '../model/service-totals.js';
import type {Snapshot} from '../model/snapshot.js';
import {formatDuration, secondsBetween} from './duration.js';
import {costText} from './finding.js';
import {markdownCode, markdownText} from './markdown.js';
import {formatPlainNumber} from './number.js';
import {countFindings} from './severity.js';
import {sparkline} from './sparkline.js';

/** What trackers of tickets take without complaint, and people read. */
export const mostReportBytes = 4000;

/** Lines that stand or go together; those with the highest number go first when there is no room. */
type Block = {priority: number; lines: readonly string[]};

const number = (value: number | undefined): string =>
	value === undefined ? '-' : formatPlainNumber(value);

const ageText = (finding: Finding, takenAt: string): string => {
	const seconds = secondsBetween(finding.since, takenAt);
	return seconds === undefined ? '' : `, for ${formatDuration(Math.max(0, seconds))}`;
};

const mostEvidence = 5;

const findingBlocks = (finding: Finding, index: number, takenAt: string): Block[] => {
	const {severity, confidence, rule, title, evidence, cost, fixes, next, pid} = finding;
	const costs = costText(cost);
	const subject = pid === undefined ? 'the machine' : `pid ${pid}`;
	const facts = evidence.map(({what, value, unit}) => {
		const text = typeof value === 'number' ? formatPlainNumber(value) : value;
		return `- ${markdownText(`${what}: ${text}${unit.startsWith('/') || unit === '%' ? unit : ` ${unit}`}`.trimEnd())}`;
	});
	const commands = (steps: readonly {what: string; command?: string}[], word: string): string[] =>
		steps.map(
			({what, command}) =>
				`- ${word}: ${markdownText(what)}${command === undefined ? '' : ` ${markdownCode(command)}`}`,
		);
	return [
		{
			priority: 1 + index,
			lines: [
				'',
				`### ${index + 1}. ${markdownText(title)}`,
				`${severity}, ${confidence}, \`${rule}\`, ${subject}${ageText(finding, takenAt)}`,
				'',
			],
		},
		{priority: 3 + index, lines: facts.slice(0, mostEvidence)},
		{priority: 2 + index, lines: commands(fixes.slice(0, 1), '**fix**')},
		{priority: 12 + index, lines: commands(fixes.slice(1), 'fix')},
		{priority: 14 + index, lines: commands(next.slice(0, 1), 'next')},
		{priority: 9 + index, lines: costs === '' ? [] : [`- costs ${costs}`]},
	];
};

const historyBlock = ({history}: Snapshot): Block => {
	const switches = history?.system.contextSwitchesPerSecond;
	if (history === undefined || switches === undefined) {
		return {priority: 0, lines: []};
	}

	const known = switches.filter(value => value !== null);
	const ended = history.endedFindings.map(
		({title, lastSeen}) => `- over since ${lastSeen}: ${markdownText(title)}`,
	);
	return {
		priority: 8,
		lines: [
			'',
			`Switches of the machine in the ${formatDuration(history.secondsBefore[0] ?? 0)} before: ${sparkline(switches)} ${number(Math.min(...known))} to ${number(Math.max(...known))} /s`,
			...ended,
		],
	};
};

const mostServices = 8;

const serviceBlocks = (services: readonly ServiceTotals[]): Block[] => {
	const busiest = [...services]
		.sort((one, other) => (other.switchesPerSecond ?? 0) - (one.switchesPerSecond ?? 0))
		.slice(0, mostServices);
	const row = (service: ServiceTotals): string =>
		`| ${markdownText(service.name)} | ${service.processes} | ${service.threads} | ${[
			service.voluntarySwitchesPerSecond,
			service.involuntarySwitchesPerSecond,
			service.cpuPercent,
			service.runQueueWaitPercent,
		]
			.map(number)
			.join(' | ')} |`;
	return [
		{
			priority: 7,
			lines: [
				'',
				'| service | processes | threads | cswch/s | nvcswch/s | CPU% | WAIT% |',
				'|---|---:|---:|---:|---:|---:|---:|',
			],
		},
		...busiest.map((service, index): Block => ({priority: 7 + index, lines: [row(service)]})),
	];
};

const privacyText = ({privacy}: Snapshot): string =>
	privacy?.identities === 'replaced'
		? 'Arguments, paths and names are replaced by tokens.'
		: 'Secrets in arguments are masked.';

const shortened = (blocks: readonly Block[]): string => {
	let kept = blocks;
	for (;;) {
		const text = `${kept.flatMap(({lines}) => lines).join('\n')}\n`;
		const last = Math.max(...kept.map(({priority}) => priority));
		if (Buffer.byteLength(text) <= mostReportBytes || last === 0) {
			return text;
		}

		kept = kept.filter(({priority}) => priority < last);
	}
};

const shorten = (text: string, most: number): string =>
	text.length > most ? `${text.slice(0, most)}...` : text;

const mostNote = 400;

/** A Snapshot as Markdown for a ticket, of at most 4 kB: the findings first, what matters least left out when there is no room. */
export const formatReport = (snapshot: Snapshot, services: readonly ServiceTotals[]): string => {
	const {host, takenAt, system, findings, notSeen, note, sampling, tool} = snapshot;
	const blocks: Block[] = [
		{
			priority: 0,
			lines: [
				`## ctop: ${markdownText(shorten(host.name, 64))}, ${takenAt}`,
				'',
				...(note === undefined ? [] : [`> ${markdownText(shorten(note, mostNote))}`, '']),
				`**${countFindings(findings)}**. ${host.cpus} CPUs, load ${system.loadAverage.map(load => load.toFixed(2)).join(' ')}, ${system.runnable} runnable, ${number(system.contextSwitchesPerSecond)} switches/s, Linux ${markdownText(shorten(host.kernel, 64))}.`,
			],
		},
		...findings.flatMap((finding, index) => findingBlocks(finding, index, takenAt)),
		historyBlock(snapshot),
		...serviceBlocks(services),
		{
			priority: 6,
			lines:
				notSeen.length === 0 ? [] : ['', ...notSeen.map(each => `Not seen: ${markdownText(each)}`)],
		},
		{
			priority: 0,
			lines: [
				'',
				`Watched for ${formatDuration(snapshot.observedSeconds)} by ${tool.name} ${markdownText(shorten(tool.version, 32))}, access: ${sampling.level}. ${privacyText(snapshot)}`,
			],
		},
	];
	return shortened(blocks);
};
