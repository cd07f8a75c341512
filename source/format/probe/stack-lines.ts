import type {Probe, StackGroup, StackPlace} from '../../model/probe.js';
import type {FindingLine} from '../finding.js';
import {printable} from '../printable.js';
import {truncateWithMark} from '../text-width.js';
import {limitText} from './limit-text.js';

const tidsShown = 6;
/** A thread that rests is looked at now and then; what it waits for is as true as if it had been at once. */
const secondsToTell = 1;

const count = (threads: number): string => (threads === 1 ? '1 thread' : `${threads} threads`);

/** What threads wait for, in a few words. */
export const placeText = ({wait, lock}: Pick<StackPlace, 'wait' | 'lock'>): string => {
	if (wait.kind === 'running') {
		return 'running';
	}

	const limit =
		wait.timed && wait.timeoutMilliseconds !== undefined
			? `, at most ${limitText(wait.timeoutMilliseconds, 3)}`
			: '';
	const call = wait.call === undefined || wait.call === wait.kind ? '' : ` (${wait.call})`;
	return `${lock === undefined ? '' : `${lock}, `}${wait.kind}${call}${limit}`;
};

const ageText = (seconds: number | undefined, threads: number): string => {
	if (seconds === undefined) {
		return '';
	}

	const time = seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
	return `, ${threads === 1 ? '' : 'up to '}${time} before the end`;
};

const tidsText = ({tids, threadCount}: StackGroup): string => {
	const shown = tids.slice(0, tidsShown).join(', ');
	return threadCount > tidsShown ? `${shown}...` : shown;
};

const frameLines = (frames: readonly string[] = []): string[] =>
	frames.map((frame, index) => `  #${index}  ${frame}`);

const placeLines = ({stack, runtimeStack}: Omit<StackPlace, 'wait'>): string[] => [
	...frameLines(runtimeStack),
	...(runtimeStack && stack ? ['  native:'] : []),
	...frameLines(stack),
];

/** What is known of threads that run: the kernel tells stacks only of those that sleep. */
const runningLines = ({
	threadCount,
	runtimeStack,
	lastAsleep,
	lastRun,
}: StackGroup): readonly FindingLine[] => {
	if (lastAsleep) {
		return [
			{
				role: 'muted',
				text: `  asleep last${ageText(lastAsleep.secondsBeforeEnd, threadCount)}: ${placeText(lastAsleep)}`,
			},
			...placeLines(lastAsleep).map((text): FindingLine => ({role: 'text', text})),
		];
	}

	if (lastRun) {
		return [
			{
				role: 'muted',
				text: `  ran last${ageText(lastRun.secondsBeforeEnd, threadCount)}, as perf saw it:`,
			},
			...frameLines(lastRun.stack).map((text): FindingLine => ({role: 'text', text})),
		];
	}

	return runtimeStack
		? []
		: [
				{
					role: 'muted',
					text: '  no stack: it ran at each look, and the kernel tells one only of threads that sleep',
				},
			];
};

const groupLines = (group: StackGroup): FindingLine[] => {
	const {threadCount, names, wait, secondsBeforeEnd} = group;
	const isOld = secondsBeforeEnd !== undefined && secondsBeforeEnd >= secondsToTell;
	const when = isOld ? ageText(secondsBeforeEnd, threadCount) : '';
	const frames = placeLines(group);
	const isRunning = wait.kind === 'running';
	const lines: readonly FindingLine[] = [
		{
			role: 'heading',
			text: `${count(threadCount)} ${names.join(', ')}: ${placeText(group)}${when} [${tidsText(group)}]`,
		},
		...frames.map((text): FindingLine => ({role: 'text', text})),
		...(isRunning ? runningLines(group) : []),
		...(!isRunning && frames.length === 0
			? [{role: 'muted', text: '  stack not read: of so many threads only some are'} as const]
			: []),
		{role: 'text', text: ''},
	];
	return lines.map(({role, text}) => ({role, text: printable(text)}));
};

/** Threads by where they were when they were looked at last: what gdb's `thread apply all bt` tells, equal stacks once. */
export const stackLines = ({stacks}: Probe, width: number): FindingLine[] =>
	[
		{
			role: 'heading',
			text: 'Threads and their stacks, at the last look, equal ones together',
		} as const,
		{role: 'text', text: ''} as const,
		...stacks.flatMap(groupLines),
	].map(({role, text}) => ({role, text: truncateWithMark(text, width)}));
