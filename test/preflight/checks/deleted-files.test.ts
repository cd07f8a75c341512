import {expect, it} from 'vitest';
import {checkDeletedFiles} from '../../../source/preflight/checks/deleted-files.js';
import type {MountsReading} from '../../../source/preflight/readers/mounts.js';
import {parseMountinfo} from '../../../source/procfs/mountinfo.js';
import {processesReading} from '../../helpers/preflight-readings.js';

const gibibyte = 1024 ** 3;
const all = parseMountinfo('1 0 8:1 / / rw - ext4 /dev/sda1 rw\n');
const mounts: MountsReading = {
	all,
	usages: [
		{
			mount: all[0]!,
			usage: {
				totalBytes: 10 * gibibyte,
				freeBytes: gibibyte,
				availableBytes: gibibyte,
				inodes: 0,
				freeInodes: 0,
			},
		},
	],
};
const file = (bytes: number, device = '8:1') => ({
	device,
	inode: bytes,
	path: '/var/log/app.log',
	bytes,
	holders: [{pid: 9, name: 'app'}],
});

it('says how much is held, of what, and by whom', () => {
	const processes = processesReading({deletedFiles: [file(3 * gibibyte)]});
	expect(checkDeletedFiles(mounts, processes)).toMatchObject({
		verdict: 'bad',
		summary: 'deleted files hold 3.0 GiB of / (30 %), most of it app (9)',
		details: ['3.0 GiB  /var/log/app.log  held by app (9)'],
	});
});

it('leaves shared memory out, which lies on no disk', () => {
	const processes = processesReading({deletedFiles: [file(3 * gibibyte, '0:1')]});
	expect(checkDeletedFiles(mounts, processes)).toMatchObject({verdict: 'ok', summary: 'none'});
});

it('does not say none when it could not look', () => {
	expect(checkDeletedFiles(mounts, processesReading({refused: 12}))).toMatchObject({
		verdict: 'unknown',
		reason: expect.stringContaining('12 processes of other users were refused'),
	});
});
