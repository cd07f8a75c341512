import type {CpuTicks} from '../procfs/machine-stat.js';
import type {KernelReading} from './readers/kernel.js';
import {perSecond} from './span.js';

/** One line of vmstat(8) in its order; KiB and rates per second. */
export type VmstatLine = {
	runnable: number;
	blocked: number;
	swapUsedKibibytes: number;
	freeKibibytes: number;
	buffersKibibytes: number;
	cacheKibibytes: number;
	swapInKibibytesPerSecond: number;
	swapOutKibibytesPerSecond: number;
	blocksInPerSecond: number;
	blocksOutPerSecond: number;
	interruptsPerSecond: number;
	contextSwitchesPerSecond: number;
	userPercent: number;
	systemPercent: number;
	idlePercent: number;
	waitPercent: number;
	stealPercent: number;
};

const cpuShares = (first: CpuTicks, last: CpuTicks) => {
	const ticks = (name: keyof CpuTicks): number => Math.max(0, last[name] - first[name]);
	const all = (Object.keys(last) as (keyof CpuTicks)[]).reduce((sum, name) => sum + ticks(name), 0);
	const share = (...names: readonly (keyof CpuTicks)[]): number =>
		all === 0 ? 0 : (names.reduce((sum, name) => sum + ticks(name), 0) / all) * 100;
	return {
		userPercent: share('user', 'nice'),
		systemPercent: share('system', 'irq', 'softirq'),
		idlePercent: share('idle'),
		waitPercent: share('iowait'),
		stealPercent: share('steal'),
	};
};

/** What vmstat would print for the time between two readings; undefined when one lacks a file. */
export const vmstatLine = (first: KernelReading, last: KernelReading): VmstatLine | undefined => {
	if (!first.stat || !last.stat || !first.vm || !last.vm || !last.memory) {
		return undefined;
	}

	const seconds = last.atSeconds - first.atSeconds;
	const rate = (name: string): number =>
		perSecond(first.vm?.get(name), last.vm?.get(name), seconds) ?? 0;
	const pageKibibytes = last.pageBytes / 1024;
	const size = (name: string): number => (last.memory?.get(name) ?? 0) / 1024;
	return {
		runnable: last.stat.runnable,
		blocked: last.stat.blocked,
		swapUsedKibibytes: size('SwapTotal') - size('SwapFree'),
		freeKibibytes: size('MemFree'),
		buffersKibibytes: size('Buffers'),
		cacheKibibytes: size('Cached') + size('SReclaimable'),
		swapInKibibytesPerSecond: rate('pswpin') * pageKibibytes,
		swapOutKibibytesPerSecond: rate('pswpout') * pageKibibytes,
		blocksInPerSecond: rate('pgpgin'),
		blocksOutPerSecond: rate('pgpgout'),
		interruptsPerSecond: perSecond(first.stat.interrupts, last.stat.interrupts, seconds) ?? 0,
		contextSwitchesPerSecond:
			perSecond(first.stat.contextSwitches, last.stat.contextSwitches, seconds) ?? 0,
		...cpuShares(first.stat.cpu, last.stat.cpu),
	};
};
