import {expect, test} from 'vitest';
import {parseMachineStat} from '../../source/procfs/machine-stat.js';

const modern = `cpu  8000 200 1500 90000 300 40 60 500 70 8
cpu0 4000 100 750 45000 150 20 30 250 35 4
cpu1 4000 100 750 45000 150 20 30 250 35 4
intr 123456 9 0 0
ctxt 987654321
btime 1763900000
processes 45678
procs_running 3
procs_blocked 1
softirq 42 1 2 3
`;

test('times, switches, forks, and what runs and blocks are read', () => {
	expect(parseMachineStat(modern)).toEqual({
		cpu: {
			user: 8000,
			nice: 200,
			system: 1500,
			idle: 90000,
			iowait: 300,
			irq: 40,
			softirq: 60,
			steal: 500,
		},
		cpus: 2,
		contextSwitches: 987654321,
		bootTimeSeconds: 1763900000,
		forks: 45678,
		runnable: 3,
		blocked: 1,
	});
});

test('times that a kernel before 2.6.11 doesn’t count are 0', () => {
	const old = modern.replace(/^cpu .*$/m, 'cpu  8000 200 1500 90000');
	expect(parseMachineStat(old)?.cpu).toEqual({
		user: 8000,
		nice: 200,
		system: 1500,
		idle: 90000,
		iowait: 0,
		irq: 0,
		softirq: 0,
		steal: 0,
	});
});

test('a file without the line of all CPUs is none', () => {
	expect(parseMachineStat('')).toBeUndefined();
	expect(parseMachineStat('cpu0 1 2 3 4\nctxt 5\n')).toBeUndefined();
});
