import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {parseTimerInterrupts} from '../../source/procfs/interrupts.js';
import {parseMeminfo} from '../../source/procfs/meminfo.js';
import {parseNetCounters} from '../../source/procfs/net-counters.js';
import {parseSockstat} from '../../source/procfs/sockstat.js';
import {parseReceivedPackets} from '../../source/procfs/softnet-stat.js';
import {parseVmstat} from '../../source/procfs/vmstat.js';

describe('meminfo', () => {
	it('turns kB into bytes and leaves counts alone', () => {
		const sizes = parseMeminfo(
			'MemTotal:       24684092 kB\nActive(anon):       1544 kB\nHugePages_Total:      12\n',
		);
		expect(Object.fromEntries(sizes)).toEqual({
			MemTotal: 24_684_092 * 1024,
			'Active(anon)': 1544 * 1024,
			HugePages_Total: 12,
		});
	});

	it("reads this machine's", () => {
		const sizes = parseMeminfo(readFileSync('/proc/meminfo', 'utf8'));
		expect(sizes.get('MemTotal')).toBeGreaterThan(sizes.get('MemFree')!);
	});
});

describe('vmstat', () => {
	it('reads one counter a line', () => {
		expect(Object.fromEntries(parseVmstat('pswpin 7\noom_kill 0\nbroken\n'))).toEqual({
			pswpin: 7,
			oom_kill: 0,
		});
	});
});

describe('snmp and netstat', () => {
	it('matches names with values by their place', () => {
		const counters = parseNetCounters(
			'Tcp: RtoMin MaxConn RetransSegs\nTcp: 200 -1 15\nTcpExt: ListenOverflows\nTcpExt: 56\n',
		);
		expect(Object.fromEntries(counters)).toEqual({
			'Tcp.RtoMin': 200,
			'Tcp.MaxConn': -1,
			'Tcp.RetransSegs': 15,
			'TcpExt.ListenOverflows': 56,
		});
	});

	it('leaves out a name that has no value', () => {
		expect(parseNetCounters('Tcp: A B\nTcp: 1\n').has('Tcp.B')).toBe(false);
	});

	it("reads this machine's", () => {
		const text = readFileSync('/proc/self/net/netstat', 'utf8');
		expect(parseNetCounters(text).has('TcpExt.ListenOverflows')).toBe(true);
	});
});

describe('sockstat', () => {
	it('reads names with the protocol before them', () => {
		expect(
			Object.fromEntries(parseSockstat('sockets: used 14\nTCP: inuse 1 orphan 0 tw 2\n')),
		).toEqual({'sockets.used': 14, 'TCP.inuse': 1, 'TCP.orphan': 0, 'TCP.tw': 2});
	});
});

describe('interrupts', () => {
	it("sums the CPUs' own timers, whatever the architecture calls them", () => {
		const x86 = [
			'            CPU0       CPU1',
			'   0:         36          0   IO-APIC   2-edge      timer',
			'  24:          1        900   IO-APIC   5-edge      ACPI:Ged',
			' LOC:       1000        234   Local timer interrupts',
			' RES:       4000       4000   Rescheduling interrupts',
		].join('\n');
		expect(parseTimerInterrupts(x86)).toBe(1234);
		expect(
			parseTimerInterrupts(
				' 11:       70       30     GICv2  27 Level     arch_timer\nIPI0:   5   5   Rescheduling interrupts\n',
			),
		).toBe(100);
		expect(parseTimerInterrupts(' LOC: 0 0 Local timer\n HVS: 5 6 Hyper-V stimer0\n')).toBe(11);
	});

	it('is unknown where none is told apart', () => {
		expect(parseTimerInterrupts('')).toBeUndefined();
		expect(parseTimerInterrupts(' LOC:          0   Local timer interrupts\n')).toBeUndefined();
	});

	it("counts this machine's ticks", () => {
		const text = readFileSync('/proc/interrupts', 'utf8');
		expect(parseTimerInterrupts(text)).toBeGreaterThan(0);
	});
});

describe('softnet_stat', () => {
	it('sums what the CPUs received', () => {
		const row = (packets: string) => `${packets} 00000000 00000001 00000000\n`;
		expect(parseReceivedPackets(row('0000000a') + row('00000100'))).toBe(266);
	});

	it('tells none received from no such file', () => {
		expect(parseReceivedPackets('00000000 00000000\n')).toBe(0);
		expect(parseReceivedPackets('')).toBeUndefined();
	});
});
