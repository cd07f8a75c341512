import {readFileSync} from 'node:fs';
import {Ajv2020} from 'ajv/dist/2020.js';
import {type Snapshot, schemaVersion} from '../model/snapshot.js';
import {maskSecrets} from './mask-secrets.js';
import {isReadableVersion} from './schema-version.js';
import schema from './snapshot.schema.json' with {type: 'json'};

/** Why a file can't be opened as a Snapshot, in one line for a person. */
export class UnreadableSnapshot extends Error {}

const systemMessages: Readonly<Record<string, string>> = {
	ENOENT: 'no such file',
	EACCES: 'permission denied',
	EISDIR: 'is a directory',
};

const readFile = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		throw new UnreadableSnapshot(`${file}: ${systemMessages[code ?? ''] ?? message}`);
	}
};

const parse = (file: string, text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		throw new UnreadableSnapshot(`${file}: not JSON, or cut off`);
	}
};

/** Reads a Snapshot from a file; throws UnreadableSnapshot when there is none of a version that can be read. */
export const readSnapshot = (file: string): Snapshot => {
	const value = parse(file, readFile(file)) as Partial<Snapshot> | null;
	if (typeof value !== 'object' || value?.kind !== 'ctop.snapshot') {
		throw new UnreadableSnapshot(`${file}: not a snapshot of ctop`);
	}

	const version = String(value.schemaVersion);
	if (!isReadableVersion(version)) {
		throw new UnreadableSnapshot(
			`${file}: has schema version ${version}, this ctop reads ${schemaVersion}`,
		);
	}

	const validate = new Ajv2020({allowUnionTypes: true}).compile(schema);
	if (!validate(value)) {
		const {instancePath = '', message = ''} = validate.errors?.[0] ?? {};
		throw new UnreadableSnapshot(`${file}: damaged: ${instancePath} ${message}`);
	}

	// A file of a version that masked nothing must not pass its secrets on.
	return maskSecrets(value as Snapshot);
};
