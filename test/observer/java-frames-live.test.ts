import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import {parseFrame} from '../../source/model/runtime-frame.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Thread} from '../../source/model/thread.js';
import {type JavaProgram, javas, startJava} from '../helpers/java.js';
import {processIn, until, type Watched, watchTarget} from './watched.js';

let program: JavaProgram | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await program?.stop();
	program = undefined;
});

/** The JDK's own tool, which stops the program to print the stacks. */
const jcmdOf = (java: string): string => path.join(path.dirname(java), 'jcmd');
const withTool = javas.filter(({java}) => existsSync(jcmdOf(java)));

type Printed = {name: string; line: string | undefined};

/** `at java.lang.Thread.run(java.base@17.0.15/Thread.java:840)` in its parts. */
const printedFrame = (text: string): Printed => {
	const [, name = '', place = ''] = /^\s*at ([^(]+)\(([^)]*)\)$/.exec(text) ?? [];
	return {name: name.replace(/\/0x[\da-f]+/, ''), line: /:(\d+)$/.exec(place)?.[1]};
};

const printedStacks = (java: string, pid: number): ReadonlyMap<string, readonly Printed[]> => {
	const text = execFileSync(jcmdOf(java), [String(pid), 'Thread.print'], {encoding: 'utf8'});
	return new Map(
		text.split('\n\n').flatMap(block => {
			const [title = '', ...lines] = block.trim().split('\n');
			const name = /^"([^"]*)"/.exec(title)?.[1];
			const frames = lines.filter(line => /^\s*at /.test(line)).map(printedFrame);
			return name === undefined ? [] : [[name, frames] as const];
		}),
	);
};

const nameOf = (thread: Thread) => thread.runtimeName ?? thread.name;

const readStack = ({runtimeStack}: Thread): readonly Printed[] | undefined =>
	runtimeStack?.map(text => {
		const {name, place} = parseFrame(text);
		return {name, line: /:(\d+)$/.exec(place)?.[1]};
	});

const keepers = ['keeper', 'class-keeper', 'till-keeper', 'sleeps-in-the-open'];
const threadsOfHold = [...keepers, 'wants-ledger-0', 'wants-class', 'wants-till-ä'];

const ways: readonly (readonly [string, ...string[]])[] = [
	['interpreted', '-Xint'],
	['compiled', '-Xcomp', '-XX:CompileCommand=compileonly,Trouble*::*'],
	[
		'compiled by the optimising compiler',
		'-Xcomp',
		'-XX:-TieredCompilation',
		'-XX:CompileCommand=compileonly,Trouble*::*',
	],
];

test.skipIf(withTool.length > 0)(
	'Java stacks: no Java 17 or later with a compiler and jcmd here',
	() => {
		expect(withTool).toEqual([]);
	},
);

describe.each(withTool)('Java $version', ({java}) => {
	test.each(ways)(
		'threads that sleep have the frames that jcmd prints, with their lines, %s',
		async (_, ...options) => {
			program = await startJava(java, options, ['hold']);
			const {pid} = program;
			let printed = printedStacks(java, pid);
			await until(() => {
				printed = printedStacks(java, pid);
				return keepers.every(each => printed.get(each)?.some(({name}) => name === 'Trouble.rest'));
			}, 'those that hold locks sleep');
			watched = watchTarget();
			watched.setFocus([pid]);
			const threadCalled = (threads: readonly Thread[], name: string) =>
				threads.find(thread => nameOf(thread) === name);
			const snapshot = await watched.tickUntil(
				each =>
					threadsOfHold.every(
						name =>
							threadCalled(processIn(each, pid)?.threads ?? [], name)?.runtimeStack !== undefined,
					),
				50,
			);
			const {threads} = processIn(snapshot, pid)!;
			const stacks = threadsOfHold.map(name => readStack(threadCalled(threads, name)!));

			expect(stacks).toEqual(threadsOfHold.map(name => printed.get(name)));
			expect(threadCalled(threads, 'wants-class')!.runtimeStack![0]).toMatch(
				/^Trouble\.take \(Trouble\.java:\d+\)$/,
			);
		},
	);

	test('a frame whose code the JVM gave up has the line that it had before', async () => {
		const [, ...options] = ways.at(-1)!;
		program = await startJava(java, options, ['given-up']);
		const {pid} = program;
		watched = watchTarget();
		watched.setFocus([pid]);
		const sleeper = (snapshot: Snapshot) =>
			processIn(snapshot, pid)?.threads.find(thread => nameOf(thread) === 'shows-a-square');
		const snapshot = await watched.tickUntil(each => sleeper(each)?.runtimeStack !== undefined, 50);

		expect(readStack(sleeper(snapshot)!)).toEqual(printedStacks(java, pid).get('shows-a-square'));
	});

	test('a thread that runs Java code has a word for why it has no frame, one of the JVM itself has none', async () => {
		program = await startJava(java, [], ['compute', '1']);
		const {pid} = program;
		watched = watchTarget();
		watched.setFocus([pid]);
		const worker = (snapshot: Snapshot) =>
			processIn(snapshot, pid)?.threads.find(thread => nameOf(thread) === 'worker-0');
		const snapshot = await watched.tickUntil(
			each => worker(each)?.runtimeStackNote !== undefined,
			50,
		);
		expect(worker(snapshot)).toMatchObject({
			runtimeStackNote: 'running Java code: no frame recorded',
			runtimeStack: undefined,
		});
		const internal = processIn(snapshot, pid)!.threads.filter(({role}) => role !== undefined);
		expect(internal.length).toBeGreaterThan(3);
		expect(internal.map(({runtimeStackNote}) => runtimeStackNote)).toEqual(
			internal.map(() => undefined),
		);
	});

	test('the finding of a deadlock names the line at which each of its threads waits', async () => {
		program = await startJava(java, [], ['deadlock']);
		const {pid} = program;
		watched = watchTarget();
		watched.setFocus([pid]);
		const engine = createFindingsEngine(rules);
		const history: Snapshot[] = [];
		const waitsAtLine =
			/^monitor Trouble\$\w+, held by .*, in Trouble\.take \(Trouble\.java:\d+\)$/;
		let lines = 0;
		await watched.tickUntil(each => {
			history.push(each);
			const finding = engine
				.evaluate(history)
				.findings.find(({rule, pids}) => rule === 'deadlock' && pids.includes(pid));
			lines = finding?.evidence.filter(({value}) => waitsAtLine.test(String(value))).length ?? 0;
			return lines > 0;
		}, 200);
		expect(lines).toBe(2);
	});
});
