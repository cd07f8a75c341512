import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {Ajv} from 'ajv';
import {expect, test} from 'vitest';
import {formatSpeedscope} from '../../../source/format/flame/speedscope.js';
import {sampleProbe} from '../probe/sample-probe.js';

const speedscope = path.dirname(createRequire(import.meta.url).resolve('speedscope/package.json'));

test('the file is what the speedscope package says that it opens', () => {
	const schema = JSON.parse(
		readFileSync(path.join(speedscope, 'dist/release/file-format-schema.json'), 'utf8'),
	) as object;
	const validate = new Ajv({strict: false}).compile(schema);
	const file = JSON.parse(
		formatSpeedscope(sampleProbe.offCpu, {name: 'gunicorn (4711)', exporter: 'ctop'}),
	) as {profiles: [{samples: number[][]; weights: number[]; endValue: number}]};
	expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
	const [profile] = file.profiles;
	expect(profile.samples).toEqual([
		[0, 1, 2],
		[0, 3, 4],
	]);
	expect(profile.endValue).toBe(20_000);
	expect(validate({...file, profiles: [{...profile, type: 'nonsense'}]})).toBe(false);
});
