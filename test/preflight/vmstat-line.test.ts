import {expect, it} from 'vitest';
import {vmstatLine} from '../../source/preflight/vmstat-line.js';
import {parseMeminfo} from '../../source/procfs/meminfo.js';
import {kernelReading, oneSecondLater} from '../helpers/preflight-readings.js';

const first = kernelReading();

it('counts nice as user, interrupts as system, and shares of all CPUs', () => {
	const cpu = {
		user: 20,
		nice: 10,
		system: 20,
		irq: 10,
		softirq: 10,
		idle: 100,
		iowait: 20,
		steal: 10,
	};
	expect(vmstatLine(first, oneSecondLater(first, {cpu}))).toMatchObject({
		userPercent: 15,
		systemPercent: 20,
		idlePercent: 50,
		waitPercent: 10,
		stealPercent: 5,
	});
});

it('counts pages of swap in the size that this kernel has', () => {
	const large = kernelReading({pageBytes: 65_536});
	const line = vmstatLine(
		large,
		oneSecondLater(large, {
			vm: [
				['pswpin', 10],
				['pgpgin', 7],
			],
		}),
	);
	expect(line).toMatchObject({swapInKibibytesPerSecond: 640, blocksInPerSecond: 7});
});

it('counts reclaimable slabs as cache', () => {
	const memory = parseMeminfo(
		'Cached: 100 kB\nSReclaimable: 20 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n',
	);
	expect(vmstatLine(first, {...oneSecondLater(first), memory})).toMatchObject({
		cacheKibibytes: 120,
		swapUsedKibibytes: 30,
	});
});

it('gives no negative rate when a counter went backwards', () => {
	const later = oneSecondLater(first, {vm: [['pgpgout', 500]]});
	expect(vmstatLine(later, {...first, atSeconds: 2})?.blocksOutPerSecond).toBe(0);
});

it('gives no line when a file was refused', () => {
	expect(vmstatLine({...first, vm: null}, oneSecondLater(first))).toBeUndefined();
});
