import {existsSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest';
import {runPreflight} from '../../source/commands/preflight.js';
import {UsageError} from '../../source/commands/usage-error.js';
import {
	buildPreflightProgram,
	canUnshare,
	type PreflightProgram,
	parsePreflight,
	runScript,
} from '../helpers/preflight-program.js';

const ownMounts = await canUnshare('-rm');
const ids = 'disks inodes deleted-files sockets vmstat load machine memory limits'.split(' ');
let program: PreflightProgram;

beforeAll(async () => {
	program = await buildPreflightProgram();
});

afterAll(() => {
	program.remove();
});

describe('ctop preflight', () => {
	it('prints all checks as text, without an escape code', async () => {
		const {code, output, errors} = await runScript(program, '"$NODE" "$PREFLIGHT" text 1');
		expect({code, errors}).toEqual({code: 0, errors: ''});
		for (const title of [
			'Disks',
			'Inodes',
			'Sockets',
			'CPU time',
			'Load',
			'Machine',
			'Memory',
			'Limits',
		]) {
			expect(output).toMatch(new RegExp(`^(BAD|WATCH|\\?|ok) +${title} `, 'm'));
		}
		expect(output).not.toContain('\u001B');
	});

	it('writes JSON to a new file that only its owner reads, and never over an old one', async () => {
		const outputFile = path.join(program.directory, 'preflight.json');
		const options = {procRoot: '/proc', forSeconds: 0.5, format: 'json', outputFile} as const;
		expect(await runPreflight(options)).toBe(0);
		expect(statSync(outputFile).mode & 0o777).toBe(0o600);
		const text = readFileSync(outputFile, 'utf8');
		const report = parsePreflight(text);
		expect(report).toMatchObject({
			schemaVersion: '1.0',
			kind: 'ctop.preflight',
			tool: {name: 'ctop'},
		});
		expect(report.checks.map(({id}) => id)).toEqual(ids);
		expect(report.observedSeconds).toBeGreaterThanOrEqual(0.5);
		const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
		expect(await runPreflight(options)).toBe(1);
		expect(errors.mock.calls.join('')).toMatch(/^ctop: EEXIST/);
		errors.mockRestore();
		expect(readFileSync(outputFile, 'utf8')).toBe(text);
	});

	it('carries a number and a threshold with each verdict, and a reason with each unknown', async () => {
		const {output} = await runScript(program, '"$NODE" "$PREFLIGHT" json 1');
		for (const {verdict, reason, measurements} of parsePreflight(output).checks) {
			const decided = measurements.filter(measurement => measurement.verdict === verdict);
			if (verdict === 'unknown') {
				expect(reason).toBeTruthy();
			} else if (verdict !== 'ok') {
				expect(decided.length).toBeGreaterThan(0);
				expect(decided.every(({value, threshold}) => value !== undefined && threshold)).toBe(true);
			}
		}
	});

	it.skipIf(!ownMounts)(
		'exits with 3 when something is as bad as --fail-on says, and only then',
		async () => {
			const script = (failOn: string) =>
				`mkdir -p "$WORK/m"; mount -t tmpfs -o size=1m ctop-test "$WORK/m"
			dd if=/dev/zero of="$WORK/m/fill" bs=64k 2>/dev/null || true
			exec "$NODE" "$PREFLIGHT" json 0.2 ${failOn}`;
			const inMounts = ['unshare', '-rm'];
			expect((await runScript(program, script('critical'), inMounts)).code).toBe(3);
			expect((await runScript(program, script('warning'), inMounts)).code).toBe(3);
			expect((await runScript(program, script(''), inMounts)).code).toBe(0);
		},
	);

	it('refuses to watch for no time at all', async () => {
		const outputFile = path.join(program.directory, 'none.json');
		await expect(
			runPreflight({procRoot: '/proc', forSeconds: 0, format: 'json', outputFile}),
		).rejects.toThrow(UsageError);
		expect(existsSync(outputFile)).toBe(false);
	});
});
