/** What /proc/cpuinfo says of the CPUs that are online; keys that an architecture doesn't write are missing. */
export type CpuInfo = {
	cpus: number;
	/** `model name`; on ARM the kernel writes none. */
	model?: string;
	vendor?: string;
	sockets?: number;
	/** Cores of all sockets; less than `cpus` where a core runs several threads. */
	cores?: number;
	/** Mean of `cpu MHz`. */
	megahertz?: number;
	/** The flag that hypervisors show to their guests. */
	hypervisor: boolean;
};

const values = (text: string, name: string): readonly string[] =>
	Array.from(text.matchAll(new RegExp(`^${name}\\s*: (.*)$`, 'gm')), match => match[1]!);

/** Parses /proc/cpuinfo, see proc_cpuinfo(5). */
export const parseCpuinfo = (text: string): CpuInfo => {
	const cpus = values(text, 'processor').length;
	const packages = values(text, 'physical id');
	const coreIds = values(text, 'core id');
	const megahertz = values(text, 'cpu MHz').map(Number);
	const sameLength = packages.length === cpus && coreIds.length === cpus && cpus > 0;
	return {
		cpus,
		model: values(text, 'model name')[0],
		vendor: values(text, 'vendor_id')[0],
		sockets: sameLength ? new Set(packages).size : undefined,
		cores: sameLength
			? new Set(packages.map((socket, index) => `${socket}/${coreIds[index]}`)).size
			: undefined,
		megahertz:
			megahertz.length > 0
				? megahertz.reduce((sum, value) => sum + value, 0) / megahertz.length
				: undefined,
		hypervisor: / hypervisor( |$)/.test(values(text, 'flags')[0] ?? ''),
	};
};
