/**
ctop's sampler alone, without findings and screen: the counterpart of reader.c. Once a second it sweeps over all threads and reads
what those that ran wait for. It prints the same line as reader.c, so that both can be seen to do the same.
*/
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {createAddressSpaces} from '../source/observer/address-spaces.js';
import {describeHost} from '../source/observer/host.js';
import {createWaitReader} from '../source/observer/wait-reader.js';
import {readMachine} from '../source/sampler/machine.js';
import {createSampler} from '../source/sampler/sampler.js';
import {thisMachine} from '../source/targets/local-target.js';

const intervalMilliseconds = 1000;

const sampler = createSampler(thisMachine);
const waits = createWaitReader(
	sampler.files,
	createAddressSpaces(thisMachine.procRoot),
	describeHost(thisMachine, 0).architecture,
);
const nothingInFocus: ReadonlySet<number> = new Set();

const sample = async (): Promise<number> => {
	const {moved} = await sampler.sweep(readMachine(thisMachine), nothingInFocus);
	for (const entry of moved) {
		waits.update(entry);
	}

	return moved.length;
};

await sample();
let next = performance.now();
for (let tick = 1; ; tick++) {
	next += intervalMilliseconds;
	await sleep(Math.max(0, next - performance.now()));
	const before = process.cpuUsage();
	const ran = await sample();
	const {user, system} = process.cpuUsage(before);
	process.stdout.write(
		`tick=${tick} threads=${sampler.table.threads.size} ran=${ran} cpuNanoseconds=${(user + system) * 1000}\n`,
	);
}
