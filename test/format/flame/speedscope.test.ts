import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {Ajv} from 'ajv';
import {afterAll, expect, test} from 'vitest';
import {formatSpeedscope} from '../../../source/format/flame/speedscope.js';
import type {FlameGraph} from '../../../source/model/flame-graph.js';
import {runTool} from '../../helpers/run-tool.js';
import {openInSpeedscope, speedscopeFolder, speedscopeHandOver} from '../../helpers/speedscope.js';
import {sampleProbe} from '../probe/sample-probe.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-speedscope-'));
afterAll(() => rmSync(folder, {recursive: true}));

const options = {name: 'gunicorn (4711): where threads waited', exporter: 'ctop'};
const text = formatSpeedscope(sampleProbe.offCpu, options);

test('the file is what the schema of the speedscope package describes', () => {
	const schema = JSON.parse(
		readFileSync(path.join(speedscopeFolder, 'file-format-schema.json'), 'utf8'),
	) as object;
	const validate = new Ajv({strict: false}).compile(schema);
	const file = JSON.parse(text) as {profiles: [object]};
	expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
	const [profile] = file.profiles;
	expect(validate({...file, profiles: [{...profile, type: 'nonsense'}]})).toBe(false);
});

test('speedscope opens it: the same name, frames and times', async () => {
	const profile = await openInSpeedscope('wait.speedscope.json', text);
	expect(profile.getName()).toBe(options.name);
	expect(profile.getTotalWeight()).toBe(20_000);
	expect(profile.formatValue(profile.getTotalWeight())).toBe('20.00s');
	const frames: (readonly [string, number, number])[] = [];
	profile.forEachFrame(frame =>
		frames.push([frame.name, frame.getSelfWeight(), frame.getTotalWeight()]),
	);
	expect(frames.sort()).toEqual([
		['fetch (app.py:12)', 0, 16_000],
		['mutex app!queue_lock', 4000, 4000],
		['poll 50 ms', 16_000, 16_000],
		['work', 0, 4000],
		['worker', 0, 20_000],
	]);
	const calls: string[] = [];
	profile.forEachCall(
		({frame}, value) => calls.push(`${value} ${frame.name}`),
		({frame}, value) => calls.push(`${value} end of ${frame.name}`),
	);
	expect(calls).toEqual([
		'0 worker',
		'0 fetch (app.py:12)',
		'0 poll 50 ms',
		'16000 end of poll 50 ms',
		'16000 end of fetch (app.py:12)',
		'16000 work',
		'16000 mutex app!queue_lock',
		'20000 end of mutex app!queue_lock',
		'20000 end of work',
		'20000 end of worker',
	]);
});

test('speedscope opens an empty one, recursion, and names that come from anywhere', async () => {
	const names = (graph: FlameGraph) =>
		openInSpeedscope('x.speedscope.json', formatSpeedscope(graph, options)).then(profile => {
			const found: string[] = [];
			profile.forEachFrame(({name}) => found.push(name));
			return found;
		});
	expect(await names({frames: [], stacks: []})).toEqual([]);
	expect(
		await names({
			frames: [{name: '"}</script>\u{1B}[31m;\n\u{D800}', kind: 'application'}],
			stacks: [{frames: [0, 0, 0], milliseconds: 0.004}],
		}),
	).toEqual(['"}</script>?[31m;??']);
});

test('what is no profile is refused by it', async () => {
	await expect(openInSpeedscope('x.speedscope.json', '{"profiles": 1}')).rejects.toThrow();
});

const chromium = await runTool('chromium', ['--version']);

test.skipIf(chromium === undefined)(
	'its page shows the profile in chromium, as its own command opens it',
	{timeout: 180_000},
	async () => {
		const handOver = path.join(folder, 'profile.js');
		writeFileSync(handOver, speedscopeHandOver('wait.speedscope.json', text));
		const page = path.join(speedscopeFolder, 'index.html');
		const {stdout} = await promisify(execFile)(
			'chromium',
			[
				...['--headless', '--no-sandbox', '--enable-unsafe-swiftshader'],
				...['--virtual-time-budget=5000', `--user-data-dir=${path.join(folder, 'user')}`],
				...['--dump-dom', `file://${page}#localProfilePath=${handOver}&view=sandwich`],
			],
			{maxBuffer: 2 ** 26, timeout: 100_000},
		);
		expect(stdout).toContain(`<title>${options.name} - speedscope</title>`);
		const rows = [...stdout.matchAll(/<tr[^>]*>.*?<\/tr>/g)]
			.map(([row]) =>
				row
					.replaceAll(/<[^>]+>/g, ' ')
					.replaceAll(/\s+/g, ' ')
					.trim(),
			)
			.filter(row => row.includes('ms (') || row.includes('s ('));
		expect(rows).toEqual(
			expect.arrayContaining([
				'16.00s (80%) 16.00s (80%) poll 50 ms',
				'4.00s (20%) 4.00s (20%) mutex app!queue_lock',
				'20.00s (100%) 0.00ns (&lt;0.01%) worker',
			]),
		);
	},
);
