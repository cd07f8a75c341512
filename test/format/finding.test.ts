import {expect, test} from 'vitest';
import {
	formatFinding,
	formatFindingStrip,
	formatFindings,
	formatNotSeen,
} from '../../source/format/finding.js';
import {displayWidth} from '../../source/format/text-width.js';
import {makeIncident} from '../helpers/incident.js';
import {makeFinding, makeSnapshot} from '../helpers/snapshot.js';

const [gil] = makeIncident().findings;
const takenAt = '2026-01-01T12:00:41.000Z';
const brief = {number: 1, takenAt, detail: 'brief'} as const;
const full = {number: 1, takenAt, detail: 'full'} as const;
const text = (lines: readonly {text: string}[]) => lines.map(line => line.text).join('\n');

test('a finding says how bad, how sure, about whom, since when, the evidence and the first fix', () => {
	expect(text(formatFinding(gil!, 80, brief))).toBe(
		[
			'1 CRITICAL certain pid 2100, 44 threads, for 41s',
			'  GIL thrash: 44 threads hand one lock around 55,700 times a second',
			'  - threads that wait for the GIL: 40 threads',
			'  - switches: 55.7k/s',
			'  - CPU that all threads got: 106%',
			'  costs 55.7k switches/s, 106% CPU, 48% system CPU',
			'  fix run more workers of fewer threads',
			'    $ gunicorn -w 4 --threads 2 shop.wsgi',
		].join('\n'),
	);
});

test('in full it has all fixes with their reasons, where facts were read, and what to look at next', () => {
	const lines = text(formatFinding(gil!, 100, full));
	expect(lines).toContain('switches: 55.7k/s (status)');
	expect(lines).toContain('the interpreter runs one thread at a time');
	expect(lines).toContain('fix take a build without the lock');
	expect(lines).toContain('next see who holds it (needs root)\n    $ py-spy dump --pid 2100');
});

test.each([20, 36, 64, 100])(
	'at %d columns no line is wider and no word is broken without need',
	width => {
		const lines = formatFinding(gil!, width, full);
		for (const line of lines) {
			expect(displayWidth(line.text)).toBeLessThanOrEqual(width);
		}

		expect(text(lines)).toMatch(/interpreter/);
	},
);

test('the roles tell severity from commands and reasons', () => {
	const roles = new Set(formatFinding(gil!, 80, full).map(({role}) => role));
	expect(roles).toEqual(
		new Set(['critical', 'heading', 'fact', 'fix', 'muted', 'command', 'text']),
	);
});

test('the strip has two lines for a finding and marks what it had to cut', () => {
	const lines = formatFindingStrip(gil!, 40, 1);
	expect(text(lines)).toBe(
		'1 CRITICAL GIL thrash: 44 threads hand ~\n  fix: run more workers of fewer threads',
	);
	expect(formatFindingStrip(makeFinding({fixes: []}), 80, 1)).toHaveLength(1);
});

test('no finding is said plainly, with what could not be seen', () => {
	const snapshot = makeSnapshot({
		notSeen: ['3 processes of other users could not be looked into'],
		sampling: {...makeSnapshot().sampling, refused: {syscall: 12, wchan: 0}},
	});
	expect(text(formatFindings(snapshot, 80, 'brief').lines)).toBe(
		[
			'No finding',
			'',
			'not seen: 3 processes of other users could not be looked into',
			'refused: /proc/PID/syscall of 12 processes or threads',
		].join('\n'),
	);
	expect(formatNotSeen(makeSnapshot(), 80)).toEqual([]);
});

test('before the first rates nothing is claimed', () => {
	const snapshot = makeSnapshot({intervalSeconds: undefined});
	const lines = text(formatFindings(snapshot, 80, 'brief').lines);
	expect(lines).toContain('watching... first rates after one interval');
	expect(lines).not.toContain('No finding');
});

test('where each finding begins is known', () => {
	const {lines, starts} = formatFindings(makeIncident(), 60, 'full');
	expect(starts.map(start => lines[start]?.text.slice(0, 10))).toEqual([
		'1 CRITICAL',
		'2 WARNING ',
		'3 NOTICE p',
	]);
});

test('what was counted is shown whole, and one of it in the singular', () => {
	const evidenceOf = (value: number, unit: string): string => {
		const finding = makeFinding({evidence: [{what: 'seen', value, unit, source: '/proc'}]});
		return text(formatFinding(finding, 80, {...full, detail: 'brief'})).match(/seen: .*/)![0];
	};

	expect(evidenceOf(2, 'threads')).toBe('seen: 2 threads');
	expect(evidenceOf(1, 'processes')).toBe('seen: 1 process');
	expect(evidenceOf(1, 'CPUs')).toBe('seen: 1 CPU');
	expect(evidenceOf(1, 'ms')).toBe('seen: 1 ms');
	expect(evidenceOf(2.5, 'threads')).toBe('seen: 2.5 threads');
	expect(evidenceOf(42_000, '/s')).toBe('seen: 42.0k/s');
});

test('what a finding quotes cannot reach the terminal', () => {
	const hostile = makeFinding({
		title: 'lock of \u{1B}[2Jevil\n',
		evidence: [{what: 'name', value: '\u{1B}]0;x\u{7}', unit: '', source: ''}],
		fixes: [{what: 'stop\u{9B}it', why: 'a\rb', command: 'kill\n1'}],
	});
	const lines = [...formatFinding(hostile, 80, full), ...formatFindingStrip(hostile, 80, 1)];
	expect(lines.every(line => /^[ -~]*$/.test(line.text))).toBe(true);
});

test('a saved moment says what was before it, and which findings were over', () => {
	const history = {
		secondsBefore: [60, 30, 1],
		system: {contextSwitchesPerSecond: [900, null, 57_000]},
		processes: [],
		endedFindings: [{...makeFinding({title: 'a spike'}), lastSeen: '2026-01-01T12:00:29.000Z'}],
	};
	const {lines} = formatFindings(makeSnapshot({history}), 80, 'full');
	const texts = lines.map(({text}) => text);
	expect(texts).toContain('before: in 1m00s 900 to 57.0k switches/s');
	expect(texts).toContain('over for 12s: WARNING a spike');
	expect(
		formatFindings(makeSnapshot(), 80, 'brief').lines.some(({text}) => /before|over/.test(text)),
	).toBe(false);
});
