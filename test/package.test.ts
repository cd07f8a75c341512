import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {rules} from '../source/findings/rules.js';
import {keymap} from '../source/ui/keymap.js';
import {ctopFile, runCtop} from './helpers/ctop.js';

const root = path.join(import.meta.dirname, '..');
const published = path.join(root, 'build/package');
let directory = '';

beforeAll(() => {
	directory = mkdtempSync(path.join(tmpdir(), 'ctop-package-'));
	execFileSync(process.execPath, [path.join(root, 'scripts/package.js')]);
});

afterAll(() => {
	rmSync(directory, {recursive: true, force: true});
});

test('the published package depends on nothing and brings no Node.js', () => {
	const manifest = JSON.parse(readFileSync(path.join(published, 'package.json'), 'utf8')) as Record<
		string,
		unknown
	>;
	expect(Object.keys(manifest)).not.toContain('dependencies');
	expect(Object.keys(manifest)).not.toContain('optionalDependencies');
	expect(Object.keys(manifest)).not.toContain('scripts');
	expect(manifest['private']).toBeUndefined();
	expect(manifest['version']).toMatch(/^\d+\.\d+\.\d+/);
});

test('the published package installs without a registry and runs', () => {
	const npm = (words: readonly string[], folder: string) =>
		execFileSync('npm', [...words, '--offline', '--no-audit', '--no-fund', '--silent'], {
			cwd: folder,
			encoding: 'utf8',
			env: {...process.env, npm_config_cache: path.join(directory, 'cache')},
		});
	npm(['pack', published], directory);
	const [tarball] = readdirSync(directory).filter(name => name.endsWith('.tgz'));
	npm(['install', '--prefix', directory, path.join(directory, tarball!)], directory);
	const version = execFileSync(path.join(directory, 'node_modules/.bin/ctop'), ['-V'], {
		encoding: 'utf8',
	});
	expect(version).toMatch(/^ctop \d/);
});

/** A Node.js of the machine itself that is older than the one that runs the tests. */
const olderNode = (): string | undefined =>
	(process.env['PATH'] ?? '')
		.split(':')
		.filter(folder => !folder.includes('node_modules'))
		.map(folder => path.join(folder, 'node'))
		.find(file => {
			try {
				const version = execFileSync(file, ['--version'], {encoding: 'utf8'});
				return Number.parseInt(version.slice(1), 10) < 22;
			} catch {
				return false;
			}
		});

test('the bundle runs on an older Node.js too', context => {
	const node = olderNode();
	if (node === undefined) {
		context.skip('no older Node.js here');
		return;
	}

	const frame = execFileSync(node, [ctopFile, '-b', '-n', '1', '-d', '0.3'], {encoding: 'utf8'});
	expect(frame).toMatch(/PPID +PID STAT/);
});

test('the README names every finding and every key', () => {
	const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
	for (const {name} of rules) {
		expect(readme).toContain(`\`${name}\``);
	}

	for (const {label, help} of keymap.filter(binding => binding.help)) {
		expect(readme).toContain(`| \`${label}\` | ${help} |`);
	}
});

test('--help names every option that it takes', async () => {
	const {output} = await runCtop(['--help']);
	for (const option of ['--delay', '--pid', '--proc', '--for', '--fail-on', '--color', '--ascii']) {
		expect(output).toContain(option);
	}
});
