/**
Builds the program into `dist`: `ctop.mjs` and what only some commands load. Does nothing when that file is newer than
everything it is made of, unless called with `--force`.
*/
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {lighterPackages} from './lighter-packages.js';

const root = path.join(import.meta.dirname, '..');
const outputFolder = path.join(root, 'dist');
const mainFile = 'ctop.mjs';
const dayMilliseconds = 24 * 60 * 60 * 1000;

const changedAt = file => statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? 0;

const inputs = [
	...readdirSync(path.join(root, 'source'), {recursive: true})
		.filter(file => /\.(tsx?|js|json)$/.test(file))
		.map(file => path.join('source', file)),
	'scripts/build.js',
	'scripts/lighter-packages.js',
	'scripts/no-layout.js',
	'package.json',
	'package-lock.json',
].map(file => path.join(root, file));

const isStale = () => {
	const builtAt = changedAt(path.join(outputFolder, mainFile));
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

/** Puts the files in their place, the one that loads the others last: users who start meanwhile never run half a program. */
const install = folder => {
	const files = readdirSync(folder).filter(file => file !== mainFile);
	for (const file of [...files, mainFile]) {
		renameSync(path.join(folder, file), path.join(outputFolder, file));
	}

	// What an earlier build left: a program that was started from it may still load a part of it.
	const old = Date.now() - dayMilliseconds;
	for (const file of readdirSync(outputFolder)) {
		const place = path.join(outputFolder, file);
		if (file !== mainFile && !files.includes(file) && changedAt(place) < old) {
			rmSync(place, {recursive: true, force: true});
		}
	}
};

if (process.argv.includes('--force') || isStale()) {
	// Only here: when nothing is stale, starting must not pay for loading the bundler.
	const {build} = await import('esbuild');
	const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
	mkdirSync(outputFolder, {recursive: true});
	const unfinished = mkdtempSync(path.join(outputFolder, 'unfinished-'));
	try {
		await build({
			entryPoints: [{in: path.join(root, 'source/cli.ts'), out: path.parse(mainFile).name}],
			outdir: unfinished,
			outExtension: {'.js': '.mjs'},
			bundle: true,
			// What a screen, a recording or a check needs is compiled only where it is used.
			splitting: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			jsx: 'automatic',
			// Without it each Unicode class becomes a RegExp that is made anew for every character; Node.js 20 reads them as they are.
			supported: {'regexp-unicode-property-escapes': true},
			minify: true,
			legalComments: 'linked',
			logLevel: 'warning',
			plugins: [devtoolsStub, lighterPackages],
			alias: {'yoga-layout': path.join(root, 'scripts/no-layout.js')},
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
		// What runs in a browser, inside the files of flame graphs.
		await build({
			entryPoints: [path.join(root, 'source/browser/flame-page.js')],
			outfile: path.join(unfinished, 'flame-graph.js'),
			bundle: true,
			platform: 'browser',
			format: 'iife',
			target: 'es2020',
			minify: true,
			legalComments: 'none',
			logLevel: 'warning',
			banner: {
				js: '/* d3-flame-graph: Apache License 2.0, github.com/spiermar/d3-flame-graph. d3: ISC License, Mike Bostock, d3js.org. */',
			},
		});
		install(unfinished);
	} finally {
		rmSync(unfinished, {recursive: true, force: true});
	}
}
