import schema from '../snapshot/snapshot.schema.json' with {type: 'json'};
import {writeOutput} from './output.js';
import {exitCode, UsageError} from './usage-error.js';

/** `ctop schema [snapshot]`: the JSON Schema that every Snapshot in a file or a recording fulfils. Returns the exit code. */
export const runSchema = ([name = 'snapshot', ...rest]: readonly string[]): number => {
	if (name !== 'snapshot' || rest.length > 0) {
		throw new UsageError(`no schema '${rest[0] ?? name}'; there is one, of the snapshot`);
	}

	writeOutput(`${JSON.stringify(schema, undefined, '\t')}\n`);
	return exitCode.fine;
};
