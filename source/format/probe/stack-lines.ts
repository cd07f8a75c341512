import type {Probe, StackGroup} from '../../model/probe.js';
import type {FindingLine} from '../finding.js';
import {printable} from '../printable.js';
import {truncateWithMark} from '../text-width.js';

const tidsShown = 6;

const count = (threads: number): string => (threads === 1 ? '1 thread' : `${threads} threads`);

/** What threads of a group wait for, in a few words. */
export const groupWait = ({wait, lock}: StackGroup): string => {
	if (wait.kind === 'running') {
		return 'running';
	}

	const limit =
		wait.timed && wait.timeoutMilliseconds !== undefined
			? `, at most ${Number(wait.timeoutMilliseconds.toPrecision(3))} ms`
			: '';
	const call = wait.call === undefined || wait.call === wait.kind ? '' : ` (${wait.call})`;
	return `${lock === undefined ? '' : `${lock}, `}${wait.kind}${call}${limit}`;
};

const tidsText = ({tids, threadCount}: StackGroup): string => {
	const shown = tids.slice(0, tidsShown).join(', ');
	return threadCount > tidsShown ? `${shown}...` : shown;
};

const groupLines = (group: StackGroup): FindingLine[] => {
	const {threadCount, names, stack, runtimeStack} = group;
	const frames = [
		...(runtimeStack ?? []).map((frame, index) => `  #${index}  ${frame}`),
		...(runtimeStack && stack ? ['  native:'] : []),
		...(stack ?? []).map((frame, index) => `  #${index}  ${frame}`),
	];
	return [
		{
			role: 'heading',
			text: printable(
				`${count(threadCount)} ${names.join(', ')} [${tidsText(group)}]: ${groupWait(group)}`,
			),
		},
		...(frames.length === 0
			? [
					{
						role: 'muted',
						text: '  no stack: the kernel tells one only of threads that sleep',
					} as const,
				]
			: frames.map((text): FindingLine => ({role: 'text', text: printable(text)}))),
		{role: 'text', text: ''},
	];
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
