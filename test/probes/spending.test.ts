import {expect, test} from 'vitest';
import {createSpending} from '../../source/probes/spending.js';

const create = () => {
	let now = 0;
	const spending = createSpending(() => now);
	const work = (milliseconds: number) => () => {
		now += milliseconds;
		return milliseconds;
	};
	return {spending, work};
};

test('all parts of the work are counted, and give what they give', () => {
	const {spending, work} = create();
	expect(spending.run(work(3))).toBe(3);
	expect(spending.runOnce(work(20))).toBe(20);
	expect(spending.usedMilliseconds).toBe(23);
	expect(spending.onceMilliseconds).toBe(20);
	expect(spending.lastMilliseconds).toBe(20);
});

test('of a part that takes long, as with tables that are read amidst, what is beyond the usual came once', () => {
	const {spending, work} = create();
	spending.run(work(4));
	expect(spending.onceMilliseconds).toBe(0);
	spending.run(work(100));
	expect(spending.usedMilliseconds).toBe(104);
	expect(spending.onceMilliseconds).toBeGreaterThan(80);
	expect(spending.onceMilliseconds).toBeLessThan(100);
});
