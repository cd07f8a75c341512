/**
What the findings' rules cost: `node benchmark/rules.ts`. Bundled first, as the build does ctop itself.
*/
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {bundle} from './bundle.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'ctop-rules-'));
try {
	await import(
		pathToFileURL(await bundle(path.join(import.meta.dirname, 'rule-costs.ts'), directory)).href
	);
} finally {
	rmSync(directory, {recursive: true, force: true});
}
