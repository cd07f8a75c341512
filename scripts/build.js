/**
Builds `dist/ctop.mjs`, the whole program in one file. Does nothing when that file is newer than everything it is made of,
unless called with `--force`.
*/
import {mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const root = path.join(import.meta.dirname, '..');
const outputFile = path.join(root, 'dist/ctop.mjs');

const changedAt = file => statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? 0;

const inputs = [
	...readdirSync(path.join(root, 'source'), {recursive: true})
		.filter(file => /\.(tsx?|json)$/.test(file))
		.map(file => path.join('source', file)),
	'scripts/build.js',
	'package.json',
	'package-lock.json',
].map(file => path.join(root, file));

const isStale = () => {
	const builtAt = changedAt(outputFile);
	return inputs.some(file => changedAt(file) > builtAt);
};

// Ink loads react-devtools-core only in development; it must be there for the bundler and do nothing.
const devtoolsStub = {
	name: 'devtools-stub',
	setup(build) {
		build.onResolve({filter: /^react-devtools-core$/}, () => ({
			path: 'react-devtools-core',
			namespace: 'stub',
		}));
		build.onLoad({filter: /.*/, namespace: 'stub'}, () => ({
			contents: 'export default {initialize() {}, connectToDevTools() {}};',
		}));
	},
};

if (process.argv.includes('--force') || isStale()) {
	// Only here: when nothing is stale, starting must not pay for loading the bundler.
	const {build} = await import('esbuild');
	const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
	mkdirSync(path.dirname(outputFile), {recursive: true});
	const unfinished = `${outputFile}.${process.pid}`;
	try {
		await build({
			entryPoints: [path.join(root, 'source/cli.ts')],
			outfile: unfinished,
			bundle: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			jsx: 'automatic',
			// Without it each Unicode class becomes a RegExp that is made anew for every character; Node.js 20 reads them as they are.
			supported: {'regexp-unicode-property-escapes': true},
			minify: true,
			legalComments: 'linked',
			logLevel: 'warning',
			plugins: [devtoolsStub],
			define: {
				'process.env.NODE_ENV': '"production"',
				'process.env.DEV': '"false"',
				CTOP_VERSION: JSON.stringify(version),
			},
			banner: {
				// CommonJS packages inside an ES module still call require.
				js: "import {createRequire as ctopCreateRequire} from 'node:module'; const require = ctopCreateRequire(import.meta.url);",
			},
		});
		// In one step, so that two users who start at once never run half a file.
		renameSync(`${unfinished}.LEGAL.txt`, `${outputFile}.LEGAL.txt`);
		renameSync(unfinished, outputFile);
	} finally {
		rmSync(unfinished, {force: true});
		rmSync(`${unfinished}.LEGAL.txt`, {force: true});
	}
}
