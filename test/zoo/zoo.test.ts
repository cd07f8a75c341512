import {afterEach, describe, expect, test} from 'vitest';
import {type AnimalProcess, missingFor, startAnimal} from './animal-process.js';
import {type Animal, animals} from './labels.js';
import {judge, matrixText, scoreOf} from './score.js';
import {familyOf, findingsOf, takeSnapshot} from './watch-animal.js';

const seconds = 5;
/** On a machine that starves everybody a finding may need a second look; a false alarm counts at once. */
const mostLooks = 3;

const named = (name: string): Animal => animals.find(animal => animal.name === name)!;

/** They hardly need a CPU, so one look at all of them together is enough. */
const light = [
	'python3, 45 threads that sleep 20 ms',
	'8 threads behind a holder that sleeps',
	'a deadlock of 2',
	'a lost wake',
	'200 zombies',
	'a Python pool of 64 at rest',
	'a pool of 64 at a condition variable',
].map(named);

const heavy = [
	'python3, 8 computing threads',
	'a mutex, 16 threads',
	'8 threads in sched_yield',
].map(named);

let running: AnimalProcess[] = [];

afterEach(async () => {
	await Promise.all(running.map(async ({stop}) => stop()));
	running = [];
});

type Seen = {animal: Animal; said: string[]};

const lookAt = async (started: readonly {animal: Animal; pid: number}[]): Promise<Seen[]> => {
	const snapshot = await takeSnapshot('root', seconds);
	return started.map(({animal, pid}) => ({
		animal,
		said: [...new Set(findingsOf(snapshot, familyOf(snapshot, pid)).map(({rule}) => rule))],
	}));
};

const watchTogether = async (chosen: readonly Animal[]): Promise<Seen[]> => {
	const started: {animal: Animal; pid: number}[] = [];
	for (const animal of chosen) {
		const process = await startAnimal(animal);
		running.push(process);
		started.push({animal, pid: process.pid});
	}

	let seen = await lookAt(started);
	for (let looks = 1; looks < mostLooks; looks++) {
		if (seen.every(each => judge(each).missed.length === 0)) {
			break;
		}

		const again = await lookAt(started);
		seen = seen.map(({animal, said}, index) => ({
			animal,
			said: [...new Set([...said, ...again[index]!.said])],
		}));
	}

	return seen;
};

const judgements = (seen: readonly Seen[]) =>
	seen.map(each => {
		const {missed, wrong} = judge(each);
		return {name: each.animal.name, missed, wrong};
	});

const rightFor = (chosen: readonly Animal[]) =>
	chosen.map(({name}) => ({name, missed: [], wrong: []}));

describe('the built program and real programs with trouble', () => {
	test('those that rest and those that are stuck, all at once', async context => {
		const here = light.filter(animal => missingFor(animal) === undefined);
		context.skip(here.length === 0, 'neither Python nor a C compiler here');
		expect(judgements(await watchTogether(here))).toEqual(rightFor(here));
	});

	for (const animal of heavy) {
		test(animal.name, async context => {
			const missing = missingFor(animal);
			context.skip(missing !== undefined, `no ${missing} here`);
			expect(judgements(await watchTogether([animal]))).toEqual(rightFor([animal]));
		});
	}
});

describe('the score', () => {
	const bad = {name: 'bad', command: [], labels: ['spin'], mayAlsoSay: ['oversubscribed']};
	const well = {name: 'well', command: [], labels: []};

	test('counts what was said, what was missed and what is false', () => {
		const score = scoreOf([
			{animal: bad, said: ['spin', 'oversubscribed']},
			{animal: bad, said: ['io-wait']},
			{animal: well, said: []},
			{animal: well, said: ['zombies']},
		]);
		expect(score).toMatchObject({right: 1, missed: 1, wrong: 2, recall: 0.5});
		expect(score.precision).toBeCloseTo(1 / 3);
		expect(matrixText(score)).toContain('spin');
		expect(score.matrix.get('spin')).toEqual(
			new Map([
				['spin', 1],
				['io-wait', 1],
			]),
		);
	});

	test('every program has its own name, and there are enough of both kinds', () => {
		expect(new Set(animals.map(({name}) => name)).size).toBe(animals.length);
		expect(animals.filter(({labels}) => labels.length > 0).length).toBeGreaterThanOrEqual(40);
		const healthy = animals.filter(({labels, invisible}) => labels.length === 0 && !invisible);
		expect(healthy.length).toBeGreaterThanOrEqual(25);
	});
});
