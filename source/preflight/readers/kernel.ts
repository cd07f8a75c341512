import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {type LoadAverage, parseLoadAverage} from '../../procfs/loadavg.js';
import {type MachineStat, parseMachineStat} from '../../procfs/machine-stat.js';
import {type MemoryInfo, parseMeminfo} from '../../procfs/meminfo.js';
import {parsePageSize} from '../../procfs/page-size.js';
import {type PressureFile, parsePressure} from '../../procfs/pressure.js';
import {readBytes, readText} from '../../procfs/read-text.js';
import {parseVmstat, type VmCounters} from '../../procfs/vmstat.js';
import type {Place} from '../place.js';

/** Counters of the whole machine, cheap enough for each second. */
export type KernelReading = {
	/** CLOCK_MONOTONIC. */
	atSeconds: number;
	stat: Reading<MachineStat & {interrupts: number}>;
	vm: Reading<VmCounters>;
	memory: Reading<MemoryInfo>;
	load: Reading<LoadAverage>;
	pageBytes: number;
	pressure: Readonly<Record<'cpu' | 'io' | 'memory', Reading<PressureFile>>>;
};

/** Parses the text of a reading; no text stays what it was: refused or not there. */
export const parseReading = <Value>(
	text: Reading<string>,
	parse: (text: string) => Value | undefined,
): Reading<Value> => (typeof text === 'string' ? parse(text) : text);

const parseStat = (text: string): (MachineStat & {interrupts: number}) | undefined => {
	const stat = parseMachineStat(text);
	const interrupts = Number(/^intr (\d+)/m.exec(text)?.[1] ?? 0);
	return stat && {...stat, interrupts};
};

/** Where nobody may tell: that of x86-64 and of most others. */
const usualPageBytes = 4096;

export const readKernel = ({procRoot, viewpoint}: Place): KernelReading => {
	const read = <Value>(name: string, parse: (text: string) => Value | undefined) =>
		parseReading(readText(join(procRoot, name)), parse);
	return {
		atSeconds: performance.now() / 1000,
		stat: read('stat', parseStat),
		vm: read('vmstat', parseVmstat),
		memory: read('meminfo', parseMeminfo),
		load: read('loadavg', parseLoadAverage),
		pageBytes:
			parsePageSize(readBytes(join(viewpoint, 'auxv')) ?? Buffer.alloc(0)) ?? usualPageBytes,
		pressure: {
			cpu: read('pressure/cpu', parsePressure),
			io: read('pressure/io', parsePressure),
			memory: read('pressure/memory', parsePressure),
		},
	};
};
