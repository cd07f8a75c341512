import type {Process} from '../../model/process.js';
import type {Thread} from '../../model/thread.js';
import type {FindingLine} from '../finding.js';
import {wrappedLines} from '../lines.js';
import {printable} from '../printable.js';
import {truncateWithMark} from '../text-width.js';
import {waitClass, waitClassText} from '../wait-class.js';
import {threadWaitingOn} from '../waiting-on.js';
import {listSome, whoIsThread} from './threads.js';

const tidsShown = 6;

type Stack = {native: readonly string[]; runtime: readonly string[]; threads: Thread[]};

const hasStack = ({stack, runtimeStack}: Thread): boolean =>
	(stack?.length ?? 0) + (runtimeStack?.length ?? 0) > 0;

/**
Threads that sleep in the same place; the largest crowd first. A thread whose native stack there was no time for is in the crowd whose
frames of the runtime, and whose wait, are the same.
*/
const stacksOf = (process: Process, threads: readonly Thread[]): Stack[] => {
	const stacks = new Map<string, Stack>();
	const keyOf = ({runtimeStack = []}: Thread, native: readonly string[]): string =>
		JSON.stringify([native, runtimeStack]);
	const withNative = new Map<string, string>();
	const placeOf = (thread: Thread): string => `${waitClass(process, thread)} ${keyOf(thread, [])}`;
	for (const thread of threads) {
		if (thread.stack?.length && thread.runtimeStack?.length && !withNative.has(placeOf(thread))) {
			withNative.set(placeOf(thread), keyOf(thread, thread.stack));
		}
	}

	for (const thread of threads.filter(hasStack)) {
		const {stack: native = [], runtimeStack: runtime = []} = thread;
		const own = keyOf(thread, native);
		const key = native.length === 0 ? (withNative.get(placeOf(thread)) ?? own) : own;
		const known = stacks.get(key) ?? {native, runtime, threads: []};
		stacks.set(key, {
			...known,
			native: known.native.length > 0 ? known.native : native,
			threads: [...known.threads, thread],
		});
	}

	return [...stacks.values()].sort((one, other) => other.threads.length - one.threads.length);
};

const titleOf = (process: Process, threads: readonly Thread[]): string => {
	const [first] = threads;
	const waiting = waitClassText(process, first!);
	return threads.length === 1
		? `${first!.tid} ${whoIsThread(first!)} | ${threadWaitingOn(process, first!)}`
		: `${threads.length} threads | ${waiting} | ${whoIsThread(first!)}: ${listSome(
				threads.map(({tid}) => String(tid)),
				tidsShown,
			)}`;
};

const frames = (
	names: readonly string[],
	width: number,
	role: FindingLine['role'],
): FindingLine[] =>
	names.map(name => ({role, text: truncateWithMark(`    ${printable(name)}`, width)}));

const stackLines = (process: Process, stack: Stack, width: number): FindingLine[] => [
	...wrappedLines('fact', '  ', titleOf(process, stack.threads), width),
	...frames(stack.runtime, width, 'command'),
	...frames(stack.native, width, 'muted'),
];

/** How many have none, and why. */
const withoutText = (threads: readonly Thread[]): string | undefined => {
	const without = threads.filter(thread => !hasStack(thread));
	if (without.length === 0) {
		return undefined;
	}

	const refused = without.filter(({wait}) => wait === null).length;
	if (refused > 0) {
		return `no stack of ${refused} threads: the kernel refused their memory`;
	}

	const notes = new Map<string, number>();
	for (const {runtimeStackNote: note} of without) {
		if (note !== undefined) {
			notes.set(note, (notes.get(note) ?? 0) + 1);
		}
	}

	const unexplained = without.filter(({runtimeStackNote}) => runtimeStackNote === undefined);
	const running = unexplained.filter(({state, wait}) => state === 'R' || wait?.kind === 'running');
	const others = unexplained.length - running.length;
	return [
		...[...notes].map(([note, count]) => `${count} ${note}`),
		running.length === 0 ? '' : `${running.length} ran: only those that sleep have a stack to read`,
		others === 0
			? ''
			: `${others} not read: they ran meanwhile, there was no time, or their code cannot be unwound`,
	]
		.filter(text => text !== '')
		.join('; ');
};

/** Where the threads sleep, innermost first: the runtime's own frames, then the native ones; equal stacks once. */
export const allStackLines = (
	process: Process,
	threads: readonly Thread[],
	width: number,
): FindingLine[] => {
	const without = withoutText(threads);
	return [
		...stacksOf(process, threads).flatMap(stack => stackLines(process, stack, width)),
		...(without === undefined || process.kernelThread === true
			? []
			: wrappedLines('muted', '  ', without, width)),
	];
};
