import {expect, test} from 'vitest';
import {formatBytes} from '../../source/format/bytes.js';

test.each([
	[0, '0 B'],
	[512, '512 B'],
	[1023.6, '1.0 KiB'],
	[1536, '1.5 KiB'],
	[92 * 1024 ** 2, '92 MiB'],
	[16 * 1024 ** 3, '16 GiB'],
	[-1, '0 B'],
])('%d bytes are %s', (bytes, text) => {
	expect(formatBytes(bytes)).toBe(text);
});
