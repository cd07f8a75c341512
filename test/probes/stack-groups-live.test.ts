import process from 'node:process';
import {afterEach, describe, expect, test} from 'vitest';
import {probeProcess} from '../../source/probes/probe.js';
import {thisMachine} from '../../source/targets/local-target.js';
import {runTool} from '../helpers/run-tool.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';

/* Programs whose threads all sleep for long: a debugger, which stops them afterwards, finds them where they were. */

let program: ZooProcess | undefined;

afterEach(async () => {
	if (program) {
		// At exit(3) a condition variable would wait for those who wait at it.
		process.kill(program.pid, 'SIGKILL');
	}

	await program?.stop();
	program = undefined;
});

/** Functions of each thread by its id, innermost first, as a debugger names them. */
type Stacks = ReadonlyMap<number, readonly string[]>;

const parse = (output: string, head: RegExp, frame: RegExp): Stacks =>
	new Map(
		output
			.split(head)
			.slice(1)
			.map(text => [
				Number.parseInt(text, 10),
				[...text.matchAll(frame)].map(([, name, other]) => plain(name ?? other ?? '??')),
			]),
	);

const debuggers: readonly {
	name: string;
	isHere: boolean;
	stacksOf: (pid: number) => Promise<Stacks>;
}[] = [
	{
		name: "gdb's thread apply all bt",
		isHere: (await runTool('gdb', ['--version'])) !== undefined,
		stacksOf: async pid =>
			parse(
				(await runTool('gdb', [
					...['-nx', '-batch', '-p', String(pid), '-ex', 'set print frame-arguments none'],
					...['-ex', 'set backtrace past-main on', '-ex', 'thread apply all bt'],
				]))!,
				/^Thread \d+ \(.*?LWP (?=\d)/m,
				/^#\d+ +(?:0x[\da-f]+ in )?(?:(.+) \(\)(?: (?:from|at) .*)?|(\S+) \(.*)$/gm,
			),
	},
	{
		name: 'eu-stack',
		isHere: (await runTool('eu-stack', ['--version'])) !== undefined,
		stacksOf: async pid =>
			parse(
				(await runTool('eu-stack', ['-p', String(pid), '-n', '0']))!,
				/^TID (?=\d)/m,
				/^#\d+ +0x[\da-f]+(?: +(?:- \d+ )?(.*))?$/gm,
			),
	},
];

const withoutPairs = (text: string, pair: RegExp): string => {
	const shorter = text.replaceAll(pair, '');
	return shorter === text ? text : withoutPairs(shorter, pair);
};

/**
A function's name as each tool writes it, without what differs: offset, version, parameters. The C library has several names for one
function, by the underscores in front.
*/
const plain = (name: string): string =>
	withoutPairs(
		withoutPairs(name.replace(/\+0x[\da-f]+$/, '').replace(/@.*$/, ''), /\([^()]*\)/g),
		/<[^<>]*>/g,
	)
		.replace(/(?:\.(?:constprop|part|isra|cold)(?:\.\d+)?)+$/, '')
		.replace(/(?:_impl|64)$/, '')
		.replace(/^_*(?:GI_)?_*(?:libc_)?(?=[a-z])/, '');

const hasNoSymbol = (frame: string): boolean => /^0x|^[\w+.-]+\.so[.\d]*\+0x|^python3/.test(frame);

/**
Frames from the first on that isn't among a debugger's, in their order. With debug symbols it also shows functions that have no frame of
their own, such as inlined ones; where it has no name, ctop has the file's.
*/
const notAmong = (own: readonly string[], theirs: readonly string[]): readonly string[] => {
	let next = 0;
	const missed = own.findIndex(frame => {
		const found = theirs.findIndex(
			(name, index) =>
				index >= next && (name === plain(frame) || (name === '??' && hasNoSymbol(frame))),
		);
		next = found + 1;
		return found === -1;
	});
	return missed === -1 ? [] : [...own.slice(missed), 'of', ...theirs];
};

/** Sets of threads that are in the same place. */
const partition = (stacks: Stacks): readonly string[] => {
	const sets = new Map<string, number[]>();
	for (const [tid, frames] of stacks) {
		const key = frames.join('\n');
		sets.set(key, [...(sets.get(key) ?? []), tid]);
	}

	return [...sets.values()].map(tids => tids.sort((a, b) => a - b).join(' ')).sort();
};

const programs: readonly {
	name: string;
	words: readonly (string | number)[];
	/** Threads of an interpreter come to the same line in several ways: ctop counts them as one group. */
	isInterpreted?: true;
}[] = [
	{name: 'blocked-calls.c', words: []},
	{name: 'standard-library.cc', words: ['pool', 8]},
	{name: 'polling-threads.py', words: [12, 60, 'select'], isInterpreted: true},
];

describe.each(debuggers)('$name', ({isHere, stacksOf}) => {
	test.for(programs)(
		'has the threads of $name in the same groups, in the same functions',
		{timeout: 180_000},
		async ({name, words, isInterpreted}, context) => {
			const missing = missingForZoo(name);
			context.skip(!isHere || missing !== undefined, missing ?? 'not installed');
			program = await startZoo(name, words);
			const {stacks} = await probeProcess({target: thisMachine, pid: program.pid, seconds: 1.5});
			const theirs = await stacksOf(program.pid);
			const ours = new Map(
				stacks.flatMap(({tids, stack}) =>
					tids.map(tid => [tid, (stack ?? []).map(plain)] as const),
				),
			);
			expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
			if (!isInterpreted) {
				expect(partition(ours)).toEqual(partition(theirs));
			}

			for (const {tids, stack = []} of stacks) {
				expect(stack.length).toBeGreaterThan(2);
				expect(notAmong(stack, theirs.get(tids[0]!)!)).toEqual([]);
			}
		},
	);
});
