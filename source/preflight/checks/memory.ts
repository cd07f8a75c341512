import {countText} from '../../model/count-text.js';
import type {Check} from '../../model/preflight.js';
import type {MemoryInfo} from '../../procfs/meminfo.js';
import {above, below, makeCheck, measure, symptom} from '../judge.js';
import type {CgroupReading} from '../readers/cgroup.js';
import type {KernelReading} from '../readers/kernel.js';
import {growth, perSecond, type Span} from '../span.js';
import {vmstatLine} from '../vmstat-line.js';
import {bytes, duration, percent, plural} from '../words.js';

const availableWatchPercent = 10;
const availableBadPercent = 5;
const swapWatchKibibytes = 100;
const swapBadKibibytes = 5000;
const faultsWatch = 100;
const faultsBad = 1000;
const pressureWatchPercent = 5;
const pressureBadPercent = 20;
const cgroupWatchPercent = 90;
const cgroupBadPercent = 98;
const idleHugePagesWatchPercent = 10;

const findHungry = {
	what: 'find the processes with the most memory',
	why: 'when nothing is available the kernel kills one of its own choice',
	command: 'ps axo pid,rss,comm --sort=-rss | head',
};

const judgeAvailable = (memory: MemoryInfo) => {
	const total = memory.get('MemTotal') ?? 0;
	// MemAvailable came with Linux 3.14; before, what is free and what can be dropped is the next best.
	const available =
		memory.get('MemAvailable') ?? (memory.get('MemFree') ?? 0) + (memory.get('Cached') ?? 0);
	const measurement = measure(
		'memory available',
		total > 0 ? (available / total) * 100 : undefined,
		'%',
		'/proc/meminfo MemAvailable',
		below(availableWatchPercent, availableBadPercent),
	);
	return {
		available,
		total,
		measurements: [measurement, measure('memory available', available, 'bytes', '/proc/meminfo')],
		symptoms: symptom(
			measurement,
			`${bytes(available)} of ${bytes(total)} available: the kernel will soon drop caches, swap or kill`,
			[findHungry],
		),
	};
};

const judgeMovement = (first: KernelReading, last: KernelReading) => {
	const line = vmstatLine(first, last);
	const seconds = last.atSeconds - first.atSeconds;
	const moving = line && line.swapInKibibytesPerSecond + line.swapOutKibibytesPerSecond;
	const faults = perSecond(first.vm?.get('pgmajfault'), last.vm?.get('pgmajfault'), seconds);
	const swap = measure(
		'swap moving, in and out',
		moving,
		'KiB/s',
		'/proc/vmstat pswpin, pswpout',
		above(swapWatchKibibytes, swapBadKibibytes),
	);
	const majorFaults = measure(
		'major page faults',
		faults,
		'/s',
		'/proc/vmstat pgmajfault',
		above(faultsWatch, faultsBad),
	);
	return {
		measurements: [swap, majorFaults],
		symptoms: [
			...symptom(
				swap,
				`swap moves ${bytes((moving ?? 0) * 1024)} a second: programs wait for their own memory`,
				[findHungry],
			),
			...symptom(
				majorFaults,
				`${countText(faults ?? 0)} major page faults a second: memory is read back from disk all the time`,
			),
		],
	};
};

const judgeKills = (first: KernelReading, last: KernelReading, cgroup: Span<CgroupReading>) => {
	const sinceBoot = last.vm?.get('oom_kill');
	const now = growth(first.vm?.get('oom_kill'), sinceBoot);
	const inCgroup = growth(cgroup.first.oomKills, cgroup.last.oomKills);
	const recent = measure(
		'processes killed for lack of memory, while watched',
		now === undefined && inCgroup === undefined ? undefined : Math.max(now ?? 0, inCgroup ?? 0),
		'',
		'/proc/vmstat oom_kill, memory.events',
		above(undefined, 1),
	);
	const all = measure(
		'processes killed for lack of memory, since boot',
		sinceBoot,
		'',
		'/proc/vmstat oom_kill',
		above(1),
	);
	const fixes = [
		{
			what: 'see which processes were killed',
			why: 'a service that restarts by itself hides that it is killed again and again',
			command: "dmesg -T | grep -i 'killed process'",
		},
	];
	return {
		measurements: [recent, all],
		symptoms: [
			...symptom(
				recent,
				`${plural(Number(recent.value), 'process', 'processes')} killed for lack of memory just now`,
				fixes,
			),
			...symptom(
				all,
				`${plural(sinceBoot ?? 0, 'process', 'processes')} killed for lack of memory since boot`,
				fixes,
			),
		],
	};
};

const judgePressure = ({pressure}: KernelReading) => {
	const full = pressure.memory?.full;
	if (!full) {
		return {measurements: [], symptoms: []};
	}

	const measurement = measure(
		'time in which all tasks waited for memory (pressure, 10 s)',
		full.avg10Percent,
		'%',
		'/proc/pressure/memory',
		above(pressureWatchPercent, pressureBadPercent),
	);
	return {
		measurements: [measurement],
		symptoms: symptom(
			measurement,
			`everything waited for memory ${percent(full.avg10Percent)} of the last 10 s`,
			[findHungry],
		),
	};
};

const judgeCgroup = ({memory}: CgroupReading) => {
	if (!memory) {
		return {measurements: [], symptoms: []};
	}

	const measurement = measure(
		"cgroup's memory in use, of its limit",
		(memory.used / memory.maximum) * 100,
		'%',
		memory.directory,
		above(cgroupWatchPercent, cgroupBadPercent),
	);
	return {
		measurements: [measurement],
		symptoms: symptom(
			measurement,
			`the cgroup uses ${bytes(memory.used)} of its ${bytes(memory.maximum)}: at the limit the kernel kills within it, whatever the machine has free`,
			[findHungry],
		),
	};
};

const judgeHugePages = (memory: MemoryInfo) => {
	const size = memory.get('Hugepagesize') ?? 0;
	const idle = (memory.get('HugePages_Free') ?? 0) - (memory.get('HugePages_Rsvd') ?? 0);
	const measurement = measure(
		'memory set aside as huge pages that nobody uses',
		((idle * size) / (memory.get('MemTotal') || 1)) * 100,
		'%',
		'/proc/meminfo HugePages_Free',
		above(idleHugePagesWatchPercent),
	);
	return {
		measurements: [measurement],
		symptoms: symptom(
			measurement,
			`${bytes(idle * size)} are set aside as huge pages and nobody uses them`,
			[
				{
					what: 'set fewer aside',
					why: 'nothing else can use that memory',
					command: 'sysctl vm.nr_hugepages',
				},
			],
		),
		line: `huge pages: ${countText(memory.get('HugePages_Total') ?? 0)} of ${bytes(size)} set aside, ${countText(memory.get('HugePages_Free') ?? 0)} free; transparent ${bytes(memory.get('AnonHugePages') ?? 0)}`,
	};
};

/** Whether memory is short, and what that does already. */
export const checkMemory = (
	readings: readonly KernelReading[],
	cgroup: Span<CgroupReading>,
): Check => {
	const first = readings[0];
	const last = readings.at(-1);
	const identity = {id: 'memory', title: 'Memory'};
	if (!first || !last?.memory) {
		const reason = last?.memory === null ? 'was refused' : 'is not there';
		const missing = [`/proc/meminfo ${reason}`];
		return makeCheck({...identity, fine: '', symptoms: [], measurements: [], missing});
	}

	const {memory} = last;
	const available = judgeAvailable(memory);
	const hugePages = judgeHugePages(memory);
	const parts = [
		available,
		judgeMovement(first, last),
		judgeKills(first, last, cgroup),
		judgePressure(last),
		judgeCgroup(cgroup.last),
		hugePages,
	];
	const swapTotal = memory.get('SwapTotal') ?? 0;
	const swapUsed = swapTotal - (memory.get('SwapFree') ?? 0);
	const seconds = last.atSeconds - first.atSeconds;
	return makeCheck({
		...identity,
		fine: `${bytes(available.available)} of ${bytes(available.total)} available, ${swapTotal > 0 ? `${bytes(swapUsed)} swap in use and hardly moving` : 'no swap'}`,
		symptoms: parts.flatMap(({symptoms}) => symptoms),
		measurements: [
			...parts.flatMap(({measurements}) => measurements),
			measure('swap in use', swapUsed, 'bytes', '/proc/meminfo'),
			measure('swap', swapTotal, 'bytes', '/proc/meminfo'),
			measure('huge pages set aside', memory.get('HugePages_Total'), 'pages', '/proc/meminfo'),
		],
		details: [
			`free ${bytes(memory.get('MemFree') ?? 0)}, buffers ${bytes(memory.get('Buffers') ?? 0)}, cache ${bytes(memory.get('Cached') ?? 0)}, shared ${bytes(memory.get('Shmem') ?? 0)}, page size ${bytes(last.pageBytes)}`,
			hugePages.line,
		],
		missing:
			seconds > 0 && first.vm && last.vm
				? []
				: [`rates need two readings of /proc/vmstat; watched for ${duration(seconds)}`],
		fineAllTheSame: false,
	});
};
