import {expect, it} from 'vitest';
import {checkMemory} from '../../../source/preflight/checks/memory.js';
import {parseMeminfo} from '../../../source/procfs/meminfo.js';
import {parsePressure} from '../../../source/procfs/pressure.js';
import {kernelReading, noCgroup, oneSecondLater, still} from '../../helpers/preflight-readings.js';

const first = kernelReading();
const look = (last = oneSecondLater(first), cgroup = still(noCgroup)) =>
	checkMemory([first, last], cgroup);

it('is fine at rest and says what is available', () => {
	expect(look()).toMatchObject({verdict: 'ok', summary: '8.0 GiB of 16.0 GiB available, no swap'});
});

it('is bad when next to nothing is available', () => {
	const memory = parseMeminfo('MemTotal: 1000 kB\nMemAvailable: 40 kB\nMemFree: 900 kB\n');
	const check = look({...oneSecondLater(first), memory});
	expect(check.verdict).toBe('bad');
	expect(check.measurements[0]).toMatchObject({
		value: 4,
		threshold: {watch: 10, bad: 5, side: 'below'},
	});
});

it('tells swap that moves from swap that lies still', () => {
	const memory = parseMeminfo(
		'MemTotal: 1000 kB\nMemAvailable: 500 kB\nSwapTotal: 100 kB\nSwapFree: 1 kB\n',
	);
	expect(look({...oneSecondLater(first), memory}).verdict).toBe('ok');
	const moving = oneSecondLater(first, {vm: [['pswpout', 2000]]});
	expect(look(moving)).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('7.8 MiB a second'),
	});
});

it('counts kills since boot, and takes those of just now more seriously', () => {
	const killedBefore = kernelReading({vm: new Map([['oom_kill', 3]])});
	expect(checkMemory([killedBefore, oneSecondLater(killedBefore)], still(noCgroup))).toMatchObject({
		verdict: 'watch',
		summary: '3 processes killed for lack of memory since boot',
	});
	expect(look(oneSecondLater(first, {vm: [['oom_kill', 1]]}))).toMatchObject({
		verdict: 'bad',
		summary: '1 process killed for lack of memory just now',
	});
	const inCgroup = {first: {oomKills: 1}, last: {oomKills: 2}, seconds: 1};
	expect(look(oneSecondLater(first), inCgroup).verdict).toBe('bad');
});

it('notices major faults, pressure, and huge pages that nobody uses', () => {
	expect(look(oneSecondLater(first, {vm: [['pgmajfault', 500]]})).summary).toContain(
		'500 major page faults',
	);
	const pressure = {
		cpu: undefined,
		io: undefined,
		memory: parsePressure(
			'some avg10=50.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=30.00 avg60=0.00 avg300=0.00 total=0\n',
		),
	};
	expect(look({...oneSecondLater(first), pressure})).toMatchObject({verdict: 'bad'});
	const memory = parseMeminfo(
		'MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\nHugePages_Total: 2048\nHugePages_Free: 2048\nHugePages_Rsvd: 0\nHugepagesize: 2048 kB\n',
	);
	expect(look({...oneSecondLater(first), memory}).summary).toContain(
		'4.0 GiB are set aside as huge pages',
	);
});

it("holds the cgroup's memory against its own limit", () => {
	const memory = {used: 990, maximum: 1000, directory: '/sys/fs/cgroup'};
	expect(look(oneSecondLater(first), still({memory}))).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('whatever the machine has free'),
	});
});

it('is unknown where meminfo was refused', () => {
	expect(look({...oneSecondLater(first), memory: null})).toMatchObject({
		verdict: 'unknown',
		reason: '/proc/meminfo was refused',
	});
});
