import type {Place} from '../place.js';

/** What only programs such as lscpu(1) can ask the CPU itself; missing keys: they didn't say. */
export type HardwareReading = {
	distribution?: string;
	cpuBrand?: string;
	sockets?: number;
	physicalCores?: number;
	threads?: number;
	/** Gigahertz. */
	maximumSpeed?: number;
	/** The hypervisor's name, where the machine is virtual. */
	hypervisor?: string;
};

/** Its children are lscpu, dmidecode, cat and the like; none of them may hold up the look. */
const patienceMilliseconds = 3000;

const ask = async (): Promise<HardwareReading> => {
	const {default: information} = await import('systeminformation');
	const [cpu, operatingSystem, system] = await Promise.all([
		information.cpu(),
		information.osInfo(),
		information.system(),
	]);
	return {
		...(operatingSystem.distro && {
			distribution: `${operatingSystem.distro} ${operatingSystem.release}`.trim(),
		}),
		...(cpu.brand && {cpuBrand: `${cpu.manufacturer} ${cpu.brand}`.trim()}),
		...(cpu.processors > 0 && {sockets: cpu.processors}),
		...(cpu.physicalCores > 0 && {physicalCores: cpu.physicalCores}),
		...(cpu.cores > 0 && {threads: cpu.cores}),
		...(cpu.speedMax > 0 && {maximumSpeed: cpu.speedMax}),
		...(system.virtual && system.virtualHost && {hypervisor: system.virtualHost}),
	};
};

let answer: Promise<HardwareReading> | undefined;

/**
Asks once in the program's life, since it starts some twenty processes; empty when the answer takes too long, and for another
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
