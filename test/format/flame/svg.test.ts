import {execFile} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, expect, test} from 'vitest';
import {readFlameScript} from '../../../source/commands/flame-script.js';
import {formatFlameSvg} from '../../../source/format/flame/svg.js';
import {runTool} from '../../helpers/run-tool.js';
import {sampleProbe} from '../probe/sample-probe.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-svg-'));
afterAll(() => rmSync(folder, {recursive: true}));

const browser = (await runTool('chromium', ['--version'])) === undefined ? undefined : 'chromium';
const options = {title: 'gunicorn <4711>', subtitle: '5 s & more', script: readFlameScript()};

/** The document after its scripts ran, and one more that does what a person would. */
const openInBrowser = async (name: string, svg: string, act: string): Promise<string> => {
	const file = path.join(folder, name);
	writeFileSync(file, svg.replace('</svg>', `<script><![CDATA[${act}]]></script></svg>`));
	const words = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=5000'];
	const {stdout} = await promisify(execFile)(
		browser!,
		[...words, `--user-data-dir=${path.join(folder, 'profile')}`, '--dump-dom', `file://${file}`],
		{maxBuffer: 2 ** 26, timeout: 100_000},
	);
	return stdout;
};

test('needs nothing from outside, and no name can become a tag', () => {
	const evil = '</script><script>alert(1)</script>]]><b>';
	const svg = formatFlameSvg(
		{frames: [{name: evil, kind: 'application'}], stacks: [{frames: [0], milliseconds: 5}]},
		{...options, script: 'draw()'},
	);
	expect(svg).not.toMatch(/(?:href|src)="/);
	expect(svg).toContain('gunicorn &lt;4711&gt;');
	// A CDATA section ends with the first of these.
	expect(svg.split(']]>').length).toBe(4);
});

test.skipIf(browser === undefined)(
	'chromium draws it, zooms by a click and finds what is searched',
	async () => {
		const svg = formatFlameSvg(sampleProbe.offCpu, options);
		const drawn = await openInBrowser('drawn.svg', svg, '');
		expect(drawn).toMatch(/<rect[^>]*fill="#d64550"/);
		expect(drawn).toContain('mutex app!queue_lock');

		const gil = await openInBrowser(
			'gil.svg',
			formatFlameSvg(
				{frames: [{name: 'GIL', kind: 'gil'}], stacks: [{frames: [0], milliseconds: 5}]},
				options,
			),
			'',
		);
		expect(gil).toMatch(/<rect[^>]*fill="#a8325e"/);

		const zoomed = await openInBrowser(
			'zoomed.svg',
			svg,
			`setTimeout(() => [...document.querySelectorAll('.d3-flame-graph g.frame')]
			.find(({textContent}) => textContent.includes('work (application)'))
			.dispatchEvent(new MouseEvent('click', {bubbles: true})), 1000)`,
		);
		expect(zoomed).not.toContain('fetch (app.py:12) (application)');

		const searched = await openInBrowser(
			'searched.svg',
			svg,
			`setTimeout(() => {
			const field = document.getElementById('search');
			field.value = 'queue_lock';
			field.dispatchEvent(new Event('input'));
		}, 1000)`,
		);
		expect(searched).toContain('1 frames, 20.00%');
	},
);
