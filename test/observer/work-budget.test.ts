import {expect, test} from 'vitest';
import {createWorkBudget, type WorkBudget} from '../../source/observer/work-budget.js';

const work = (milliseconds: number) => () => {
	for (const until = performance.now() + milliseconds; performance.now() < until; ) {
		// Computes.
	}
};

/** Whether there is time left after so much work in a new tick. */
const mayGoOn = (budget: WorkBudget, milliseconds: number): boolean => {
	budget.refill();
	budget.spend(work(milliseconds));
	return budget.mayBegin();
};

test('a tick has so much time, and what one took is not missing in the next', () => {
	const budget = createWorkBudget(5);
	expect(mayGoOn(budget, 6)).toBe(false);
	expect(mayGoOn(budget, 0)).toBe(true);
});

test('the first ticks may have more', () => {
	const budget = createWorkBudget(5, {ticks: 2, milliseconds: 1000});
	expect([1, 2, 3].map(() => mayGoOn(budget, 6))).toEqual([true, true, false]);
});
