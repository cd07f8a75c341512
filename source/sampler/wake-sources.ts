import type {WakeSources} from '../model/system.js';
import {parseTimerInterrupts} from '../procfs/interrupts.js';
import {readText} from '../procfs/read-text.js';
import {parseReceivedPackets} from '../procfs/softnet-stat.js';
import {ratePerSecond} from './rates.js';

/** Counters of what wakes threads from outside of all processes. */
export type WakeSourceCounters = {timerInterrupts?: number; receivedPackets?: number};

/** Reads them; those that aren't there are left out. */
export const readWakeSources = (procRoot: string): WakeSourceCounters => {
	const timerInterrupts = parseTimerInterrupts(readText(`${procRoot}/interrupts`) ?? '');
	const receivedPackets = parseReceivedPackets(readText(`${procRoot}/net/softnet_stat`) ?? '');
	return {
		...(timerInterrupts !== undefined && {timerInterrupts}),
		...(receivedPackets !== undefined && {receivedPackets}),
	};
};

/** Rates between two readings; a counter that wrapped or that one of them lacks has none. */
export const wakeSourcesBetween = (
	before: WakeSourceCounters,
	after: WakeSourceCounters,
	seconds: number,
): WakeSources => {
	const rate = (name: keyof WakeSourceCounters): number | undefined => {
		const [earlier, later] = [before[name], after[name]];
		return earlier === undefined || later === undefined
			? undefined
			: ratePerSecond(earlier, later, seconds);
	};
	const timerInterruptsPerSecond = rate('timerInterrupts');
	const receivedPacketsPerSecond = rate('receivedPackets');
	return {
		...(timerInterruptsPerSecond !== undefined && {timerInterruptsPerSecond}),
		...(receivedPacketsPerSecond !== undefined && {receivedPacketsPerSecond}),
	};
};
