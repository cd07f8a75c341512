import {mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, test} from 'vitest';
import {openFileCount} from '../../source/procfs/open-file-count.js';

test('the number of open files is the one that listing them shows, where the kernel tells it', context => {
	const count = openFileCount('/proc/self');
	context.skip(count === undefined, 'needs Linux 6.2');
	// To list them takes one more.
	expect(readdirSync('/proc/self/fd')).toHaveLength(count! + 1);
});

test('a recording and a process that is gone have no number of open files', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-count-'));
	try {
		mkdirSync(path.join(folder, 'fd'));
		writeFileSync(path.join(folder, 'fd', '0'), '');
		expect(openFileCount(folder)).toBeUndefined();
		expect(openFileCount(path.join(folder, 'gone'))).toBeUndefined();
	} finally {
		rmSync(folder, {recursive: true});
	}
});
