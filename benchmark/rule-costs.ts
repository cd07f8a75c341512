/**
CPU that all rules take for one tick at 2,000 threads, for each of the measured programs that the tests know: copies of it fill the
machine, each a service of its own, and all threads that run are new objects each second, as in the running program.
*/
import process from 'node:process';
import {createFindingsEngine} from '../source/findings/engine.js';
import {rules} from '../source/findings/rules.js';
import type {Process} from '../source/model/process.js';
import type {Snapshot} from '../source/model/snapshot.js';
import {type MeasuredProgram, measuredPrograms} from '../test/findings/measured-programs.js';
import {snapshotsOf} from '../test/findings/watched.js';
import {median} from './statistics.ts';
import {formatTable} from './table.ts';

const threads = 2000;
/** In these V8 compiles. */
const warmUpTicks = 300;
const measuredTicks = 100;
/** In turns over all programs. */
const rounds = 3;
/**
Ticks in a row of which the median is taken. Where other machines share this one's caches and memory, all of it is slower by half for
some tenths of a second again and again; the program of that moment has no part in it.
*/
const windowTicks = 20;
/** What the screen keeps at hand for the rules, Snapshots of a second each. */
const historyLength = 10;
const mostMilliseconds = 2;
/** Programs of a thread or two would need hundreds of copies: no machine of 2,000 threads looks like that. */
const fewestThreads = 20;
/** Further than any two ids of a program lie apart. */
const idsApart = 10_000;

const threadsOf = ({processes}: MeasuredProgram): number =>
	processes.reduce((sum, {threads}) => sum + threads.length, 0);

const isId = (key: string): boolean => /^(?:[pt]ids?|[a-zA-Z]+[PT]ids?)$/.test(key);

/** The same with other ids, wherever one stands: who waits for a lock, who has it. */
const renumbered = (value: unknown, by: number, isOne = false): unknown => {
	if (typeof value === 'number') {
		return isOne ? value + by : value;
	}

	if (Array.isArray(value)) {
		return value.map(item => renumbered(item, by, isOne));
	}

	if (typeof value !== 'object' || value === null) {
		return value;
	}

	// A spread first: objects of the running program have their properties in one order, which is what V8 goes by.
	const copy: Record<string, unknown> = {...value};
	for (const [key, item] of Object.entries(copy)) {
		copy[key] = renumbered(item, by, isId(key));
	}

	return copy;
};

const copyOf = (process: Process, copy: number): Process => ({
	...(renumbered(process, copy * idsApart) as Process),
	commandLine: ['/usr/bin/service', String(copy)],
});

/** The same readings in new objects: whoever keeps what it found out about a process finds nothing of it again. */
const nextSecond = (snapshot: Snapshot): Snapshot => ({
	...snapshot,
	processes: snapshot.processes.map(process => ({
		...process,
		threads: process.threads.map(thread =>
			thread.voluntarySwitchesPerSecond === 0 && thread.involuntarySwitchesPerSecond === 0
				? thread
				: {...thread, ...(thread.waits && {waits: thread.waits.map(wait => ({...wait}))})},
		),
	})),
});

/** CPU milliseconds of each measured tick, of all threads of this process: the compiler's and the collector's work in it count. */
const measure = ({system}: MeasuredProgram, processes: readonly Process[]): readonly number[] => {
	const engine = createFindingsEngine(rules);
	const history: Snapshot[] = [];
	const costs: number[] = [];
	for (const snapshot of snapshotsOf(processes, {
		seconds: warmUpTicks + measuredTicks,
		...(system && {system}),
	})) {
		history.push(nextSecond(snapshot));
		history.splice(0, history.length - historyLength);
		const before = process.cpuUsage();
		engine.evaluate([...history]);
		const used = process.cpuUsage(before);
		costs.push((used.user + used.system) / 1000);
	}

	return costs.slice(-measuredTicks);
};

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;

const windowsOf = (costs: readonly number[]): readonly (readonly number[])[] =>
	Array.from({length: costs.length / windowTicks}, (_, index) =>
		costs.slice(index * windowTicks, (index + 1) * windowTicks),
	);

type Row = {program: MeasuredProgram; copies: number; costs: number[]};

/** Of the quietest window: whatever else the machine does makes one slower, nothing makes it quicker. */
const leastMedian = ({costs}: Row): number =>
	Math.min(...windowsOf(costs).map(window => median(window) ?? 0));

const measureAll = (words: string): readonly Row[] => {
	const rows: Row[] = measuredPrograms
		.filter(program => program.name.includes(words) && threadsOf(program) >= fewestThreads)
		.map(program => ({program, copies: Math.ceil(threads / threadsOf(program)), costs: []}));
	for (let round = 0; round < rounds; round++) {
		for (const {program, copies, costs} of rows) {
			const processes = Array.from({length: copies}, (_, copy) =>
				program.processes.map(each => copyOf(each, copy)),
			).flat();
			costs.push(...measure(program, processes));
		}
	}

	return rows;
};

/** Prints the table, of programs whose names have the given words; the exit status is 1 when one of them is above what is aimed at in its quietest window. */
const run = (words: string): void => {
	const rows = measureAll(words);
	const highest = Math.max(...rows.map(leastMedian));
	const isReached = highest < mostMilliseconds;
	const table = formatTable(
		[
			{heading: 'program', align: 'left'},
			{heading: 'copies', align: 'right'},
			{heading: 'threads', align: 'right'},
			{heading: 'CPU ms a tick, quietest window', align: 'right'},
			{heading: 'median', align: 'right'},
			{heading: 'mean', align: 'right'},
		],
		rows.map(row => [
			row.program.name,
			String(row.copies),
			String(row.copies * threadsOf(row.program)),
			leastMedian(row).toFixed(2),
			(median(row.costs) ?? 0).toFixed(2),
			mean(row.costs).toFixed(2),
		]),
	);
	process.stdout.write(
		`${table}\n\nHighest in its quietest window: ${highest.toFixed(2)} ms; below ${mostMilliseconds} ms: ${isReached ? 'yes' : 'NO'}\n`,
	);
	process.exitCode = isReached ? 0 : 1;
};

run(process.argv[2] ?? '');
