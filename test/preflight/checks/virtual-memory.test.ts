import {expect, it} from 'vitest';
import {checkVirtualMemory} from '../../../source/preflight/checks/virtual-memory.js';
import {kernelReading, oneSecondLater} from '../../helpers/preflight-readings.js';

const first = kernelReading();

it('says when the kernel takes more than the programs', () => {
	const check = checkVirtualMemory([
		first,
		oneSecondLater(first, {cpu: {user: 36, system: 60, softirq: 10, idle: 94}}),
	]);
	expect(check).toMatchObject({
		verdict: 'watch',
		summary: 'system 35 % over user 18 %: the kernel is busy with something other than your code',
	});
});

it('finds nothing wrong with much system time beside more of user time', () => {
	const check = checkVirtualMemory([first, oneSecondLater(first, {cpu: {user: 120, system: 80}})]);
	expect(check.verdict).toBe('ok');
	expect(check.measurements.every(({verdict}) => verdict !== 'watch')).toBe(true);
});

it('says when CPUs idle while tasks wait for a disk', () => {
	const check = checkVirtualMemory([first, oneSecondLater(first, {cpu: {iowait: 110, idle: 90}})]);
	expect(check).toMatchObject({verdict: 'bad', summary: expect.stringContaining('55 %')});
});

it('has a line for each second and counts its switches', () => {
	const second = oneSecondLater(first, {contextSwitches: 113_800, cpu: {idle: 200}});
	const check = checkVirtualMemory([first, second, oneSecondLater(second, {cpu: {idle: 400}})]);
	expect(check.verdict).toBe('watch');
	expect(check.details.filter(line => /^\s*\d/.test(line))).toHaveLength(2);
	expect(check.details.some(line => line.includes('113800'))).toBe(true);
});

it('is unknown with one reading alone', () => {
	expect(checkVirtualMemory([first])).toMatchObject({
		verdict: 'unknown',
		reason: expect.stringContaining('two readings'),
	});
});
