import type {Finding} from '../model/finding.js';
import type {Reading} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';

const identity = ({rule, pid, since}: Finding): string => `${rule} ${pid} ${since}`;

const decimals = 3;

const line = (value: unknown): string =>
	`${JSON.stringify(value, (_key, item: unknown) => (typeof item === 'number' ? Number(item.toFixed(decimals)) : item))}\n`;

/**
A tick as lines of JSON: one object of kind `ctop.tick` with the machine's and each process's rates, then one of kind
`ctop.finding` for each finding that opens or closes. `before` are the findings of the tick before.
*/
export const formatNdjson = (snapshot: Snapshot, before: readonly Finding[]): string => {
	const {takenAt, intervalSeconds, host, system, processes, findings} = snapshot;
	const tick = {
		kind: 'ctop.tick',
		takenAt,
		intervalSeconds,
		host: host.name,
		system,
		processes: processes.map(({threads: _, locks: __, ...process}) => process),
		findings: findings.map(({rule, severity, pid}) => ({rule, severity, pid})),
	};
	const now = new Set(findings.map(identity));
	const then = new Set(before.map(identity));
	const opened = findings.filter(finding => !then.has(identity(finding)));
	const closed = before.filter(finding => !now.has(identity(finding)));
	return [
		line(tick),
		...opened.map(finding => line({kind: 'ctop.finding', event: 'open', takenAt, ...finding})),
		...closed.map(finding => line({kind: 'ctop.finding', event: 'close', takenAt, ...finding})),
	].join('');
};

export const csvHead = [
	'takenAt',
	'pid',
	'parentPid',
	'name',
	'user',
	'state',
	'threadCount',
	'voluntarySwitchesPerSecond',
	'involuntarySwitchesPerSecond',
	'cpuPercent',
	'systemCpuPercent',
	'runQueueWaitPercent',
	'findings',
	'commandLine',
] as const;

/** A cell as in RFC 4180. What a spreadsheet would take for a formula is quoted as text. */
const cell = (value: string): string => {
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Empty: not there; `?`: refused. */
const number = (reading: Reading<number>): string => {
	if (reading === null) {
		return '?';
	}

	return reading === undefined ? '' : String(Number(reading.toFixed(decimals)));
};

/** A tick as lines of CSV, one a process, without the head. */
export const formatCsv = ({takenAt, processes, findings}: Snapshot): string =>
	processes
		.map(process => {
			const rules = findings.filter(({pids}) => pids.includes(process.pid)).map(({rule}) => rule);
			return [
				takenAt,
				String(process.pid),
				String(process.parentPid),
				cell(process.name),
				cell(process.user ?? ''),
				process.state,
				String(process.threadCount),
				number(process.voluntarySwitchesPerSecond),
				number(process.involuntarySwitchesPerSecond),
				number(process.cpuPercent),
				number(process.systemCpuPercent),
				number(process.runQueueWaitPercent),
				rules.join(' '),
				process.commandLine === null ? '?' : cell(process.commandLine?.join(' ') ?? ''),
			].join(',');
		})
		.map(row => `${row}\r\n`)
		.join('');
