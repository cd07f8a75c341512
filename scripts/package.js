/**
Makes `build/package`, the folder that is published: the built program, without dependencies. The repository's own
package.json is private and brings a Node.js of its own, which nobody who installs ctop shall download.
*/
import {cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const output = path.join(root, 'build/package');

const {name, version, description, license, type, bin, os, files} = JSON.parse(
	readFileSync(path.join(root, 'package.json'), 'utf8'),
);

// What V8 compiled is of this machine's Node.js.
const leftOut = new Set([path.join(root, 'dist/cache')]);

rmSync(output, {recursive: true, force: true});
mkdirSync(output, {recursive: true});
for (const file of [...files, 'README.md', 'LICENSE']) {
	cpSync(path.join(root, file), path.join(output, file), {
		recursive: true,
		filter: source => !leftOut.has(source),
	});
}

const schemaFile = 'snapshot.schema.json';
cpSync(path.join(root, 'source/snapshot', schemaFile), path.join(output, schemaFile));

const published = {
	name,
	version,
	description,
	license,
	type,
	bin,
	// The bundle is built for it; the repository's tools want a newer one.
	engines: {node: '>=20'},
	os,
	files: [...files, schemaFile],
};
writeFileSync(path.join(output, 'package.json'), `${JSON.stringify(published, undefined, '\t')}\n`);
