import {readFileSync} from 'node:fs';
import path from 'node:path';
import {Ajv2020} from 'ajv/dist/2020.js';
import {expect, test} from 'vitest';
// @ts-expect-error: a script without types.
import {generateSchema} from '../../scripts/schema.js';
import schema from '../../source/snapshot/snapshot.schema.json' with {type: 'json'};
import {runCtop, takeSnapshot} from '../helpers/ctop.js';
import {makeIncident} from '../helpers/incident.js';

const validator = () => new Ajv2020({allowUnionTypes: true, strict: true}).compile(schema);

test('the schema is the one that the types give', () => {
	expect(schema).toEqual(JSON.parse(generateSchema()));
});

test('a Snapshot of this machine fulfils the schema', async () => {
	const validate = validator();
	validate(await takeSnapshot(1, ['-d', '0.3']));
	expect(validate.errors).toBe(null);
});

test('what is wrong does not fulfil the schema', () => {
	const validate = validator();
	expect(validate(makeIncident())).toBe(true);
	expect(validate({...makeIncident(), processes: [{pid: 'one'}]})).toBe(false);
	expect(validate({...makeIncident(), observedSeconds: null})).toBe(false);
});

test('ctop schema prints it', async () => {
	const {code, output} = await runCtop(['schema']);
	expect(code).toBe(0);
	expect(JSON.parse(output)).toEqual(schema);
});

test('every number that is a rate, a share or a size says its unit in its name', () => {
	const text = readFileSync(
		path.join(import.meta.dirname, '../../source/snapshot/snapshot.schema.json'),
		'utf8',
	);
	const names = new Set(
		[
			...text.matchAll(/"(\w*(?:rate|wait|cpu|memory|rss|timeout)\w*)": \{\s*"type": "number"/gi),
		].map(([, name]) => name!),
	);
	expect(names.size).toBeGreaterThan(5);
	for (const name of names) {
		expect(name).toMatch(
			/Percent$|Bytes$|Seconds$|Milliseconds$|PerSecond$|Average$|^cpus|^last?Cpu|^waiters|Looks$|Waits$/,
		);
	}
});
