import {readFile} from 'node:fs/promises';

/**
What packages make when they are loaded and ctop never asks for, or only for a name outside ASCII: together a fifth of the time to the
first frame. A package that has changed so that this doesn't fit any more fails the build.
*/
const changes = [
	{
		// meow reads and normalises package.json files; ctop gives it what it needs. Marked as pure, what nobody uses is left out.
		file: /meow\/build\/dependencies\.js$/,
		replacements: [
			['= requireNormalize();', '= /* @__PURE__ */ requireNormalize();'],
			[
				'= getDefaultExportFromCjs(normalizeExports);',
				'= /* @__PURE__ */ getDefaultExportFromCjs(normalizeExports);',
			],
			['= requireLib$1();', '= /* @__PURE__ */ requireLib$1();'],
		],
	},
	{
		file: /meow\/build\/options\.js$/,
		replacements: [
			[
				"import { a as readPackageUpSync, n as normalizePackageData } from './dependencies.js';",
				'const readPackageUpSync = () => undefined; const normalizePackageData = () => {};',
			],
		],
	},
	{
		// The tables of Unicode behind these take as long to load as all of ctop's own code.
		file: /string-width\/index\.js$/,
		replacements: [
			[
				'const segmenter = new Intl.Segmenter();',
				'let madeSegmenter; const segmenter = {segment: text => (madeSegmenter ??= new Intl.Segmenter()).segment(text)};',
			],
			[
				'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
				"let madeRegex; const rgiEmojiRegex = {test: text => (madeRegex ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(text)};",
			],
		],
	},
];

export const lighterPackages = {
	name: 'lighter-packages',
	setup(build) {
		for (const {file, replacements} of changes) {
			build.onLoad({filter: file}, async ({path}) => {
				let contents = await readFile(path, 'utf8');
				for (const [before, after] of replacements) {
					if (!contents.includes(before)) {
						return {
							errors: [
								{text: `${path} has no '${before}' any more: see scripts/lighter-packages.js`},
							],
						};
					}

					contents = contents.replace(before, () => after);
				}

				return {contents, loader: 'js'};
			});
		}
	},
};
