import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Check} from '../model/preflight.js';
import {checkDeletedFiles} from './checks/deleted-files.js';
import {checkDisks} from './checks/disks.js';
import {checkInodes} from './checks/inodes.js';
import {checkLimits} from './checks/limits.js';
import {checkLoad} from './checks/load.js';
import {checkMachine} from './checks/machine.js';
import {checkMemory} from './checks/memory.js';
import {checkSockets} from './checks/sockets.js';
import {checkVirtualMemory} from './checks/virtual-memory.js';
import {findPlace, type Place} from './place.js';
import {type CgroupReading, readCgroup} from './readers/cgroup.js';
import {type HardwareReading, readHardware} from './readers/hardware.js';
import {type KernelReading, readKernel} from './readers/kernel.js';
import {type LimitsReading, readLimits} from './readers/limits.js';
import {type MachineReading, readMachine} from './readers/machine.js';
import {type MountsReading, readMounts} from './readers/mounts.js';
import {type ProcessesReading, readProcesses} from './readers/processes.js';
import {readSleepers, type SleepingThread} from './readers/sleepers.js';
import {readSockets, type SocketsReading} from './readers/sockets.js';
import type {Span} from './span.js';

/** What is too dear for each second, of which the first look keeps what others are compared with: every mount, every socket. */
type Before = {
	atSeconds: number;
	mounts: MountsReading;
	sockets: SocketsReading;
	sleepers: readonly SleepingThread[];
	cgroup: CgroupReading;
	machine: MachineReading;
};

/** Every process's descriptors are what costs most. */
type WideReading = Before & {processes: ProcessesReading; limits: LimitsReading};

/** States of sockets whose process is worth naming. */
const namedStates: ReadonlySet<string> = new Set(['listen', 'close-wait']);

const readBefore = async (
	place: Place,
	knownSleepers: readonly SleepingThread[] | undefined,
): Promise<Before> => {
	const atSeconds = performance.now() / 1000;
	// Sockets first: children that ask mounts are spoken to over sockets.
	const [sockets, mounts] = await Promise.all([readSockets(place), readMounts(place)]);
	return {
		atSeconds,
		mounts,
		sockets,
		sleepers: knownSleepers ?? (await readSleepers(place)),
		cgroup: readCgroup(place, mounts.all ?? []),
		machine: readMachine(place),
	};
};

/** The first look is kept for as long as is watched, and of its sockets only what the kernel counted is compared. */
const withCountersAlone = (before: Before): Before => ({
	...before,
	sockets: {...before.sockets, sockets: undefined, backlogs: new Map()},
});

const readWide = async (
	place: Place,
	knownSleepers: readonly SleepingThread[] | undefined,
): Promise<WideReading> => {
	const before = await readBefore(place, knownSleepers);
	const {sockets} = before.sockets;
	const wanted = new Set(
		(sockets ?? []).filter(({state}) => namedStates.has(state)).map(({inode}) => inode),
	);
	return {
		...before,
		processes: await readProcesses(place, wanted),
		limits: readLimits(place),
	};
};

const judgeAll = (
	readings: readonly KernelReading[],
	first: Before,
	last: WideReading,
	hardware: HardwareReading,
): readonly Check[] => {
	const span = <Name extends keyof Before>(name: Name): Span<Before[Name]> => ({
		first: first[name],
		last: last[name],
		seconds: last.atSeconds - first.atSeconds,
	});
	const {mounts, processes} = last;
	return [
		checkDisks(span('mounts')),
		checkInodes(span('mounts')),
		checkDeletedFiles(mounts, processes),
		checkSockets(span('sockets'), processes.socketOwners),
		checkVirtualMemory(readings),
		checkLoad(readings, span('sleepers')),
		checkMachine({machine: span('machine'), cgroup: span('cgroup'), readings, hardware}),
		checkMemory(readings, span('cgroup')),
		checkLimits(last.limits, readings.at(-1), last.cgroup, processes),
	];
};

export type WatchOptions = {
	procRoot: string;
	/** How long to watch; without it, until the signal. */
	forSeconds?: number;
	/**
	Least time between two looks at everything, more where one costs much; Infinity for none but the last. Vmstat's line is read
	each second anyway.
	*/
	wideIntervalSeconds?: number;
	signal?: AbortSignal;
	/** Whether the hardware is to be asked for, before each look; always where it's missing. It starts some ten processes, once. */
	wantsHardware?: () => boolean;
	/** Threads in uninterruptible sleep, from one who watches them all anyway; undefined while that isn't known. */
	knownSleepers?: () => readonly SleepingThread[] | undefined;
};

export type Look = {checks: readonly Check[]; observedSeconds: number};

const kernelIntervalSeconds = 1;

/** Readings that are kept while there is no end: rates are over them, trends of what fills up over the whole watch. */
const keptReadings = 16;

/** A machine with thousands of processes is looked at less often rather than at their cost. */
const wideCpuShare = 0.005;

const pause = async (seconds: number, signal: AbortSignal | undefined): Promise<boolean> => {
	try {
		await sleep(seconds * 1000, undefined, {signal});
		return true;
	} catch {
		return false;
	}
};

/**
Watches the machine and yields all checks after each look at everything; the first as soon as there are two readings of what
has a rate. Ends when the time is over, which always brings a last look, or at the signal.
*/
export async function* watchPreflight({
	procRoot,
	forSeconds,
	wideIntervalSeconds = 15,
	signal,
	wantsHardware = () => true,
	knownSleepers = () => undefined,
}: WatchOptions): AsyncGenerator<Look> {
	const place = findPlace(procRoot);
	const askHardware = async () => (wantsHardware() ? readHardware(place) : {});
	const hardware = askHardware();
	const first = withCountersAlone(await readBefore(place, knownSleepers()));
	// Asking for the hardware starts processes: they would stand in the first line of vmstat.
	await hardware;
	const startedAt = performance.now() / 1000;
	const elapsed = () => performance.now() / 1000 - startedAt;
	const kept = forSeconds === undefined ? keptReadings : Infinity;
	let readings: readonly KernelReading[] = [readKernel(place)];
	let nextWideSeconds = Number.isFinite(wideIntervalSeconds) ? kernelIntervalSeconds : Infinity;
	/** What it read is let go of with it: a machine may have tens of thousands of sockets. */
	const look = async () => {
		const before = process.cpuUsage();
		const last = await readWide(place, knownSleepers());
		const {user, system} = process.cpuUsage(before);
		const checks = judgeAll(readings, first, last, await askHardware());
		return {checks, cpuSeconds: (user + system) / 1_000_000};
	};

	for (;;) {
		const left = forSeconds === undefined ? Infinity : forSeconds - elapsed();
		if (!(await pause(Math.max(0, Math.min(kernelIntervalSeconds, left)), signal))) {
			return;
		}

		readings = [...readings, readKernel(place)].slice(-kept);
		const over = forSeconds !== undefined && elapsed() >= forSeconds - 0.001;
		if (over || elapsed() >= nextWideSeconds) {
			const {checks, cpuSeconds} = await look();
			nextWideSeconds = elapsed() + Math.max(wideIntervalSeconds, cpuSeconds / wideCpuShare);
			yield {checks, observedSeconds: elapsed()};
		}

		if (over) {
			return;
		}
	}
}
