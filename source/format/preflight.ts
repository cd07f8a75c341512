import type {Check, Measurement, Preflight, Threshold, Verdict} from '../model/preflight.js';
import {formatBytes} from './bytes.js';
import {formatDuration} from './duration.js';
import type {FindingLine, LineRole} from './finding.js';
import {wrappedLines} from './lines.js';
import {formatPlainNumber} from './number.js';
import {printable} from './printable.js';
import {fitStart, truncateWithMark} from './text-width.js';

/** Verdicts in the order in which they are counted. */
const verdicts: readonly Verdict[] = ['bad', 'watch', 'unknown', 'ok'];

const roles: Readonly<Record<Verdict, LineRole>> = {
	bad: 'critical',
	watch: 'warning',
	unknown: 'muted',
	ok: 'text',
};

/** Never by colour alone: each verdict is a word. */
const verdictWords: Readonly<Record<Verdict, string>> = {
	bad: 'BAD',
	watch: 'WATCH',
	unknown: '?',
	ok: 'ok',
};

const verdictWidth = 7;
const titleWidth = 16;
const shortTitles: Readonly<Record<string, string>> = {
	'deleted-files': 'Deleted files',
	vmstat: 'CPU time',
};

/** `1 bad, 7 ok`. */
export const countVerdicts = (checks: readonly Check[]): string =>
	verdicts
		.map(verdict => ({verdict, count: checks.filter(check => check.verdict === verdict).length}))
		.filter(({count}) => count > 0)
		.map(({verdict, count}) => `${count} ${verdict}`)
		.join(', ');

const valueText = ({value, unit}: Pick<Measurement, 'value' | 'unit'>): string => {
	if (value === null) {
		return 'refused';
	}

	if (typeof value !== 'number') {
		return value ?? 'not there';
	}

	if (unit === 'bytes') {
		return formatBytes(value);
	}

	const number =
		Number.isInteger(value) && value < 10_000 ? String(value) : formatPlainNumber(value);
	return unit === 's'
		? formatDuration(value)
		: `${number}${unit === '' || unit.startsWith('/') ? '' : ' '}${unit}`;
};

const thresholdText = ({watch, bad, side}: Threshold, unit: string): string => {
	const from = side === 'above' ? 'from' : 'up to';
	return [
		...(watch === undefined ? [] : [`watch ${from} ${valueText({value: watch, unit})}`]),
		...(bad === undefined ? [] : [`bad ${from} ${valueText({value: bad, unit})}`]),
	].join(', ');
};

/** A measurement with its threshold and source: `disk used on /: 22 % (watch from 85 %, bad from 95 %; statfs(2))`. */
export const formatMeasurement = (measurement: Measurement): string => {
	const {what, unit, threshold, source} = measurement;
	const limits = threshold ? `${thresholdText(threshold, unit)}; ` : '';
	return `${what}: ${valueText(measurement)} (${limits}${source})`;
};

/** One line for each check: its verdict as a word, its name and how it stands. */
export const formatOverview = (checks: readonly Check[], width: number): FindingLine[] =>
	checks.flatMap(({id, title, verdict, summary}) =>
		wrappedLines(
			roles[verdict],
			fitStart(verdictWords[verdict], verdictWidth) +
				fitStart(shortTitles[id] ?? title, titleWidth),
			summary,
			width,
		),
	);

/** Tables keep their columns: a line that doesn't fit is cut, not broken. */
const detailLines = (details: readonly string[], width: number): FindingLine[] =>
	details.map(line => ({
		role: 'text',
		text: `  ${truncateWithMark(printable(line), Math.max(1, width - 2))}`,
	}));

/** One check with all there is: its numbers and their thresholds, its table, what wasn't seen and what to do. */
export const formatCheck = (check: Check, width: number): FindingLine[] => {
	const {title, verdict, summary, reason, measurements, details, fixes} = check;
	return [
		...wrappedLines(
			verdict === 'ok' ? 'heading' : roles[verdict],
			`${title}: `,
			`${verdictWords[verdict]} - ${summary}`,
			width,
		),
		...(reason === undefined ? [] : wrappedLines('muted', '  not seen: ', reason, width)),
		...fixes.flatMap(({what, why, command}) => [
			...wrappedLines('fix', '  fix ', what, width),
			...wrappedLines('muted', '      ', why, width),
			...(command === undefined ? [] : wrappedLines('command', '    $ ', command, width)),
		]),
		...detailLines(details, width),
		...measurements
			.filter(({threshold, verdict: own}) => threshold !== undefined || own !== undefined)
			.flatMap(measurement =>
				wrappedLines(
					measurement.verdict === undefined ? 'muted' : factRole(measurement.verdict),
					'  - ',
					formatMeasurement(measurement),
					width,
				),
			),
	];
};

const factRole = (verdict: Verdict): LineRole => (verdict === 'ok' ? 'muted' : roles[verdict]);

/** The checks as lines of at most this width: all verdicts first, then each check with its numbers. */
export const formatChecks = (checks: readonly Check[], width: number): FindingLine[] => [
	...formatOverview(checks, width),
	...checks.flatMap(check => [{role: 'text' as const, text: ''}, ...formatCheck(check, width)]),
];

/** The whole look as plain text, for pipes and tickets; nothing is cut off. */
export const formatPreflight = (preflight: Preflight): string => {
	const {host, checks, observedSeconds, takenAt} = preflight;
	const head = `ctop preflight  ${printable(host.name)}, Linux ${printable(host.kernel)}, watched for ${formatDuration(observedSeconds)}, ${takenAt}`;
	const lines = formatChecks(checks, Infinity).map(({text}) => text);
	return `${[head, countVerdicts(checks), '', ...lines].join('\n')}\n`;
};
