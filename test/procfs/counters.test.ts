import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {parseMeminfo} from '../../source/procfs/meminfo.js';
import {parseNetCounters} from '../../source/procfs/net-counters.js';
import {parseSockstat} from '../../source/procfs/sockstat.js';
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
