import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {build} from 'esbuild';
import {expect, test} from 'vitest';

const source = path.join(import.meta.dirname, '../../source');
const inside = ['unshare', '--fork', '--pid', '--mount-proc'];

/** In a pid namespace of its own, where it decides which id is handed out next: see proc_sys_kernel(5), ns_last_pid. */
const program = `
	import {spawn} from 'node:child_process';
	import {writeFileSync} from 'node:fs';
	import {once} from 'node:events';
	import {setTimeout as sleep} from 'node:timers/promises';
	import {readMachine} from '${source}/sampler/machine.ts';
	import {createSampler} from '${source}/sampler/sampler.ts';
	import {thisMachine} from '${source}/targets/local-target.ts';

	const sampler = createSampler(thisMachine);
	const sweep = () => sampler.sweep(readMachine(thisMachine), new Set());
	const seen = pid => {
		const {name, startTimeTicks, commandLine, threads} = sampler.table.processes.get(pid) ?? {};
		return {name, startTimeTicks, commandLine, rates: [...threads?.values() ?? []].map(each => each.voluntarySwitchesPerSecond ?? null)};
	};
	const first = spawn('sleep', ['100']);
	await once(first, 'spawn');
	await sweep();
	await sleep(50);
	await sweep();
	const before = seen(first.pid);
	first.kill('SIGKILL');
	await once(first, 'exit');
	let second;
	for (let attempt = 0; attempt < 20 && second?.pid !== first.pid; attempt++) {
		second?.kill('SIGKILL');
		writeFileSync('/proc/sys/kernel/ns_last_pid', String(first.pid - 1));
		second = spawn('tail', ['-f', '/dev/null']);
		await once(second, 'spawn');
	}
	await sweep();
	const after = seen(first.pid);
	await sleep(50);
	await sweep();
	const later = seen(first.pid);
	second.kill('SIGKILL');
	sampler.close();
	console.log(JSON.stringify({isReused: second.pid === first.pid, before, after, later}));
`;

const mayMakeNamespace = (): boolean => {
	try {
		execFileSync(inside[0]!, [...inside.slice(1), 'true'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
};

test('an id that the kernel hands out again is another process, at once', async context => {
	context.skip(
		process.getuid?.() !== 0 || !mayMakeNamespace(),
		'may not make a pid namespace here',
	);
	const folder = mkdtempSync(path.join(tmpdir(), 'ctop-reused-'));
	try {
		const outfile = path.join(folder, 'reuse.mjs');
		await build({
			stdin: {contents: program, resolveDir: source, loader: 'ts'},
			outfile,
			bundle: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			logLevel: 'warning',
		});
		const output = execFileSync(inside[0]!, [...inside.slice(1), process.execPath, outfile]);
		const {isReused, before, after, later} = JSON.parse(output.toString());
		context.skip(!isReused, 'the id went to somebody else');
		expect(before).toMatchObject({name: 'sleep', commandLine: ['sleep', '100'], rates: [0]});
		expect(after).toMatchObject({name: 'tail', commandLine: ['tail', '-f', '/dev/null']});
		expect(after.startTimeTicks).toBeGreaterThanOrEqual(before.startTimeTicks);
		expect(after.rates).toEqual([null]);
		expect(later.rates).toEqual([expect.any(Number)]);
	} finally {
		rmSync(folder, {recursive: true});
	}
});
