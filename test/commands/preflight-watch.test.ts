import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, it} from 'vitest';
import {type PreflightLook, startPreflightWatch} from '../../source/commands/preflight-watch.js';

/** A /proc whose machine has no memory left. */
const makeProc = (): string => {
	const directory = mkdtempSync(path.join(tmpdir(), 'ctop-watch-'));
	const files = {
		stat: 'cpu  1 0 1 100 0 0 0 0 0 0\ncpu0 1 0 1 100 0 0 0 0 0 0\nctxt 1\nprocs_running 1\n',
		vmstat: 'pswpin 0\n',
		meminfo: 'MemTotal: 1000 kB\nMemAvailable: 10 kB\n',
		'1/mountinfo': '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n',
	};
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(directory, 'proc', name)), {recursive: true});
		writeFileSync(path.join(directory, 'proc', name), text);
	}

	return directory;
};

it('calls back with the checks and with what is bad as findings, until it is stopped', async () => {
	const directory = makeProc();
	let stop = () => {};
	const look = await new Promise<PreflightLook>((resolve, reject) => {
		stop = startPreflightWatch(path.join(directory, 'proc'), resolve, reject, {
			wantsHardware: () => false,
		});
	});
	stop();
	rmSync(directory, {recursive: true});
	expect(look.checks).toHaveLength(9);
	expect(look.findings).toMatchObject([
		{
			rule: 'preflight-memory',
			severity: 'critical',
			title: expect.stringContaining('10.0 KiB of 1000 KiB'),
		},
	]);
});
