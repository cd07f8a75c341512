import {describe, expect, it} from 'vitest';
import {distinctMounts, mountFinder} from '../../source/preflight/distinct-mounts.js';
import {parseMountinfo} from '../../source/procfs/mountinfo.js';

const points = (text: string) =>
	distinctMounts(parseMountinfo(text)).map(mount => mount.mountPoint);

describe('the file systems that df lists', () => {
	it('are real ones, not those that show kernel data', () => {
		expect(
			points(
				'1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:4 / /proc rw - proc proc rw\n3 1 0:5 / /sys rw - sysfs sysfs rw\n4 3 0:6 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
			),
		).toEqual(['/']);
	});

	it('are listed once however often they are mounted', () => {
		expect(
			points(
				'1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 /var/lib/x /srv/x rw - ext4 /dev/sda1 rw\n3 1 8:1 / /mnt rw - ext4 /dev/sda1 rw\n',
			),
		).toEqual(['/']);
	});

	it('are those that a path leads to: a later mount covers an earlier one', () => {
		expect(
			points(
				'1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /a rw - tmpfs first rw\n3 2 0:10 / /a rw - tmpfs second rw\n',
			),
		).toEqual(['/', '/a']);
		const mounts = parseMountinfo(
			'1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /a rw - tmpfs first rw\n3 2 0:10 / /a rw - tmpfs second rw\n',
		);
		expect(mountFinder(mounts)('/a/b')?.source).toBe('second');
		expect(mountFinder(mounts)('/ab')?.source).toBe('/dev/sda1');
	});

	it('are not those that lie under a covered directory', () => {
		expect(
			points(
				'1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /a/hidden rw - tmpfs hidden rw\n3 1 0:10 / /a rw - tmpfs cover rw\n',
			),
		).toEqual(['/', '/a']);
	});

	it('count subvolumes of btrfs as file systems of their own', () => {
		expect(
			points(
				'1 0 0:20 /root / rw - btrfs /dev/sda2 rw,subvol=/root\n2 1 0:20 /home /home rw - btrfs /dev/sda2 rw,subvol=/home\n',
			),
		).toEqual(['/', '/home']);
	});
});
