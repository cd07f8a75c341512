import {expect, it} from 'vitest';
import {checkLoad} from '../../../source/preflight/checks/load.js';
import {parsePressure} from '../../../source/procfs/pressure.js';
import {kernelReading, oneSecondLater, still} from '../../helpers/preflight-readings.js';

const sleeping = (tid: number) => ({pid: 50, tid, name: 'postgres', waitChannel: 'rq_qos_wait'});
const loaded = (averages: [number, number, number]) =>
	kernelReading({load: {averages, runnable: 1, threads: 1, lastPid: 1}});

it('takes the average apart: those that want a CPU, and those in disk wait', () => {
	const first = loaded([9, 8, 4]);
	const check = checkLoad(
		[oneSecondLater(first, {runnable: 8}), oneSecondLater(first, {runnable: 8})],
		still([sleeping(50), sleeping(51)]),
	);
	expect(check.verdict).toBe('bad');
	expect(check.summary).toBe(
		'load 9 on 2 cores: 7 runnable, 2 in disk wait; more threads want a CPU than there are',
	);
	expect(check.details.join('\n')).toContain('50/51  postgres  in rq_qos_wait');
	expect(check.measurements[0]).toMatchObject({value: 7, threshold: {watch: 3, bad: 6}});
});

it('blames disks, not CPUs, when all of the load is in disk wait', () => {
	const first = loaded([5, 5, 5]);
	const check = checkLoad([first, first], still([1, 2, 3, 4, 5].map(sleeping)));
	expect(check.verdict).toBe('bad');
	expect(check.summary).toContain('0 runnable, 5 in disk wait; threads that wait for a disk');
});

it('does not count a thread that was in disk wait at one reading only', () => {
	const check = checkLoad([kernelReading(), kernelReading()], {
		first: [sleeping(1)],
		last: [sleeping(2)],
		seconds: 2,
	});
	expect(check.verdict).toBe('ok');
});

it('is not alarmed by an average that tells about the past', () => {
	const check = checkLoad([loaded([22, 60, 40]), loaded([22, 60, 40])], still([]));
	expect(check.verdict).toBe('ok');
	expect(check.summary).toContain('not about now');
	expect(check.details[0]).toContain('quieter');
});

it('reads pressure beside it, and says so where the kernel has none', () => {
	const pressed = parsePressure('some avg10=65.00 avg60=1.00 avg300=1.00 total=1\n');
	const reading = kernelReading({pressure: {cpu: pressed, io: undefined, memory: undefined}});
	const check = checkLoad([reading, reading], still([]));
	expect(check).toMatchObject({
		verdict: 'bad',
		summary:
			'load 0.1 on 2 cores: 0 runnable, 0 in disk wait; tasks waited for a CPU 65 % of the last 10 s',
	});
	const none = checkLoad([kernelReading(), kernelReading()], still([]));
	expect(none.details.join('\n')).toContain('no pressure');
});

it('is unknown where the load was refused', () => {
	const check = checkLoad([kernelReading({load: null})], still([]));
	expect(check.verdict).toBe('unknown');
	expect(check.reason).toContain('/proc/loadavg');
});
