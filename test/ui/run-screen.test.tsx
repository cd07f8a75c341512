import {afterEach, expect, test} from 'vitest';
import {defaultViewOptions} from '../../source/format/view-options.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {LiveSource} from '../../source/ui/live-source.js';
import {runScreen, type ScreenOptions} from '../../source/ui/run-screen.js';
import {makeIncident} from '../helpers/incident.js';
import {makeFinding, makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';
import {type FakeTerminal, makeTerminal} from '../helpers/terminal.js';

type Driven = {
	terminal: FakeTerminal;
	send: (snapshot: Snapshot) => void;
	done: ReturnType<typeof runScreen>;
	focused: number[][];
	intervals: number[];
	isSubscribed: () => boolean;
};

const running: Driven[] = [];

const start = (columns: number, rows: number, options: Partial<ScreenOptions> = {}): Driven => {
	const terminal = makeTerminal(columns, rows);
	const focused: number[][] = [];
	const intervals: number[] = [];
	const listeners = new Set<(snapshot: Snapshot) => void>();
	const source: LiveSource = {
		kind: 'live',
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		setIntervalSeconds(seconds) {
			intervals.push(seconds);
		},
		setFocus(pids) {
			focused.push([...pids]);
		},
	};
	const done = runScreen({
		source,
		save: async () => '/tmp/ctop-web-07.json',
		initialView: defaultViewOptions,
		colour: true,
		ascii: false,
		stdout: terminal.stdout,
		stdin: terminal.stdin,
		...options,
	});
	const driven: Driven = {
		terminal,
		send(snapshot) {
			for (const listener of listeners) {
				listener(snapshot);
			}
		},
		done,
		focused,
		intervals,
		isSubscribed: () => listeners.size > 0,
	};
	running.push(driven);
	return driven;
};

const startWith = async (
	snapshot: Snapshot,
	columns: number,
	rows: number,
	options: Partial<ScreenOptions> = {},
): Promise<Driven> => {
	const driven = start(columns, rows, options);
	await driven.terminal.waitFor(screen => screen.includes('watching'), 'the first frame');
	driven.send(snapshot);
	await driven.terminal.waitFor(screen => screen.includes('LIVE'), 'the first Snapshot');
	return driven;
};

afterEach(async () => {
	for (const {terminal, done} of running.splice(0)) {
		terminal.press('\u{3}');
		await done.catch(() => undefined);
	}
});

test.each([
	[80, 24],
	[120, 36],
	[200, 50],
])('at %d x %d the screen has its header, tree, findings and keys', async (columns, rows) => {
	const {terminal} = await startWith(makeIncident(), columns, rows);
	const lines = await terminal.lines();
	expect(await terminal.buffer()).toBe('alternate');
	expect(lines[0]).toMatch(
		/^ctop web-07 {2}up 1d02h {2}4 cpus {2}load 5.11 4.20 3.90 .*LIVE 12:00:41Z$/,
	);
	expect(lines[1]).toMatch(
		/^csw 12.4k\/s {2}cpu us 40 sy 13 id 45 wa {2}2 si {2}1 st {2}0 {2}psi cpu 18/,
	);
	expect(lines[3]).toMatch(/PID STAT +THR +CPU% .*WAIT% WCHAN +(WAITING ON +)?COMMAND/);
	expect(lines.join('\n')).toContain('!1 python3');
	expect(lines.join('\n')).toContain('1 CRITICAL');
	expect(lines.at(-1)).toMatch(/sort .*\? help {2}q quit$/);
});

test('severity has a colour beside its word, and the selected row is inverse over its whole width', async () => {
	const {terminal} = await startWith(makeIncident(), 80, 24);
	const lines = await terminal.lines();
	const critical = lines.findIndex(line => line.startsWith('1 CRITICAL'));
	expect((await terminal.cell(critical, 0)).foreground).toBe(1);
	const warning = lines.findIndex(line => line.startsWith('2 WARNING'));
	expect((await terminal.cell(warning, 0)).foreground).toBe(3);
	expect((await terminal.cell(4, 0)).inverse).toBe(true);
	expect((await terminal.cell(4, 79)).inverse).toBe(true);
	expect((await terminal.cell(5, 0)).inverse).toBe(false);
});

test('without colours no cell has one', async () => {
	const {terminal} = await startWith(makeIncident(), 80, 24, {colour: false});
	for (let row = 0; row < 24; row++) {
		const cells = await Promise.all([0, 1, 70].map(column => terminal.cell(row, column)));
		expect(cells.every(({foreground, bold}) => foreground === -1 && !bold)).toBe(true);
	}
});

test('what processes call themselves does not reach the terminal as a command', async () => {
	const {terminal} = await startWith(makeIncident(), 200, 50);
	const output = terminal.written.join('');
	expect(output).toContain('evil?]0;owned? a?b ?gpj.exe');
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
	expect(output).not.toMatch(/\u{1B}\[2J|\u{1B}\]|\u{7}|\u{202E}/u);
});

test('a resize is drawn anew at its exact size, and back', async () => {
	const {terminal} = await startWith(makeIncident(), 80, 24);
	for (const [columns, rows] of [
		[200, 50],
		[120, 36],
		[40, 10],
		[30, 5],
		[100, 30],
		[80, 24],
	] as const) {
		terminal.resize(columns, rows);
		const wanted = rows < 8 ? /^ctop {2}1 critical/ : /^ctop web-07/;
		await terminal.waitFor(
			screen => wanted.test(screen) && (rows < 10 || /help {2}q quit *$/.test(screen)),
			`the screen at ${columns}x${rows}`,
		);
		const lines = await terminal.lines();
		expect(lines.filter(line => line.startsWith('ctop'))).toHaveLength(1);
	}
});

test('keys move, explain, go back and ask for help', async () => {
	const {terminal} = await startWith(makeIncident(), 80, 24);
	terminal.press('jjj');
	await expect.poll(async () => (await terminal.cell(7, 0)).inverse).toBe(true);
	terminal.press('\u{1B}[A');
	await expect.poll(async () => (await terminal.cell(6, 0)).inverse).toBe(true);
	terminal.press('2');
	await terminal.waitFor(screen => screen.split('\n')[1]!.startsWith('2 WARNING'));
	terminal.press('\u{1B}');
	await terminal.waitFor(screen => screen.includes('LIVE'), 'Esc to lead back');
	terminal.press('?');
	await terminal.waitFor(screen => screen.includes('ctop: keys'));
	terminal.press('?');
	await terminal.waitFor(screen => screen.includes('LIVE'));
});

test('typing a filter shows what it finds, with what was typed', async () => {
	const {terminal} = await startWith(makeIncident(), 80, 24);
	terminal.press('/cron');
	await terminal.waitFor(screen => screen.includes('filter: cron_') && !screen.includes('python3'));
	terminal.press('\r');
	await terminal.waitFor(screen => /filter cron\s/.test(screen) && screen.includes('q quit'));
});

test('frozen, the shown moment stays while the machine goes on', async () => {
	const {terminal, send} = await startWith(makeIncident(), 80, 24);
	terminal.press(' ');
	await terminal.waitFor(screen => screen.includes('FROZEN'));
	send(makeSnapshot({observedSeconds: 71, takenAt: '2026-01-01T12:01:11.000Z'}));
	await terminal.waitFor(
		screen => /FROZEN 30s ago 12:00:41Z/.test(screen) && screen.includes('python3'),
	);
	terminal.press(' ');
	await terminal.waitFor(
		screen => screen.includes('LIVE 12:01:11Z') && !screen.includes('python3'),
	);
});

test('a saved Snapshot is the shown one; where it is stands on the screen and in the result', async () => {
	const saved: Snapshot[] = [];
	const shown = makeIncident();
	const {terminal, done} = await startWith(shown, 80, 24, {
		async save({snapshot}) {
			saved.push(snapshot);
			return '/var/tmp/ctop-web-07-1.json';
		},
	});
	terminal.press('s');
	await terminal.waitFor(screen => screen.includes('saved /var/tmp/ctop-web-07-1.json'));
	expect(saved).toEqual([shown]);
	terminal.press('q');
	expect(await done).toMatchObject({
		savedFiles: ['/var/tmp/ctop-web-07-1.json'],
		peakFinding: {rule: 'gil-thrash'},
	});
});

test('a Snapshot that cannot be saved says why', async () => {
	const {terminal, done} = await startWith(makeIncident(), 80, 24, {
		async save() {
			throw new Error('no space left on device');
		},
	});
	terminal.press('s');
	await terminal.waitFor(screen => screen.includes('save: no space left on device'));
	terminal.press('q');
	expect((await done).savedFiles).toEqual([]);
});

test('the worst finding ever seen is in the result, even when it has gone or was never shown', async () => {
	const {terminal, send, done} = await startWith(makeSnapshot(), 80, 24);
	terminal.press(' ');
	await terminal.waitFor(screen => screen.includes('FROZEN'));
	send(makeSnapshot({findings: [makeFinding({rule: 'worst', severity: 'critical'})]}));
	send(makeSnapshot());
	terminal.press('q');
	expect((await done).peakFinding?.rule).toBe('worst');
});

test('the interval goes to the source', async () => {
	const {terminal, intervals} = await startWith(makeIncident(), 80, 24);
	terminal.press('d');
	await terminal.waitFor(screen => screen.includes('interval: _'));
	terminal.press('0.5\r');
	await terminal.waitFor(screen => screen.includes('interval 0.5 s'));
	expect(intervals).toEqual([0.5]);
});

test('the source learns which processes are on the screen', async () => {
	const {focused} = await startWith(makeIncident(), 80, 24);
	await expect.poll(() => focused.at(-1)).toContain(2100);
	expect(focused.at(-1)).not.toContain(901_234);
});

test.each([
	['q', 'q'],
	['Ctrl+C', '\u{3}'],
])('%s leaves the alternate screen and the source', async (_name, key) => {
	const driven = await startWith(makeIncident(), 80, 24);
	driven.terminal.press(key);
	await driven.done;
	expect(await driven.terminal.buffer()).toBe('normal');
	expect(driven.isSubscribed()).toBe(false);
	expect(driven.terminal.written.join('')).toContain('\u{1B}[?25h');
});

test('Ctrl+L draws over what another program wrote', async () => {
	const {terminal} = await startWith(makeIncident(), 80, 24);
	const before = await terminal.lines();
	terminal.stdout.write('\u{1B}[10;1HBroadcast message from root\u{1B}[24;80H');
	await terminal.waitFor(screen => screen.includes('Broadcast'));
	terminal.press('\u{C}');
	await expect.poll(() => terminal.lines()).toEqual(before);
});

test('an unchanged line is not written again', async () => {
	const {terminal, send} = await startWith(makeIncident(), 200, 50);
	const before = terminal.written.length;
	send(makeIncident({takenAt: '2026-01-01T12:00:42.000Z'}));
	await terminal.waitFor(screen => screen.includes('12:00:42Z'));
	const bytes = Buffer.byteLength(terminal.written.slice(before).join(''));
	expect(bytes).toBeLessThan(600);
});

test('a third of the rows changing costs less than four kilobytes', async () => {
	const processes = (seed: number) =>
		Array.from({length: 60}, (_, index) =>
			makeProcess({
				pid: 100 + index,
				commandLine: ['/usr/lib/service/bin/service', '--listen', `127.0.0.1:${8000 + index}`],
				threads: [
					makeThread({
						tid: 100 + index,
						voluntarySwitchesPerSecond: 9000 - index * 100 + (index % 3 === 0 ? seed : 0),
						waitChannel: 'futex_do_wait',
					}),
				],
			}),
		);
	const {findings} = makeIncident();
	const {terminal, send} = await startWith(
		makeSnapshot({processes: processes(0), findings}),
		200,
		50,
	);
	const before = terminal.written.length;
	send(makeSnapshot({processes: processes(7), findings, takenAt: '2026-01-01T12:00:42.000Z'}));
	await terminal.waitFor(screen => screen.includes('12:00:42Z') && screen.includes(' 9007 '));
	expect(Buffer.byteLength(terminal.written.slice(before).join(''))).toBeLessThan(4000);
});
