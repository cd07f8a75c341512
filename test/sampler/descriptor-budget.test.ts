import {expect, test} from 'vitest';
import {createDescriptorBudget} from '../../source/sampler/descriptor-budget.js';

test('some descriptors are kept for the rest of the program', () => {
	const budget = createDescriptorBudget(1024);
	expect(budget.limit).toBeLessThan(1000);
	let taken = 0;
	while (budget.take()) {
		taken++;
	}

	expect(taken).toBe(budget.limit);
	expect(budget.used).toBe(taken);
	budget.giveBack();
	expect(budget.take()).toBe(true);
	expect(budget.take()).toBe(false);
});

test('a limit that leaves nothing is no limit below zero', () => {
	const budget = createDescriptorBudget(64);
	expect(budget.limit).toBe(0);
	expect(budget.take()).toBe(false);
});

test('when the kernel has none left, fewer are held than were, whatever the limit says', () => {
	const budget = createDescriptorBudget(100_000);
	for (let taken = 0; taken < 500; taken++) {
		budget.take();
	}

	budget.exhaust();
	expect(budget.limit).toBeLessThan(500);
	expect(budget.take()).toBe(false);
	budget.exhaust();
	expect(budget.limit).toBeGreaterThanOrEqual(0);
});

test('the limit of this process counts when none is given', () => {
	expect(createDescriptorBudget().limit).toBeGreaterThan(0);
});
