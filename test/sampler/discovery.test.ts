import {readdirSync} from 'node:fs';
import {afterEach, expect, test} from 'vitest';
import {createDescriptorBudget} from '../../source/sampler/descriptor-budget.js';
import {readMachine} from '../../source/sampler/machine.js';
import {createSampler, type Sampler} from '../../source/sampler/sampler.js';
import {noDescriptor} from '../../source/sampler/task-entry.js';
import {thisMachine} from '../../source/targets/local-target.js';
import type {Target} from '../../source/targets/target.js';
import {type Actor, startActor} from '../helpers/actor.js';
import {missingForZoo} from '../helpers/zoo.js';

const missing = missingForZoo('actor.c');
const nothingInFocus: ReadonlySet<number> = new Set();
let close: (() => Promise<void> | void)[] = [];

const startSampler = (target: Target = thisMachine): Sampler => {
	const sampler = createSampler(target);
	close.push(() => sampler.close());
	return sampler;
};

const start = async (): Promise<Actor> => {
	const actor = await startActor();
	close.push(async () => actor.stop());
	return actor;
};

const sweep = async (sampler: Sampler, target: Target = thisMachine) =>
	sampler.sweep(readMachine(target), nothingInFocus);

/** Sweeps until it is so; a thread whose id was taken but not yet visible is found in the sweep after. */
const sweepUntil = async (sampler: Sampler, isSo: () => boolean): Promise<void> => {
	for (let sweeps = 0; sweeps < 20 && !isSo(); sweeps++) {
		await sweep(sampler);
	}

	expect(isSo()).toBe(true);
};

const countOf = (sampler: Sampler, pid: number) => sampler.table.processes.get(pid)?.threads.size;

afterEach(async () => {
	for (const each of close) {
		await each();
	}

	close = [];
});

test.skipIf(missing)(
	'new processes and threads are found by their ids, without a walk',
	async () => {
		const sampler = startSampler();
		const actor = await start();
		await sweep(sampler);
		// Elsewhere on the machine ids may wrap, or many may be used up: that is a walk, and no fault. It doesn't happen each time.
		let walksTaken = 1;
		for (let attempt = 1; walksTaken > 0 && attempt <= 10; attempt++) {
			const walksBefore = sampler.walks;
			const [tid, child] = [await actor.tell('thread'), await actor.tell('fork')];
			await sweep(sampler);
			// An id that was taken but not yet visible is looked at once more.
			await sweep(sampler);
			expect(sampler.table.threads.get(tid)?.process.pid).toBe(actor.pid);
			expect(sampler.table.processes.get(child)).toMatchObject({
				parentPid: actor.pid,
				name: 'actor',
			});
			walksTaken = sampler.walks - walksBefore;
		}

		expect(walksTaken).toBe(0);
	},
);

test.skipIf(missing)('deaths show without a walk', async () => {
	const actor = await start();
	const sampler = startSampler();
	const tid = await actor.tell('thread');
	await sweep(sampler);
	expect(countOf(sampler, actor.pid)).toBe(2);
	const walksBefore = sampler.walks;
	await actor.tell('end', tid);
	await sweep(sampler);
	expect(countOf(sampler, actor.pid)).toBe(1);
	await actor.stop();
	await sweep(sampler);
	expect(countOf(sampler, actor.pid)).toBeUndefined();
	expect(sampler.table.threads.has(tid)).toBe(false);
	expect(sampler.walks - walksBefore).toBeLessThanOrEqual(1);
});

test.skipIf(missing)(
	'3,000 threads that start and end are all counted, and all let go of',
	async context => {
		const actor = await start();
		const sampler = startSampler();
		await sweep(sampler);
		const room = createDescriptorBudget().limit - sampler.table.threads.size;
		context.skip(room < 3000, 'this machine has more threads than files may be open');
		const begun = await actor.tell('many', 3000);
		expect(begun).toBe(3000);
		await sweepUntil(sampler, () => countOf(sampler, actor.pid) === begun + 1);
		// Its own: the machine's other threads come and go meanwhile.
		const entries = [...sampler.table.processes.get(actor.pid)!.threads.values()];
		const held = () => entries.filter(entry => entry.schedstatDescriptor !== noDescriptor).length;
		expect(held()).toBeGreaterThan(2000);
		await actor.tell('end', 0);
		await sweepUntil(sampler, () => countOf(sampler, actor.pid) === 1);
		expect(held()).toBeLessThanOrEqual(1);
		expect(sampler.table.threads.size).toBe(
			[...sampler.table.processes.values()].reduce((sum, {threads}) => sum + threads.size, 0),
		);
	},
);

test.skipIf(missing)(
	'threads that come and go all the time don’t make it walk all the time',
	async () => {
		const actor = await start();
		const sampler = startSampler();
		await sweep(sampler);
		const walksBefore = sampler.walks;
		const sweeps = 20;
		for (let round = 0; round < sweeps; round++) {
			const tid = await actor.tell('thread');
			await sweep(sampler);
			await actor.tell('end', tid);
		}

		expect(sampler.walks - walksBefore).toBeLessThan(sweeps / 2);
	},
);

test.skipIf(missing)('in a tree whose ids are not ours, births and deaths show too', async () => {
	const actor = await start();
	// Ends in a slash and a dot, so that it isn't taken for the machine's own.
	const elsewhere: Target = {...thisMachine, procRoot: '/proc/.'};
	const sampler = startSampler(elsewhere);
	await sweep(sampler, elsewhere);
	expect(countOf(sampler, actor.pid)).toBe(1);
	const tid = await actor.tell('thread');
	const child = await actor.tell('fork');
	await sweep(sampler, elsewhere);
	expect(countOf(sampler, actor.pid)).toBe(2);
	expect(sampler.table.processes.has(child)).toBe(true);
	await actor.tell('end', tid);
	const another = await actor.tell('thread');
	await sweep(sampler, elsewhere);
	await sweep(sampler, elsewhere);
	expect(sampler.table.threads.has(tid)).toBe(false);
	expect(sampler.table.threads.has(another)).toBe(true);
});

const listThreads = (): Set<string> => {
	const numeric = (folder: string) => {
		try {
			return readdirSync(folder).filter(name => /^\d+$/.test(name));
		} catch {
			return [];
		}
	};
	return new Set(
		numeric('/proc').flatMap(pid => numeric(`/proc/${pid}/task`).map(tid => `${pid}/${tid}`)),
	);
};

test('after the first sweep every thread is known that was there before and after it', async () => {
	const sampler = startSampler();
	const before = listThreads();
	await sweep(sampler);
	const after = listThreads();
	const known = new Set(
		[...sampler.table.threads.values()].map(({process, tid}) => `${process.pid}/${tid}`),
	);
	const stayed = [...before].filter(thread => after.has(thread));
	expect(stayed.length).toBeGreaterThan(1);
	expect(stayed.filter(thread => !known.has(thread))).toEqual([]);
	expect(
		[...known].filter(thread => !before.has(thread) && !after.has(thread)).length,
	).toBeLessThan(20);
});
