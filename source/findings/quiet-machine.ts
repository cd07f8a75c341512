import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {System} from '../model/system.js';
import type {Thread} from '../model/thread.js';
import {orZero, sum} from './thread-facts.js';

/**
Servers flat out take 5 to 20 µs a packet, 12 µs one of 64 KiB over loopback. And to wake another thread takes a few: one that is woken as
often gets its work from the one that burns, through memory that they share. Go's own threads wake 1,500 times a second beside a spinning one.
*/
const leastMicrosecondsPerEvent = 100;

/** CPU time of a thread a second. */
export const cpuMicroseconds = ({cpuPercent}: Thread): number => orZero(cpuPercent) * 10_000;

/** Whether something happens so seldom that it can't be what they burn their CPU for. */
export const isRareBeside = (burners: readonly Thread[], perSecond: number): boolean =>
	sum(burners, cpuMicroseconds) >= perSecond * leastMicrosecondsPerEvent;

/** Of files that somebody writes to; a thread that does so with short calls dirties a page for each 4 KiB. */
const mostDirtiedPagesPerSecond = 200;

/** Whether nothing on the whole machine moves for which they may make their calls; nothing that can't be read counts as that. */
const isQuietAround = (
	{kernelWork}: Process,
	burners: readonly Thread[],
	system: System,
): boolean => {
	const {wakeSources, contextSwitchesPerSecond = Infinity, paging} = system;
	// The machine's are counted only where those of a process's own network can't be read.
	const packets = wakeSources?.receivedPacketsPerSecond ?? kernelWork?.packetsPerSecond ?? Infinity;
	return (
		isRareBeside(burners, packets) &&
		isRareBeside(burners, contextSwitchesPerSecond) &&
		(paging?.dirtiedPagesPerSecond ?? Infinity) <= mostDirtiedPagesPerSecond
	);
};

/** Whoever reads what it writes works in the kernel as well: measured of Go's child that reads short lines 45 % of a CPU, by several threads. */
const mostSystemPercentOfOthers = 20;

/** Another one at work may be what it makes its calls for: the two need not sleep to hand bytes on through a pipe. */
const isAlone = (
	own: Process,
	burners: readonly Thread[],
	{processes, sampling}: Snapshot,
): boolean =>
	own.threads.every(other => burners.includes(other) || other.kernelWork === undefined) &&
	processes.every(
		process =>
			process === own ||
			process.pid === sampling.ownPid ||
			orZero(process.systemCpuPercent) <= mostSystemPercentOfOthers,
	);

/**
Whether nothing moves, on the whole machine, for which these threads of a process may make their system calls: no packets, no other thread that
works in the kernel or wakes as often, no files that are written.
*/
export const isQuietBeside = (
	process: Process,
	burners: readonly Thread[],
	latest: Snapshot,
): boolean => isQuietAround(process, burners, latest.system) && isAlone(process, burners, latest);
