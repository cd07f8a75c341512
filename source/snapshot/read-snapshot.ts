import {readFileSync} from 'node:fs';
import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import {type Snapshot, schemaVersion} from '../model/snapshot.js';
import {maskSecrets} from './mask-secrets.js';
import {isReadableVersion} from './schema-version.js';
import schema from './snapshot.schema.json' with {type: 'json'};
import {UnreadableSnapshot} from './unreadable-snapshot.js';

const systemMessages: Readonly<Record<string, string>> = {
	ENOENT: 'no such file',
	EACCES: 'permission denied',
	EISDIR: 'is a directory',
	ERR_FS_FILE_TOO_LARGE: 'is too large',
};

/** A file's bytes; throws UnreadableSnapshot with the system's reason. */
export const readBytes = (file: string): Buffer => {
	try {
		return readFileSync(file);
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

let validator: ValidateFunction | undefined;

/** The Snapshot in a text of JSON; throws UnreadableSnapshot when there is none of a version that can be read. */
export const parseSnapshot = (file: string, text: string): Snapshot => {
	const value = parse(file, text) as Partial<Snapshot> | null;
	if (typeof value !== 'object' || value?.kind !== 'ctop.snapshot') {
		throw new UnreadableSnapshot(`${file}: not a snapshot of ctop`);
	}

	const version = String(value.schemaVersion);
	if (!isReadableVersion(version)) {
		throw new UnreadableSnapshot(
			`${file}: has schema version ${version}, this ctop reads ${schemaVersion}`,
		);
	}

	validator ??= new Ajv2020({allowUnionTypes: true}).compile(schema);
	if (!validator(value)) {
		const {instancePath = '', message = ''} = validator.errors?.[0] ?? {};
		throw new UnreadableSnapshot(`${file}: damaged: ${instancePath} ${message}`);
	}

	// A file of a version that masked nothing must not pass its secrets on.
	return maskSecrets(value as Snapshot);
};
