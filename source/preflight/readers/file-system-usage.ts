import {execFile} from 'node:child_process';
import type {StatsFs} from 'node:fs';
import {statfs} from 'node:fs/promises';
import process from 'node:process';

/** Size of a file system in bytes and inodes, as statfs(2) tells it. */
export type Usage = {
	totalBytes: number;
	freeBytes: number;
	/** Free for those who aren't root. */
	availableBytes: number;
	/** 0 where the file system doesn't count inodes. */
	inodes: number;
	freeInodes: number;
};

/** A usage, or why there is none. */
export type UsageAnswer = Usage | {reason: string; refused?: true};

/** File systems whose statfs answers from the kernel's memory, without asking a server or a daemon. */
const answersItself: ReadonlySet<string> = new Set(
	(
		'bcachefs btrfs cramfs devtmpfs erofs exfat ext2 ext3 ext4 f2fs hfsplus hugetlbfs iso9660 jfs msdos nilfs2 ntfs3 ' +
		'overlay ramfs reiserfs rootfs squashfs sysfs tmpfs ubifs udf vfat xfs zfs'
	).split(' '),
);

/** Whether asking this type of file system may hang for as long as somebody else doesn't answer. */
export const mayHang = (type: string): boolean => !answersItself.has(type);

const noAnswer = (milliseconds: number): string => `no answer within ${milliseconds / 1000} s`;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

const askHere = async (path: string): Promise<UsageAnswer> => {
	try {
		const stats: StatsFs & {frsize?: number} = await statfs(path);
		const {blocks, bfree, bavail, files, ffree, bsize, frsize = bsize} = stats;
		return {
			totalBytes: blocks * frsize,
			freeBytes: bfree * frsize,
			availableBytes: bavail * frsize,
			inodes: files,
			freeInodes: ffree,
		};
	} catch (error) {
		const code = codeOf(error);
		return {reason: `statfs: ${code}`, ...(code === 'EACCES' && {refused: true})};
	}
};

/** stat(1) names the reason last: `stat: cannot read file system information for '/x': Permission denied`. */
const asRefusal = (error: Error | null, complaint: string): UsageAnswer => {
	const said = complaint.trim().split(': ').at(-1);
	const reason = said || (error ? codeOf(error) : 'no numbers');
	return {
		reason: `stat -f: ${reason}`,
		...(said === 'Permission denied' && {refused: true}),
	};
};

/** Where a question still hangs: it isn't asked a second time, or a dead server would gather processes. */
const unanswered = new Set<string>();

/**
Asks a file system that may never answer. A thread of Node's own pool would be lost to a dead server, and would keep the
program from exiting; stat(1) is a process of its own, that is left behind when it doesn't answer.
*/
const askElsewhere = (path: string, timeoutMilliseconds: number): Promise<UsageAnswer> =>
	new Promise(resolve => {
		if (unanswered.has(path)) {
			resolve({reason: noAnswer(timeoutMilliseconds)});
			return;
		}

		const child = execFile(
			'stat',
			['-f', '-c', '%S %b %f %a %c %d', '--', path],
			{env: {...process.env, LC_ALL: 'C'}},
			(error, output, complaint) => {
				clearTimeout(timer);
				unanswered.delete(path);
				const numbers = output.trim().split(' ').map(Number);
				const [size, blocks, free, available, inodes, freeInodes] = numbers;
				if (error || numbers.length !== 6 || numbers.some(Number.isNaN)) {
					resolve(asRefusal(error, complaint));
					return;
				}

				resolve({
					totalBytes: blocks! * size!,
					freeBytes: free! * size!,
					availableBytes: available! * size!,
					inodes: inodes!,
					freeInodes: freeInodes!,
				});
			},
		);
		const timer = setTimeout(() => {
			resolve({reason: noAnswer(timeoutMilliseconds)});
			unanswered.add(path);
			// In an uninterruptible sleep it dies only when the server comes back: nothing here waits for that.
			child.kill('SIGKILL');
			child.stdout?.destroy();
			child.stderr?.destroy();
			child.unref();
		}, timeoutMilliseconds);
	});

/** How full a mounted file system is; always answers within the timeout, and no dead server can keep the program alive. */
export const readUsage = (
	path: string,
	type: string,
	timeoutMilliseconds = 2000,
): Promise<UsageAnswer> =>
	mayHang(type) ? askElsewhere(path, timeoutMilliseconds) : askHere(path);
