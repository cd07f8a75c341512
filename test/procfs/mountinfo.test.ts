import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {parseMountinfo} from '../../source/procfs/mountinfo.js';

it('reads a line of the manual page, optional fields and all', () => {
	expect(
		parseMountinfo(
			'36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n',
		),
	).toEqual([
		{
			id: 36,
			parentId: 35,
			device: '98:0',
			root: '/mnt1',
			mountPoint: '/mnt2',
			options: ['rw', 'noatime'],
			type: 'ext3',
			source: '/dev/root',
			superOptions: ['rw', 'errors=continue'],
		},
	]);
});

it('gives escaped blanks, newlines and backslashes back', () => {
	const [mount] = parseMountinfo('1 0 0:9 / /a\\040b\\012c\\134d rw - tmpfs two\\040words rw\n');
	expect(mount?.mountPoint).toBe('/a b\nc\\d');
	expect(mount?.source).toBe('two words');
});

it('reads a mount without a source, which the kernel writes as nothing', () => {
	expect(parseMountinfo('1 0 0:9 / /a rw - tmpfs  rw\n')[0]).toMatchObject({
		type: 'tmpfs',
		source: '',
	});
});

it('leaves out lines that are none', () => {
	expect(parseMountinfo('\nnonsense\n1 0 0:9 / /a rw\n')).toEqual([]);
});

it('reads every mount of this machine', () => {
	const text = readFileSync('/proc/self/mountinfo', 'utf8');
	expect(parseMountinfo(text)).toHaveLength(text.trim().split('\n').length);
});
