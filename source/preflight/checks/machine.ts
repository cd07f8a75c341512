import type {Check} from '../../model/preflight.js';
import type {Reading} from '../../model/reading.js';
import {above, makeCheck, measure, symptom} from '../judge.js';
import type {CgroupReading} from '../readers/cgroup.js';
import type {HardwareReading} from '../readers/hardware.js';
import type {KernelReading} from '../readers/kernel.js';
import type {MachineReading} from '../readers/machine.js';
import {growth, type Span} from '../span.js';
import {vmstatLine} from '../vmstat-line.js';
import {bytes, duration, percent, plural, printable} from '../words.js';

const stealWatchPercent = 5;
const stealBadPercent = 15;
const throttledWatchPercent = 5;
const throttledBadPercent = 25;

/** Clock sources that take a system call, or worse an I/O port, for each look at the clock; see the kernel's timekeeping.rst. */
const slowClocks: ReadonlySet<string> = new Set([
	'acpi_pm',
	'hpet',
	'jiffies',
	'pit',
	'refined-jiffies',
	'xen',
]);

const clockFile = '/sys/devices/system/clocksource/clocksource0/current_clocksource';

const judgeClock = (clockSource: Reading<string>) => {
	const slow = clockSource ? slowClocks.has(clockSource) : false;
	const measurement = measure(
		'clock source is one that is slow to read',
		clockSource ? Number(slow) : clockSource === null ? null : undefined,
		'',
		clockFile,
		clockSource ? above(1) : undefined,
	);
	return {
		measurement,
		symptoms: symptom(
			measurement,
			`the clock is read from ${clockSource}, which is slow: programs that ask for the time often pay a system call for each`,
			[
				{
					what: 'look why the kernel distrusts the TSC',
					why: 'it is read in nanoseconds without entering the kernel',
					command:
						'dmesg | grep -iE "tsc|clocksource"; cat /sys/devices/system/clocksource/clocksource0/available_clocksource',
				},
			],
		),
	};
};

const judgeSteal = (readings: readonly KernelReading[]) => {
	const line = readings.length > 1 ? vmstatLine(readings[0]!, readings.at(-1)!) : undefined;
	const measurement = measure(
		'CPU time that the hypervisor gave to others (steal)',
		line?.stealPercent,
		'%',
		'/proc/stat',
		above(stealWatchPercent, stealBadPercent),
	);
	return {
		measurement,
		symptoms: symptom(
			measurement,
			`the hypervisor took ${percent(line?.stealPercent ?? 0)} of the CPU time: neighbours are noisy or credits are used up`,
		),
	};
};

const judgeThrottling = ({first, last}: Span<CgroupReading>) => {
	const periods = growth(first.cpuPeriods?.all, last.cpuPeriods?.all);
	const throttled = growth(first.cpuPeriods?.throttled, last.cpuPeriods?.throttled);
	if (last.cpuQuotaPercent === undefined || periods === undefined || throttled === undefined) {
		return undefined;
	}

	const share = periods === 0 ? 0 : (throttled / periods) * 100;
	const measurement = measure(
		"periods in which the cgroup's CPU quota ran out",
		share,
		'%',
		'cpu.stat nr_throttled',
		above(throttledWatchPercent, throttledBadPercent),
	);
	return {
		measurement,
		symptoms: symptom(
			measurement,
			`the cgroup's quota of ${percent(last.cpuQuotaPercent)} of a CPU ran out in ${percent(share)} of the periods: its threads stood still`,
			[
				{
					what: 'raise the quota, or run no more busy threads than it has CPUs',
					why: 'all threads of the cgroup stop until the next period, also one that holds a lock',
				},
			],
		),
	};
};

const judgeHeat = ({first, last}: Span<MachineReading>) => {
	const throttles = growth(first.thermalThrottles, last.thermalThrottles);
	if (throttles === undefined) {
		return undefined;
	}

	const measurement = measure(
		'times that a CPU was slowed down for its heat, while watched',
		throttles,
		'',
		'thermal_throttle/core_throttle_count',
		above(1),
	);
	return {
		measurement,
		symptoms: symptom(measurement, 'CPUs are slowed down because they are too hot'),
	};
};

const shapeOf = ({cpu}: MachineReading, hardware: HardwareReading, cpus: number): string => {
	const cores = cpu?.cores ?? hardware.physicalCores;
	const sockets = cpu?.sockets ?? hardware.sockets;
	return [
		plural(cpus, 'CPU'),
		...(cores === undefined
			? []
			: [
					`${plural(cores, 'core')} with ${plural(Math.max(1, Math.round(cpus / cores)), 'thread')} each`,
				]),
		...(sockets === undefined ? [] : [plural(sockets, 'socket')]),
	].join(', ');
};

/** `model name`, or what lscpu(1) makes of the numbers that ARM has instead. */
const modelOf = ({cpu}: MachineReading, hardware: HardwareReading): string =>
	printable(cpu?.model ?? hardware.cpuBrand ?? 'a CPU without a name');

const virtualisationOf = (
	{cpu, product}: MachineReading,
	{hypervisor}: HardwareReading,
): string => {
	if (cpu?.hypervisor || hypervisor) {
		return `virtual (${hypervisor ?? product ?? 'its hypervisor does not tell its name'})`;
	}

	return cpu ? 'no hypervisor seen' : 'not known';
};

const frequencyOf = ({cpu, frequency}: MachineReading): string => {
	if (frequency) {
		return `${Math.round(frequency.meanMegahertz)} of at most ${Math.round(frequency.maximumMegahertz)} MHz${frequency.governor ? `, governor ${frequency.governor}` : ''}`;
	}

	return cpu?.megahertz
		? `${Math.round(cpu.megahertz)} MHz as the machine tells it; no frequency control here`
		: 'not told';
};

export type MachineInput = {
	machine: Span<MachineReading>;
	cgroup: Span<CgroupReading>;
	readings: readonly KernelReading[];
	hardware: HardwareReading;
};

/** What the machine is and whether all of it is ours: `lscpu`, and the limits of the cgroup. */
export const checkMachine = ({machine, cgroup, readings, hardware}: MachineInput): Check => {
	const {last} = machine;
	const cpus = last.online?.length ?? last.cpu?.cpus ?? 0;
	const limits = cgroup.last;
	const clock = judgeClock(last.clockSource);
	const steal = judgeSteal(readings);
	const judged = [steal, judgeThrottling(cgroup), judgeHeat(machine), clock].filter(
		part => part !== undefined,
	);
	const memoryBytes = readings.at(-1)?.memory?.get('MemTotal');
	const uptime = last.uptimeSeconds ?? undefined;
	const shape = shapeOf(last, hardware, cpus);
	return makeCheck({
		id: 'machine',
		title: 'Machine',
		fine: `${modelOf(last, hardware)}: ${shape}${memoryBytes ? `, ${bytes(memoryBytes)} of memory` : ''}`,
		symptoms: judged.flatMap(({symptoms}) => symptoms),
		measurements: [
			...judged.map(({measurement}) => measurement),
			measure('clock source', last.clockSource, '', clockFile),
			measure('model', last.cpu?.model ?? hardware.cpuBrand, '', '/proc/cpuinfo'),
			measure('CPUs online', cpus, '', '/sys/devices/system/cpu/online'),
			measure('cores', last.cpu?.cores ?? hardware.physicalCores, '', '/proc/cpuinfo'),
			measure('sockets', last.cpu?.sockets ?? hardware.sockets, '', '/proc/cpuinfo'),
			measure('NUMA nodes', last.numaNodes, '', '/sys/devices/system/node/online'),
			measure('hypervisor', hardware.hypervisor, '', 'lscpu'),
			measure('memory', memoryBytes, 'bytes', '/proc/meminfo'),
			measure('CPU quota of the cgroup', limits.cpuQuotaPercent, '% of a CPU', 'cpu.max'),
			measure('memory limit of the cgroup', limits.memory?.maximum, 'bytes', 'memory.max'),
			measure('uptime', uptime, 's', '/proc/uptime'),
		],
		details: [
			`${modelOf(last, hardware)}: ${shape}, ${last.numaNodes ? plural(last.numaNodes, 'NUMA node') : 'NUMA not told'}`,
			`frequency: ${frequencyOf(last)}; heat: ${last.thermalThrottles === undefined ? 'not counted here' : `slowed down ${plural(last.thermalThrottles, 'time')} since boot`}`,
			`virtualisation: ${virtualisationOf(last, hardware)}; clock source: ${last.clockSource ?? 'not told'}`,
			`cgroup: ${limits.cpuQuotaPercent === undefined ? 'no CPU quota' : `CPU quota ${Math.round(limits.cpuQuotaPercent)} % of a CPU`}, ${limits.memory ? `memory limit ${bytes(limits.memory.maximum)}` : 'no memory limit'}`,
			`up ${uptime === undefined ? '(not told)' : duration(uptime)}${last.distribution ? `, ${printable(last.distribution)}` : ''}`,
		],
		missing: [
			...(last.cpu ? [] : ['/proc/cpuinfo could not be read']),
			...(steal.measurement.verdict === 'unknown'
				? ['steal needs two readings of /proc/stat']
				: []),
			...(last.clockSource ? [] : ['the clock source is not told here']),
		],
		fineAllTheSame:
			last.cpu !== null && last.cpu !== undefined && steal.measurement.verdict !== 'unknown',
	});
};
