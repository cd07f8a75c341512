import {expect, it} from 'vitest';
import {checkDisks} from '../../../source/preflight/checks/disks.js';
import {checkInodes} from '../../../source/preflight/checks/inodes.js';
import type {UsageAnswer} from '../../../source/preflight/readers/file-system-usage.js';
import {parseMountinfo} from '../../../source/procfs/mountinfo.js';
import {still} from '../../helpers/preflight-readings.js';

const gibibyte = 1024 ** 3;
const half: UsageAnswer = {
	totalBytes: 10 * gibibyte,
	freeBytes: 5 * gibibyte,
	availableBytes: 5 * gibibyte,
	inodes: 1000,
	freeInodes: 500,
};
const full: UsageAnswer = {...half, freeBytes: 0, availableBytes: 0, freeInodes: 0};
const nothing: UsageAnswer = {
	totalBytes: 0,
	freeBytes: 0,
	availableBytes: 0,
	inodes: 0,
	freeInodes: 0,
};
const root = ['8:1 / / rw - ext4 /dev/sda1 rw', half] as const;

const mounts = (...described: readonly (readonly [string, UsageAnswer])[]) => {
	const all = parseMountinfo(described.map(([line], index) => `${index + 2} 1 ${line}\n`).join(''));
	return still({all, usages: all.map((mount, index) => ({mount, usage: described[index]![1]}))});
};

it('leaves out file systems without a size, as df does', () => {
	const span = mounts(root, ['0:9 / /run/x rw - fuse.lxcfs lxcfs rw', nothing]);
	expect(checkDisks(span).details).toHaveLength(2);
	expect(checkDisks(span).summary).toContain(
		'1 file system, the fullest / with 50 % used, 5.0 GiB left',
	);
	expect(checkInodes(span).details).toHaveLength(2);
});

it('is not alarmed by images that are full by nature', () => {
	const span = mounts(root, ['7:0 / /snap/core ro - squashfs /dev/loop0 ro', full]);
	expect(checkDisks(span).verdict).toBe('ok');
	expect(checkInodes(span).verdict).toBe('ok');
});

it('says that one which does not answer hangs whatever touches it', () => {
	const span = mounts(root, [
		'0:50 / /home rw - nfs4 server:/home rw',
		{reason: 'no answer within 2 s'},
	]);
	expect(checkDisks(span)).toMatchObject({
		verdict: 'watch',
		summary: '/home does not answer: whatever touches it hangs until its server is back',
		reason: '/home (nfs4): no answer within 2 s',
	});
	expect(checkInodes(span).verdict).toBe('unknown');
});

it('is fine in spite of mounts that are private to others, and says which', () => {
	const refused: UsageAnswer = {reason: 'statfs: EACCES', refused: true};
	const others = [1, 2, 3, 4].map(
		number => [`0:6${number} / /private/${number} rw - overlay overlay rw`, refused] as const,
	);
	expect(checkDisks(mounts(root, ...others))).toMatchObject({
		verdict: 'ok',
		reason: expect.stringMatching(
			/^\/private\/1 \(overlay\): statfs: EACCES; .*; and 1 more mount$/,
		),
	});
	expect(checkDisks(mounts(...others)).verdict).toBe('unknown');
});

it('notices a file system that stopped itself after an error', () => {
	const span = mounts(['8:1 / / rw - ext4 /dev/sda1 rw,emergency_ro', half]);
	expect(checkDisks(span)).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('/ turned read-only'),
	});
});

it('notices a root that is read-only', () => {
	expect(checkDisks(mounts(['8:1 / / ro - ext4 /dev/sda1 ro', half]))).toMatchObject({
		verdict: 'watch',
		summary: expect.stringContaining('/ is mounted read-only'),
	});
});

it('is unknown where the mounts were refused', () => {
	expect(checkDisks(still({all: null, usages: []}))).toMatchObject({
		verdict: 'unknown',
		reason: 'mountinfo was refused',
	});
});

it('has the whole size, with what is reserved for root, as df does', () => {
	const reserved = {...half, freeBytes: 5 * gibibyte, availableBytes: 4 * gibibyte};
	const [, row] = checkDisks(mounts(['8:1 / / rw - ext4 /dev/sda1 rw', reserved])).details;
	expect(row?.split(/ {2,}/)).toEqual(
		expect.arrayContaining(['10.0 GiB', '5.0 GiB', '4.0 GiB', '56%']),
	);
});
