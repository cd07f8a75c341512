import type {Process, Runtime, Service} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';
import {processCommand} from '../command.js';
import {formatDuration, secondsBetween} from '../duration.js';
import type {FindingLine} from '../finding.js';
import {gilLine} from '../gil-line.js';
import {fieldLines} from '../lines.js';
import {formatPlainNumber} from '../number.js';
import {poolLine} from '../pool-line.js';
import {runtimeWord} from '../waiting-on.js';
import {processAccess} from './access.js';

const ageText = ({startTime}: Process, takenAt: string): string => {
	const seconds = secondsBetween(startTime, takenAt);
	return seconds === undefined
		? startTime
		: `${formatDuration(Math.max(0, seconds))} ago, ${startTime}`;
};

const userText = ({user, userId}: Process): string => {
	if (user === undefined) {
		return userId === undefined ? 'not known' : String(userId);
	}

	return userId === undefined ? user : `${user} (${userId})`;
};

const cpuText = ({cpusAllowed, cpuQuotaPercent, throttling}: Process): string | undefined => {
	const parts = [
		cpusAllowed === undefined ? '' : `may use ${cpusAllowed} CPUs`,
		cpuQuotaPercent === undefined ? '' : `quota of ${formatPlainNumber(cpuQuotaPercent)} %`,
		throttling === undefined
			? ''
			: `stopped by the quota of ${throttling.cgroup} for ${formatPlainNumber(throttling.throttledPercent)} % of the time`,
	].filter(text => text !== '');
	return parts.length === 0 ? undefined : parts.join(', ');
};

const serviceText = ({
	name,
	role,
	workers,
	threadsPerWorker,
	workersSetting,
	threadsSetting,
}: Service): string =>
	[
		role === undefined ? name : `${name} ${role}`,
		workers === undefined ? '' : `${workers} workers (${workersSetting ?? 'command line'})`,
		threadsPerWorker === undefined
			? ''
			: `${threadsPerWorker} threads each (${threadsSetting ?? 'command line'})`,
	]
		.filter(text => text !== '')
		.join(', ');

const runtimeText = (process: Process, {source, eventLoop}: Runtime): string =>
	`${runtimeWord(process)}, recognised by its ${source === 'commandLine' ? 'command line' : source}${
		eventLoop === undefined ? '' : `, event loop on ${eventLoop}`
	}`;

const optional = (label: string, text: string | undefined, width: number): FindingLine[] =>
	text === undefined ? [] : fieldLines(label, text, width);

const findingsShown = 4;

const findingLines = (process: Process, {findings}: Snapshot, width: number): FindingLine[] => {
	const own = findings.flatMap((finding, index) =>
		finding.pids.includes(process.pid) ? [{finding, number: index + 1}] : [],
	);
	const more = own.length - findingsShown;
	return [
		...own
			.slice(0, findingsShown)
			.flatMap(({finding: {severity, title}, number}) =>
				fieldLines(
					`finding ${number}`,
					`${severity.toUpperCase()} ${title}${number < 10 ? ` (${number} explains)` : ''}`,
					width,
					severity,
				),
			),
		...(more > 0 ? fieldLines('', `and ${more} more findings (e shows all)`, width, 'muted') : []),
	];
};

const accessLines = (process: Process, snapshot: Snapshot, width: number): FindingLine[] => {
	const {text, raise} = processAccess(process, snapshot);
	return [
		...fieldLines('seen', text, width, raise === undefined ? 'muted' : 'warning'),
		...(raise === undefined ? [] : fieldLines('to see all', raise, width, 'fix')),
	];
};

/** Who and what the process is: its command line in full, its runtime and service, its findings, how deep it could be looked into. */
export const headLines = (process: Process, snapshot: Snapshot, width: number): FindingLine[] => {
	const {runtime, service, cgroup} = process;
	return [
		...fieldLines('command', processCommand(process), width),
		...fieldLines('user', userText(process), width),
		...fieldLines('started', ageText(process, snapshot.takenAt), width),
		...optional('cgroup', cgroup === null ? 'refused' : cgroup, width),
		...optional('CPUs', cpuText(process), width),
		...optional('service', service && serviceText(service), width),
		...optional('runtime', runtime && runtimeText(process, runtime), width),
		...optional('GIL', gilLine(process), width),
		...optional('pool', poolLine(process), width),
		...optional('hint', runtime?.hint, width),
		...findingLines(process, snapshot, width),
		...accessLines(process, snapshot, width),
	];
};
