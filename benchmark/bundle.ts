import path from 'node:path';
import {build} from 'esbuild';

/** Bundles a program as the build does ctop itself. Returns the file; rejects with esbuild's words. */
export const bundle = async (source: string, directory: string): Promise<string> => {
	const outfile = path.join(directory, `${path.basename(source, '.ts')}.mjs`);
	await build({
		entryPoints: [source],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		minify: true,
		logLevel: 'silent',
	});
	return outfile;
};
