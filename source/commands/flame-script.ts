import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';

/** Beside the built program; run from its source, in the folder that it is built into. */
const places = ['flame-graph.js', '../../dist/flame-graph.js'];

/** The script that draws a flame graph in a browser; scripts/build.js makes it. */
export const readFlameScript = (): string => {
	const file = places
		.map(place => path.join(import.meta.dirname, place))
		.find(place => existsSync(place));
	if (file === undefined) {
		throw new Error('flame-graph.js is missing beside the program: build it anew');
	}

	return readFileSync(file, 'utf8');
};
