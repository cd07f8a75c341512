import {expect, test} from 'vitest';
import {goVersion} from '../../../source/runtimes/go/build-info.js';

const buildInfo = (flags: number, version: string): Buffer => {
	const bytes = Buffer.alloc(64);
	bytes.write('\u00FF Go buildinf:', 'latin1');
	bytes[14] = 8;
	bytes[15] = flags;
	bytes[32] = version.length;
	bytes.write(version, 33, 'latin1');
	return bytes;
};

test('a program of Go begins its data with the version that made it', () => {
	expect(goVersion(Buffer.concat([Buffer.alloc(160), buildInfo(2, 'go1.22.4')]))).toBe('1.22');
	expect(goVersion(buildInfo(2, 'go1.19.8'))).toBe('1.19');
});

test('one from before Go 1.18 keeps it elsewhere, a development version has none', () => {
	expect(goVersion(buildInfo(0, 'go1.17'))).toBe('');
	expect(goVersion(buildInfo(2, 'devel +abc'))).toBe('');
});

test('any other program has none, not even one that knows the mark', () => {
	expect(goVersion(Buffer.alloc(512))).toBeUndefined();
	expect(goVersion(Buffer.concat([Buffer.alloc(5), buildInfo(2, 'go1.22')]))).toBeUndefined();
	expect(goVersion(buildInfo(2, 'go1.22').subarray(0, 20))).toBeUndefined();
});
