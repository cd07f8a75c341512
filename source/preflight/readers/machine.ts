import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {parseCpuList} from '../../procfs/cpu-list.js';
import {type CpuInfo, parseCpuinfo} from '../../procfs/cpuinfo.js';
import {readText} from '../../procfs/read-text.js';
import type {Place} from '../place.js';
import {parseReading} from './kernel.js';

export type MachineReading = {
	cpu: Reading<CpuInfo>;
	/** CPUs that are online, by number. */
	online: Reading<readonly number[]>;
	numaNodes: Reading<number>;
	/** As cpufreq tells it; missing in most virtual machines. */
	frequency?: {meanMegahertz: number; maximumMegahertz: number; governor?: string};
	/** Times that the CPUs were slowed down for their heat, summed; missing where they don't count it. */
	thermalThrottles?: number;
	clockSource: Reading<string>;
	/** Maker and product of the machine, which for a virtual one names its hypervisor. */
	product?: string;
	uptimeSeconds: Reading<number>;
	/** Name and version of the system, see os-release(5). */
	distribution?: string;
};

const readNumber = (path: string): number | undefined => {
	const text = readText(path)?.trim();
	return text && /^\d+$/.test(text) ? Number(text) : undefined;
};

const cpuDirectories = (sysRoot: string): readonly string[] => {
	const top = join(sysRoot, 'devices/system/cpu');
	try {
		return readdirSync(top)
			.filter(name => /^cpu\d+$/.test(name))
			.map(name => join(top, name));
	} catch {
		return [];
	}
};

const readFrequency = (directories: readonly string[]): MachineReading['frequency'] => {
	const read = (name: string) =>
		directories
			.map(directory => readNumber(join(directory, 'cpufreq', name)))
			.filter(value => value !== undefined);
	const current = read('scaling_cur_freq');
	const maximum = read('cpuinfo_max_freq');
	if (current.length === 0 || maximum.length === 0) {
		return undefined;
	}

	// The kernel writes kHz.
	return {
		meanMegahertz: current.reduce((sum, value) => sum + value, 0) / current.length / 1000,
		maximumMegahertz: Math.max(...maximum) / 1000,
		governor: readText(join(directories[0]!, 'cpufreq/scaling_governor'))?.trim(),
	};
};

const readThrottles = (directories: readonly string[]): number | undefined => {
	const counts = directories
		.map(directory => readNumber(join(directory, 'thermal_throttle/core_throttle_count')))
		.filter(value => value !== undefined);
	return counts.length > 0 ? counts.reduce((sum, value) => sum + value, 0) : undefined;
};

const readProduct = (sysRoot: string): string | undefined => {
	const read = (name: string) => readText(join(sysRoot, 'class/dmi/id', name))?.trim();
	const parts = [read('sys_vendor'), read('product_name')].filter(Boolean);
	return parts.length > 0 ? parts.join(' ') : undefined;
};

const readDistribution = (rootPrefix: string): string | undefined =>
	/^PRETTY_NAME="?(.*?)"?$/m.exec(readText(join(rootPrefix, '/etc/os-release')) ?? '')?.[1];

/** Reads what the machine is; all of it from files, no process is started. */
export const readMachine = ({procRoot, sysRoot, rootPrefix}: Place): MachineReading => {
	const system = join(sysRoot, 'devices/system');
	const directories = cpuDirectories(sysRoot);
	return {
		cpu: parseReading(readText(join(procRoot, 'cpuinfo')), parseCpuinfo),
		online: parseReading(readText(join(system, 'cpu/online')), parseCpuList),
		numaNodes: parseReading(
			readText(join(system, 'node/online')),
			text => parseCpuList(text).length,
		),
		frequency: readFrequency(directories),
		thermalThrottles: readThrottles(directories),
		clockSource: parseReading(
			readText(join(system, 'clocksource/clocksource0/current_clocksource')),
			text => text.trim(),
		),
		product: readProduct(sysRoot),
		distribution: readDistribution(rootPrefix),
		uptimeSeconds: parseReading(
			readText(join(procRoot, 'uptime')),
			text => Number.parseFloat(text) || undefined,
		),
	};
};
