import {readFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {describe, expect, it} from 'vitest';
import {parseCpuList} from '../../source/procfs/cpu-list.js';
import {parseCpuinfo} from '../../source/procfs/cpuinfo.js';
import {parseFileNr} from '../../source/procfs/file-nr.js';
import {parseLimits} from '../../source/procfs/limits.js';
import {parsePageSize} from '../../source/procfs/page-size.js';
import {runTool} from '../helpers/run-tool.js';

describe('cpuinfo', () => {
	const cpu = (number: number, socket: number, core: number) =>
		`processor\t: ${number}\nvendor_id\t: GenuineIntel\nmodel name\t: A CPU\ncpu MHz\t\t: ${1000 + number}\nphysical id\t: ${socket}\ncore id\t\t: ${core}\nflags\t\t: fpu hypervisor lahf_lm\n\n`;

	it('tells sockets, cores and threads apart', () => {
		const text = [
			cpu(0, 0, 0),
			cpu(1, 0, 1),
			cpu(2, 0, 0),
			cpu(3, 0, 1),
			cpu(4, 1, 0),
			cpu(5, 1, 0),
		];
		expect(parseCpuinfo(text.join(''))).toEqual({
			cpus: 6,
			model: 'A CPU',
			vendor: 'GenuineIntel',
			sockets: 2,
			cores: 3,
			megahertz: 1002.5,
			hypervisor: true,
		});
	});

	it('says nothing of what ARM does not write', () => {
		expect(parseCpuinfo('processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n')).toEqual({
			cpus: 1,
			hypervisor: false,
		});
	});

	it("counts this machine's CPUs", () => {
		expect(parseCpuinfo(readFileSync('/proc/cpuinfo', 'utf8')).cpus).toBe(cpus().length);
	});
});

it('reads lists of CPUs and nodes', () => {
	expect(parseCpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8]);
	expect(parseCpuList('0\n')).toEqual([0]);
	expect(parseCpuList('\n')).toEqual([]);
});

it('reads soft limits, unlimited among them', () => {
	const text =
		'Limit                     Soft Limit           Hard Limit           Units     \nMax processes             unlimited            unlimited            processes \nMax open files            1024                 20000                files     \n';
	expect(parseLimits(text)).toEqual({openFiles: 1024, processes: Infinity});
	expect(parseLimits('')).toEqual({});
});

it('reads file-nr with the largest number the kernel has', () => {
	expect(parseFileNr('485\t0\t9223372036854775807\n')).toMatchObject({allocated: 485, free: 0});
	expect(parseFileNr('nothing')).toBeUndefined();
});

it('finds the size of a page as getconf does', async ({skip}) => {
	const expected = await runTool('getconf', ['PAGESIZE']);
	skip(expected === undefined, 'no getconf here');
	expect(parsePageSize(readFileSync('/proc/self/auxv'))).toBe(Number(expected));
	expect(parsePageSize(Buffer.alloc(40))).toBeUndefined();
});
