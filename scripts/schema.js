/** Writes the JSON Schema of a Snapshot from its TypeScript type; their doc comments become descriptions. */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {createGenerator} from 'ts-json-schema-generator';

const root = path.join(import.meta.dirname, '..');

/** The schema as text, formatted like the file in the repository. */
export const generateSchema = () => {
	const schema = createGenerator({
		path: path.join(root, 'source/model/snapshot.ts'),
		tsconfig: path.join(root, 'scripts/schema.tsconfig.json'),
		type: 'Snapshot',
		// A reader takes what a newer minor version added.
		additionalProperties: true,
		skipTypeCheck: true,
		sortProps: false,
	}).createSchema('Snapshot');
	return `${JSON.stringify({...schema, $schema: 'https://json-schema.org/draft/2020-12/schema'}, undefined, '\t')}\n`;
};

if (process.argv[1] === import.meta.filename) {
	writeFileSync(path.join(root, 'source/snapshot/snapshot.schema.json'), generateSchema());
}
