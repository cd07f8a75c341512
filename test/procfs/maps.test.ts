import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {findMapping, parseMaps} from '../../source/procfs/maps.js';

const recorded = `55d0c8a5f000-55d0c8a60000 r--p 00000000 fe:00 2171319                    /usr/bin/python3.11
55d0c8e1c000-55d0c8f2c000 rw-p 00613000 fe:00 2171319                    /usr/bin/python3.11
55d0c8f2c000-55d0c8fbe000 rw-p 00000000 00:00 0 
55d0ca1d2000-55d0ca2f4000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000021000 rw-p 00000000 00:00 0                          [anon:glibc: malloc arena]
7f1000000000-7f1000001000 rw-s 00000000 00:01 1042                       /memfd:pool (deleted)
7f1000001000-7f1000002000 r-xp 00001000 08:02 77                         /srv/a b/x\\012y (deleted).so
7ffe9a5f1000-7ffe9a612000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

test('every field of a mapping is read', () => {
	expect(parseMaps(recorded)[1]).toEqual({
		start: 0x55d0c8e1c000,
		end: 0x55d0c8f2c000,
		permissions: 'rw-p',
		offset: 0x613000,
		device: 'fe:00',
		inode: 2171319,
		path: '/usr/bin/python3.11',
		isDeleted: false,
	});
});

test('anonymous memory has an empty path, and the kernel’s names stay in brackets', () => {
	expect(parseMaps(recorded).map(mapping => mapping.path)).toEqual([
		'/usr/bin/python3.11',
		'/usr/bin/python3.11',
		'',
		'[heap]',
		'[anon:glibc: malloc arena]',
		'/memfd:pool',
		'/srv/a b/x\ny (deleted).so',
		'[stack]',
	]);
});

test('a removed file is told from a name that merely contains the word', () => {
	const [removed, named] = parseMaps(recorded).slice(5);

	expect(removed?.isDeleted).toBe(true);
	expect(named?.isDeleted).toBe(false);
});

test('an address is found in the mapping that holds it, ends excluded', () => {
	const mappings = parseMaps(recorded);

	expect(findMapping(mappings, 0x55d0c8e1c000)?.offset).toBe(0x613000);
	expect(findMapping(mappings, 0x55d0c8f2bfff)?.inode).toBe(2171319);
	expect(findMapping(mappings, 0x55d0c8f2c000)?.path).toBe('');
	expect(findMapping(mappings, 0x55d0ca2f4000)).toBeUndefined();
	expect(findMapping(mappings, 0)).toBeUndefined();
	expect(findMapping(mappings, 0x7fffffffffff)).toBeUndefined();
	expect(findMapping([], 4096)).toBeUndefined();
});

test('lines that make no sense are left out', () => {
	expect(parseMaps('garbage\n\n7f00-8000 rw-p\n1000-2000 r--p 00000000 00:00 0\n')).toHaveLength(1);
});

test('the mappings of this very process are all understood', () => {
	const text = readFileSync('/proc/self/maps', 'utf8');
	const lines = text.split('\n').filter(line => line !== '' && !line.includes('[vsyscall]'));

	expect(parseMaps(text)).toHaveLength(lines.length);
});
