import {execFile} from 'node:child_process';
import process from 'node:process';
import type {Place} from '../place.js';

/** What only programs such as lscpu(1) can ask the CPU itself; missing keys: they didn't say. */
export type HardwareReading = {
	cpuBrand?: string;
	sockets?: number;
	physicalCores?: number;
	/** The hypervisor's name, where the machine is virtual. */
	hypervisor?: string;
};

/** Its children are lscpu, dmidecode, cat and the like; none of them may hold up the look. */
const patienceMilliseconds = 3000;

/** The CPU itself names it, by an instruction that only lscpu(1) gives; systeminformation needs root for less. */
const askHypervisor = (): Promise<string | undefined> =>
	new Promise(resolve => {
		execFile(
			'lscpu',
			{timeout: patienceMilliseconds, env: {...process.env, LC_ALL: 'C'}},
			(_, output) => resolve(/^ *Hypervisor vendor: +(.+)$/m.exec(output)?.[1]),
		);
	});

const ask = async (): Promise<HardwareReading> => {
	const {default: information} = await import('systeminformation');
	// Not its osInfo(): that asks a name server for the host's full name, and holds up the whole program until it answers.
	const [cpu, hypervisor] = await Promise.all([information.cpu(), askHypervisor()]);
	return {
		...(cpu.brand && {cpuBrand: `${cpu.manufacturer} ${cpu.brand}`.trim()}),
		...(cpu.processors > 0 && {sockets: cpu.processors}),
		...(cpu.physicalCores > 0 && {physicalCores: cpu.physicalCores}),
		...(hypervisor && {hypervisor}),
	};
};

let answer: Promise<HardwareReading> | undefined;

/**
Asks once in the program's life, since it starts some ten processes; empty when the answer takes too long, and for another
machine's /proc, of which it would know nothing.
*/
export const readHardware = (place: Place): Promise<HardwareReading> => {
	if (!place.own) {
		return Promise.resolve({});
	}

	answer ??= Promise.race([
		ask().catch(() => ({})),
		new Promise<HardwareReading>(resolve => {
			setTimeout(() => resolve({}), patienceMilliseconds).unref();
		}),
	]);
	return answer;
};
