import {expect, test} from 'vitest';
import {fitParts} from '../../source/format/fit-parts.js';
import {activityParts, machineParts, samplingParts} from '../../source/format/header.js';
import {makeHost, makeSnapshot, makeSystem} from '../helpers/snapshot.js';

const wide = (parts: Parameters<typeof fitParts>[0]) => fitParts(parts, Number.POSITIVE_INFINITY);
const {sampling} = makeSnapshot();

test('the machine is named with what it has and what wants it', () => {
	expect(wide(machineParts(makeSnapshot()))).toBe(
		'ctop web-07  up 1d02h  4 cpus  load 5.11 4.20 3.90  run 3 blk 0  Linux 6.18.0 x86_64',
	);
});

test('CPUs that may not be used are told', () => {
	const host = makeHost({cpusAllowed: 2, cpuQuotaPercent: 150, container: 'docker'});
	const line = wide(machineParts(makeSnapshot({host})));
	expect(line).toContain('4 cpus (2 allowed, quota 150%)');
	expect(line).toContain('in docker');
});

test('the CPU split, switches and pressure stand in one line', () => {
	expect(wide(activityParts(makeSnapshot()))).toBe(
		'csw 12.4k/s  cpu us 40 sy 13 id 45 wa  2 si  1 st  0  psi cpu 18 io <1 mem  0  1 procs 320 thr  forks 2.0/s  mem 9.0 GiB of 16 GiB free',
	);
});

test('pressure that the kernel refuses or does not have is not a zero', () => {
	const refused = makeSystem({pressure: {cpu: null}});
	expect(wide(activityParts(makeSnapshot({system: refused})))).toContain('psi cpu  ?');
	const none = makeSystem({
		pressure: undefined,
		cpu: undefined,
		contextSwitchesPerSecond: undefined,
	});
	const line = wide(activityParts(makeSnapshot({system: none})));
	expect(line).not.toContain('psi');
	expect(line).toContain('csw -  cpu -');
});

test('what ctop costs, may see and missed is told', () => {
	const line = wide(
		samplingParts(
			makeSnapshot({
				sampling: {
					...sampling,
					level: 'own',
					refused: {syscall: 12},
					gaps: [{at: '2026-01-01T12:00:00.000Z', seconds: 3.1}],
				},
			}),
		),
	);
	expect(line).toBe(
		'gaps 1 (3.1s lost)  sees own processes only  every 1s  ctop uses 1.8% 92 MiB  refused: syscall 12',
	);
});

test('a late or torn sample is shown as one, and what a small limit of open files costs', () => {
	const line = wide(
		samplingParts(
			makeSnapshot({
				sampling: {
					...sampling,
					lateMilliseconds: 400,
					threadsTorn: 2,
					descriptorLimit: 816,
					threadsWithoutDescriptor: 9300,
				},
			}),
		),
	);
	expect(line).toContain('late 0.4s  torn 2 thr');
	expect(line).toContain('9300 thr read at 3x cost: ulimit -n leaves 816');
});

test('what a small limit of open files costs is told on a narrow screen too, in fewer words', () => {
	const parts = samplingParts(
		makeSnapshot({
			sampling: {
				...sampling,
				refused: {syscall: 12, wchan: 9300},
				descriptorLimit: 816,
				threadsWithoutDescriptor: 9300,
			},
		}),
	);
	expect(fitParts(parts, 80)).toContain('  9300 thr at 3x cost');
	expect(fitParts(parts, 40)).toContain('  9300 thr at 3x cost');
});

test('parts give way whole, the least important first', () => {
	const parts = [
		{text: 'first', priority: 0},
		{text: 'least', priority: 9},
		{text: 'middle', priority: 1},
	];
	expect(fitParts(parts, 30, 'NOW')).toBe('first  least  middle       NOW');
	expect(fitParts(parts, 22, 'NOW')).toBe(`first  middle${' '.repeat(6)}NOW`);
	expect(fitParts(parts, 9)).toBe('first');
	expect(fitParts(parts, 3, 'NOW')).toBe('fir');
});

test('a host name cannot reach the terminal', () => {
	const line = wide(machineParts(makeSnapshot({host: makeHost({name: 'a\u{1B}[2J'})})));
	expect(line).toContain('ctop a?[2J');
});
