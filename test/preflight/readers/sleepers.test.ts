import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {expect, it} from 'vitest';
import {checkLoad} from '../../../source/preflight/checks/load.js';
import {findPlace} from '../../../source/preflight/place.js';
import {readKernel} from '../../../source/preflight/readers/kernel.js';
import {readSleepers} from '../../../source/preflight/readers/sleepers.js';

const place = findPlace('/proc');
const hasCompiler = spawnSync('cc', ['--version']).status === 0;

it.skipIf(!hasCompiler)(
	'finds a thread in uninterruptible sleep, which the load counts',
	async () => {
		const directory = mkdtempSync(path.join(tmpdir(), 'ctop-uninterruptible-'));
		const file = path.join(directory, 'uninterruptible');
		const source = path.join(import.meta.dirname, '../trouble/uninterruptible.c');
		expect(spawnSync('cc', ['-o', file, source]).stderr.toString()).toBe('');
		const child = spawn(file, {stdio: ['ignore', 'pipe', 'inherit']});
		const [line] = (await once(createInterface({input: child.stdout}), 'line')) as [string];
		const [parent, sleeper] = line.split(' ').map(Number);
		try {
			const kernel = [readKernel(place)];
			const first = await readSleepers(place);
			const last = await readSleepers(place);
			kernel.push(readKernel(place));
			const found = last.find(({pid}) => pid === parent);
			expect(found).toMatchObject({tid: parent, name: 'uninterruptible'.slice(0, 15)});
			const check = checkLoad(kernel, {first, last, seconds: 1});
			expect(check.details.join('\n')).toMatch(
				new RegExp(`${parent}/${parent} +uninterruptible +in `),
			);
			expect(
				check.measurements.find(({what}) => what.includes('uninterruptible'))?.value,
			).toBeGreaterThanOrEqual(1);
		} finally {
			process.kill(sleeper!, 'SIGKILL');
			rmSync(directory, {recursive: true, force: true});
		}
	},
);
