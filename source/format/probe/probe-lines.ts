import type {FlameGraph, FrameKind} from '../../model/flame-graph.js';
import type {Lock} from '../../model/lock.js';
import {type Probe, probeBudget} from '../../model/probe.js';
import type {FindingLine} from '../finding.js';
import {formatPlainNumber} from '../number.js';
import {printable} from '../printable.js';
import {truncateWithMark} from '../text-width.js';
import {wrapWords} from '../wrap.js';
import {callLines} from './call-lines.js';
import {stackLines} from './stack-lines.js';
import {timelineLines} from './timeline-lines.js';

const wrapped = (role: FindingLine['role'], text: string, width: number): FindingLine[] =>
	wrapWords(printable(text), Math.max(20, width)).map(line => ({role, text: line}));

const share = (part: number, all: number): string =>
	all === 0 ? '0%' : `${formatPlainNumber((part / all) * 100)}%`;

type Part = 'gil' | 'lock' | 'kernel' | 'interpreter' | 'application';

/** A stack that comes to a lock belongs to that, whatever is above; else what is innermost says whose time it is. */
const partOf = (kinds: readonly FrameKind[]): Part => {
	const lock = (['gil', 'lock'] as const).find(kind => kinds.includes(kind));
	const innermost = kinds.at(-1);
	return (
		lock ?? (innermost === 'kernel' || innermost === 'interpreter' ? innermost : 'application')
	);
};

/** Time of each part; `divide` tells a stack's part by the kinds of its frames, outermost first. */
const partsOf = (
	{frames, stacks}: FlameGraph,
	divide: (kinds: readonly FrameKind[]) => Part,
): {sums: Record<Part, number>; all: number} => {
	const sums = {gil: 0, lock: 0, kernel: 0, interpreter: 0, application: 0};
	for (const {frames: stack, milliseconds} of stacks) {
		sums[divide(stack.map(frame => frames[frame]!.kind))] += milliseconds;
	}

	return {sums, all: Object.values(sums).reduce((sum, each) => sum + each, 0)};
};

/** Whose time on a CPU it is, as far as native stacks tell; without perf there are none. */
export const cpuShares = ({onCpu}: Probe): string | undefined => {
	if (onCpu?.source !== 'perf') {
		return undefined;
	}

	const {sums, all} = partsOf(onCpu.graph, partOf);
	const told: readonly (readonly [name: string, milliseconds: number])[] = [
		['the GIL', sums.gil],
		[sums.gil > 0 ? 'other locks' : 'locks', sums.lock],
		['interpreter', sums.interpreter],
		[sums.gil + sums.lock > 0 ? 'kernel otherwise' : 'kernel', sums.kernel],
		['application', sums.application],
	];
	const parts = told
		.filter(([, milliseconds]) => milliseconds > 0)
		.map(([name, milliseconds]) => `${name} ${share(milliseconds, all)}`);
	return parts.length === 0 ? undefined : `of the CPU time: ${parts.join(', ')}`;
};

/** How much of the threads' sleep is waiting for what another one has; undefined where none is. */
const sleepShares = ({offCpu}: Probe): string | undefined => {
	// What is waited for is innermost: functions that can wait for a lock wait for other things too.
	const {sums, all} = partsOf(offCpu, kinds => {
		const innermost = kinds.at(-1);
		return innermost === 'gil' || innermost === 'lock' ? innermost : 'application';
	});
	const parts = [
		...(sums.gil > 0 ? [`the GIL ${share(sums.gil, all)}`] : []),
		...(sums.lock > 0 ? [`${sums.gil > 0 ? 'other ' : ''}locks ${share(sums.lock, all)}`] : []),
	];
	return parts.length === 0 ? undefined : `of the time asleep: for ${parts.join(', for ')}`;
};

const knownText = ({closelyKnownPercent}: Probe['sampling']): string =>
	closelyKnownPercent === undefined
		? ''
		: `; ${formatPlainNumber(closelyKnownPercent)}% of the threads' time is known as by ${probeBudget.leastLooksPerSecond} looks a second`;

/** What was looked at, how closely, and what is to be said about it. */
export const summaryLines = (probe: Probe, width: number): FindingLine[] => {
	const {pid, name, seconds, sampling, notes, onCpuSeconds, runQueueSeconds, asleepSeconds} = probe;
	const all = onCpuSeconds + runQueueSeconds + asleepSeconds;
	const shares = [sleepShares(probe), cpuShares(probe)].flatMap(each => each ?? []);
	return [
		...wrapped(
			'heading',
			`Probe of ${name} (pid ${pid}): ${sampling.threads} threads, ${seconds.toFixed(1)} s`,
			width,
		),
		...wrapped(
			'muted',
			`sampled without stopping it: ${formatPlainNumber(sampling.looks)} looks, ${formatPlainNumber(sampling.looksPerThreadPerSecond)} a second at a thread that moves, for ${formatPlainNumber(sampling.ownCpuPercent)}% of one CPU${knownText(sampling)}`,
			width,
		),
		...notes.flatMap(note => wrapped('warning', `note: ${note}`, width)),
		...wrapped(
			'text',
			`threads' time: ${share(onCpuSeconds, all)} on a CPU, ${share(runQueueSeconds, all)} ready but without one, ${share(asleepSeconds, all)} asleep`,
			width,
		),
		...shares.flatMap(each => wrapped('text', each, width)),
	];
};

const lockLine = (lock: Lock): string => {
	const {kind, name, wantedIn, waitersAverage, contendedPercent, holders, heldWhile, holderNote} =
		lock;
	const title = kind === 'gil' ? 'GIL' : `${kind} ${name}`;
	const holder = holders?.[0];
	const doing = heldWhile?.[0];
	return [
		`${title}: ${formatPlainNumber(waitersAverage)} threads waiting on average, contended ${formatPlainNumber(contendedPercent)}% of the time`,
		...(wantedIn === undefined ? [] : [`wanted in ${wantedIn}`]),
		...(holder
			? [`held most by ${holder.tid} (${formatPlainNumber(holder.percent)}% of looks)`]
			: []),
		...(doing ? [`its holder then: ${doing.what}`] : []),
		...(!holder && holderNote ? [`holder: ${holderNote}`] : []),
	].join('; ');
};

const locksShown = 8;
/** A pool that waits for work at a condition isn't contention. */
const isTold = ({kind, waitersAverage}: Lock): boolean =>
	waitersAverage >= 0.01 && !['condition', 'semaphore', 'park', 'futex'].includes(kind);

export const lockLines = ({locks}: Probe, width: number): FindingLine[] => {
	const told = locks.filter(isTold).slice(0, locksShown);
	return told.length === 0
		? []
		: [
				{role: 'heading', text: 'Locks that threads waited for'},
				...told.flatMap(lock => wrapped('text', lockLine(lock), width)),
			];
};

const symbolsShown = 20;

/** Functions that ran, as in `perf report`. */
export const cpuLines = ({onCpu, notes}: Probe, width: number): FindingLine[] => {
	if (!onCpu) {
		return [
			{
				role: 'muted',
				text:
					notes.length > 0
						? 'no CPU profile: see the notes'
						: 'no CPU profile: it ran too little to be seen',
			},
		];
	}

	const {source, samples, symbols} = onCpu;
	const how =
		source === 'perf'
			? `On a CPU, by perf: ${samples} samples`
			: `On a CPU, sampled without perf: ${samples} looks at threads that ran, by what their runtime told`;
	return [
		{role: 'heading', text: how},
		...(symbols.length === 0
			? [{role: 'muted', text: 'no function is known: perf would tell'} as const]
			: [
					{role: 'muted', text: '  self%  total%  function'} as const,
					...symbols.slice(0, symbolsShown).map(
						({name, selfPercent, totalPercent}): FindingLine => ({
							role: 'text',
							text: truncateWithMark(
								`${selfPercent.toFixed(2).padStart(7)} ${totalPercent.toFixed(2).padStart(7)}  ${printable(name)}`,
								width,
							),
						}),
					),
				]),
	];
};

const blank: FindingLine = {role: 'text', text: ''};

/** All of a probe that can be told in lines, for a pipe or a ticket. */
export const probeLines = (probe: Probe, width: number): FindingLine[] => {
	const locks = lockLines(probe, width);
	return [
		...summaryLines(probe, width),
		blank,
		...callLines(probe, width),
		blank,
		...(locks.length > 0 ? [...locks, blank] : []),
		...cpuLines(probe, width),
		blank,
		...timelineLines(probe, width),
		blank,
		...stackLines(probe, width),
	];
};

export const probeText = (probe: Probe, width: number): string =>
	`${probeLines(probe, width)
		.map(({text}) => text.trimEnd())
		.join('\n')
		.trimEnd()}\n`;
