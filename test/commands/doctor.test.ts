import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {checkCapabilities, mayTrace} from '../../source/commands/doctor/capabilities.js';
import {countProcessFiles, judgeProcessFile} from '../../source/commands/doctor/process-files.js';
import {
	judgeHidden,
	judgeOpenFiles,
	judgePerf,
	judgeYama,
} from '../../source/commands/doctor/settings.js';
import {checkPrograms, checkTerminal} from '../../source/commands/doctor/surroundings.js';
import {formatDoctor} from '../../source/format/doctor.js';
import type {Doctor, DoctorCheck} from '../../source/model/doctor.js';
import {runCtop} from '../helpers/ctop.js';

const none = {read: 0, refused: 0, missing: 0};
const file = {name: 'syscall', gives: 'the call', without: 'why threads wait'};

describe('a file of processes', () => {
	test('that all give is fine', () => {
		expect(
			judgeProcessFile(file, {own: {...none, read: 3}, others: {...none, read: 4}}, false),
		).toEqual({
			what: '/proc/PID/syscall',
			state: 'ok',
			found: 'of all 7 processes',
			gives: 'the call',
		});
	});

	test("that other users' processes refuse is there in part, and root would see it", () => {
		const check = judgeProcessFile(
			file,
			{own: {...none, read: 3}, others: {...none, refused: 4}},
			false,
		);
		expect(check).toMatchObject({
			state: 'partly',
			found: 'of 3 of 3 own processes, of 0 of 4 of other users',
		});
		expect(check.lost).toMatch(/^4 of 7 refuse it: run as root/);
	});

	test('that own processes refuse points to what forbids it', () => {
		const check = judgeProcessFile(
			file,
			{own: {...none, read: 1, refused: 2}, others: none},
			false,
		);
		expect(check.lost).toContain('kernel.yama.ptrace_scope');
	});

	test('that is refused even to one who may trace has another reason', () => {
		const check = judgeProcessFile(file, {own: {...none, refused: 1}, others: none}, true);
		expect(check).toMatchObject({state: 'refused'});
		expect(check.lost).not.toContain('run as root');
	});

	test('that no process has is not refused but missing', () => {
		expect(judgeProcessFile(file, {own: {...none, missing: 2}, others: none}, false)).toMatchObject(
			{
				state: 'missing',
				lost: 'why threads wait',
			},
		);
	});
});

describe('settings of the kernel', () => {
	test.each([
		[undefined, false, 'ok'],
		[0, false, 'ok'],
		[1, false, 'partly'],
		[1, true, 'ok'],
		[2, true, 'ok'],
		[3, true, 'partly'],
		[null, false, 'refused'],
	] as const)('ptrace_scope %s, with the right to trace: %s, is %s', (value, traces, state) => {
		expect(judgeYama(value, traces).state).toBe(state);
	});

	test.each([
		[1, false, 'ok'],
		[2, false, 'partly'],
		[4, true, 'ok'],
		[undefined, true, 'missing'],
	] as const)('perf_event_paranoid %s, as root: %s, is %s', (value, isRoot, state) => {
		expect(judgePerf(value, isRoot).state).toBe(state);
	});

	test('a mount that hides processes is told by its options, of the mount that is on top', () => {
		const line = (options: string) =>
			`22 1 0:20 / /proc rw,relatime shared:5 - proc proc rw${options}\n`;
		expect(judgeHidden(line(',hidepid=invisible'), '/proc', false)).toMatchObject({
			state: 'refused',
			found: 'hidepid=invisible',
		});
		expect(judgeHidden(line(',hidepid=2'), '/proc', true).state).toBe('ok');
		expect(judgeHidden(`${line(',hidepid=2')}${line('')}`, '/proc', false).state).toBe('ok');
	});

	test('few open files are told with what they are enough for', () => {
		const limits = (value: string) =>
			`Limit  Soft Limit  Hard Limit  Units\nMax open files            ${value}                 4096                 files\n`;
		expect(judgeOpenFiles(limits('1024'))).toMatchObject({state: 'partly', found: '1024'});
		expect(judgeOpenFiles(limits('unlimited'))).toMatchObject({state: 'ok', found: 'unlimited'});
	});
});

test('capabilities are read from the effective set', () => {
	const status = 'Name:\tnode\nCapPrm:\tffffffffffffffff\nCapEff:\t0000000000080004\n';
	expect(mayTrace(status)).toBe(true);
	expect(checkCapabilities(status).map(({what, state}) => [what, state])).toEqual([
		['CAP_SYS_PTRACE', 'ok'],
		['CAP_DAC_READ_SEARCH', 'ok'],
		['CAP_SYS_NICE', 'missing'],
	]);
	expect(mayTrace('CapEff:\t0000000000000000\n')).toBe(false);
});

describe('the terminal', () => {
	const screen = {isTTY: true, columns: 120, rows: 36};
	const states = (checks: readonly DoctorCheck[]) => checks.map(({state}) => state);
	const utf8 = {TERM: 'xterm', LANG: 'en_US.UTF-8'};

	test('that can show everything is fine', () => {
		expect(states(checkTerminal(utf8, screen, screen))).toEqual(['ok', 'ok', 'ok']);
	});

	test('says what makes it less', () => {
		const [terminal, colours, characters] = checkTerminal(
			{TERM: 'xterm', NO_COLOR: '1', LC_ALL: 'C'},
			{...screen, columns: 80},
			screen,
		);
		expect(terminal?.lost).toContain('110 columns');
		expect(colours?.found).toBe('off, by NO_COLOR=1');
		expect(characters?.found).toBe('LC_ALL=C');
	});

	test('is none in a pipe, and has no keys without a terminal to type on', () => {
		expect(checkTerminal(utf8, {isTTY: false}, screen)[0]?.state).toBe('missing');
		expect(checkTerminal(utf8, screen, {isTTY: false})[0]?.lost).toContain('keys');
		expect(checkTerminal({...utf8, TERM: 'dumb'}, screen, screen)[0]?.found).toBe('TERM=dumb');
	});
});

describe('in a directory', () => {
	let directory = '';

	beforeEach(() => {
		directory = mkdtempSync(path.join(tmpdir(), 'ctop-doctor-'));
	});

	afterEach(() => {
		rmSync(directory, {recursive: true, force: true});
	});

	test('a sleeping thread whose wait channel is 0 refuses it; one that runs has none', () => {
		const stat = (pid: number, state: string) =>
			`${pid} (a) ${state} 1 1 1 0 -1 4194304 ${'0 '.repeat(42)}\n`;
		for (const [pid, state] of [
			[10, 'S'],
			[11, 'R'],
		] as const) {
			mkdirSync(path.join(directory, String(pid)));
			writeFileSync(path.join(directory, `${pid}/stat`), stat(pid, state));
			writeFileSync(path.join(directory, `${pid}/wchan`), '0');
		}

		const counts = countProcessFiles(directory, process.geteuid?.());
		expect(counts.get('wchan')).toEqual({own: {...none, refused: 1}, others: none});
		expect(counts.get('stat')?.own.read).toBe(2);
		expect(counts.get('maps')?.own.missing).toBe(2);
	});

	test('only programs that can be started count as there', () => {
		writeFileSync(path.join(directory, 'perf'), '', {mode: 0o755});
		writeFileSync(path.join(directory, 'strace'), '', {mode: 0o644});
		mkdirSync(path.join(directory, 'gdb'));
		const states = new Map(
			checkPrograms({PATH: `/nowhere:${directory}`}).map(({what, state}) => [what, state]),
		);
		expect([states.get('perf'), states.get('strace'), states.get('gdb')]).toEqual([
			'ok',
			'missing',
			'missing',
		]);
	});
});

test('the built program looks at this machine, as text and as JSON', async () => {
	const {code, output, errors} = await runCtop(['doctor', '--format', 'json']);
	expect({code, errors}).toEqual({code: 0, errors: ''});
	const doctor = JSON.parse(output) as Doctor;
	const checks = new Map(
		doctor.sections.flatMap(section => section.checks).map(check => [check.what, check]),
	);
	// This test and ctop itself are processes of the same user.
	expect(checks.get('/proc/PID/status')).toMatchObject({state: 'ok'});
	expect(checks.get('terminal')).toMatchObject({state: 'missing'});
	const text = (await runCtop(['doctor'])).output;
	for (const title of doctor.sections.map(section => section.title)) {
		expect(text).toContain(`\n${title}\n`);
	}

	const width = Math.max(
		...formatDoctor(doctor, 80)
			.split('\n')
			.map(({length}) => length),
	);
	expect(width).toBeLessThanOrEqual(80);
});
