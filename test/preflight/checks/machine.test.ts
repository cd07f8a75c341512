import {expect, it} from 'vitest';
import {checkMachine} from '../../../source/preflight/checks/machine.js';
import type {MachineReading} from '../../../source/preflight/readers/machine.js';
import {kernelReading, noCgroup, oneSecondLater, still} from '../../helpers/preflight-readings.js';

const first = kernelReading();
const machine: MachineReading = {
	cpu: {cpus: 4, model: 'A CPU', sockets: 1, cores: 2, megahertz: 2000, hypervisor: true},
	online: [0, 1, 2, 3],
	numaNodes: 1,
	clockSource: 'tsc',
	uptimeSeconds: 3600 * 50,
};
const rest = {
	machine: still(machine),
	cgroup: still(noCgroup),
	readings: [first, oneSecondLater(first)],
	hardware: {hypervisor: 'KVM'},
};

it('describes the machine in a line', () => {
	const check = checkMachine(rest);
	expect(check.verdict).toBe('ok');
	expect(check.summary).toBe(
		'A CPU: 4 CPUs, 2 cores with 2 threads each, 1 socket, 16.0 GiB of memory',
	);
	expect(check.details.join('\n')).toMatch(/virtual \(KVM\); clock source: tsc[\s\S]*up 2 days/);
});

it('notices time that the hypervisor gave to others', () => {
	const readings = [first, oneSecondLater(first, {cpu: {steal: 40, idle: 160}})];
	expect(checkMachine({...rest, readings})).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('hypervisor took 20 %'),
	});
});

it('notices a quota that runs out, and not one that is merely there', () => {
	const cgroup = (throttled: number) => ({
		first: {cpuQuotaPercent: 50, cpuPeriods: {all: 100, throttled: 10}},
		last: {cpuQuotaPercent: 50, cpuPeriods: {all: 120, throttled}},
		seconds: 2,
	});
	expect(checkMachine({...rest, cgroup: cgroup(10)}).verdict).toBe('ok');
	expect(checkMachine({...rest, cgroup: cgroup(20)})).toMatchObject({
		verdict: 'bad',
		summary: expect.stringContaining('ran out in 50 % of the periods'),
	});
});

it('notices a slow clock and CPUs that are too hot', () => {
	const slow = checkMachine({...rest, machine: still({...machine, clockSource: 'hpet'})});
	expect(slow).toMatchObject({verdict: 'watch', summary: expect.stringContaining('hpet')});
	const hot = {
		first: {...machine, thermalThrottles: 3},
		last: {...machine, thermalThrottles: 9},
		seconds: 2,
	};
	expect(checkMachine({...rest, machine: hot})).toMatchObject({
		verdict: 'watch',
		summary: expect.stringContaining('too hot'),
	});
});

it('names what a machine does not tell, without calling it a fault', () => {
	const check = checkMachine({...rest, machine: still({...machine, clockSource: undefined})});
	expect(check).toMatchObject({verdict: 'ok', reason: 'the clock source is not told here'});
	const refused = checkMachine({...rest, machine: still({...machine, cpu: null})});
	expect(refused).toMatchObject({verdict: 'unknown', reason: expect.stringContaining('cpuinfo')});
});
