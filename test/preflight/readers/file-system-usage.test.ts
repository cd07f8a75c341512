import {statfsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {expect, it} from 'vitest';
import {mayHang, readUsage} from '../../../source/preflight/readers/file-system-usage.js';
import {runTool} from '../../helpers/run-tool.js';

it('asks what answers by itself without a process of its own', async () => {
	const {blocks, bsize, files} = statfsSync(tmpdir());
	expect(await readUsage(tmpdir(), 'ext4')).toMatchObject({
		totalBytes: blocks * bsize,
		inodes: files,
	});
});

it('asks what may hang through stat, with the same answer', async ({skip}) => {
	skip((await runTool('stat', ['--version'])) === undefined, 'no stat(1) here');
	const {blocks, bsize, files} = statfsSync(tmpdir());
	expect(await readUsage(tmpdir(), 'nfs4', 30_000)).toMatchObject({
		totalBytes: blocks * bsize,
		inodes: files,
	});
});

it('takes for safe only what is known to answer from the kernel', () => {
	expect(['ext4', 'xfs', 'tmpfs', 'overlay'].filter(mayHang)).toEqual([]);
	const remote = ['nfs', 'nfs4', 'cifs', 'smb3', 'fuse.sshfs', 'ceph', '9p', 'never-heard-of'];
	expect(remote.filter(mayHang)).toEqual(remote);
});

it('says why there is no answer', async () => {
	expect(await readUsage('/not/there', 'ext4')).toEqual({reason: 'statfs: ENOENT'});
	expect(await readUsage('/not/there', 'nfs4', 30_000)).toEqual({
		reason: expect.stringMatching(/^stat -f: (No such file or directory|ENOENT)$/),
	});
});
