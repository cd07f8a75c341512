import type {ExactCall, Probe, ProbeCall} from '../../model/probe.js';
import type {FindingLine} from '../finding.js';
import {formatNumber, zeroMark} from '../number.js';
import {printable} from '../printable.js';
import {displayWidth, truncateWithMark} from '../text-width.js';
import {wrapWords} from '../wrap.js';
import {limitText} from './limit-text.js';

const limitOf = ({timedPercent, timeoutMilliseconds}: ProbeCall): string =>
	timeoutMilliseconds === undefined || timedPercent < 0.5 ? '-' : limitText(timeoutMilliseconds);

const cells = (
	columns: readonly (readonly [text: string, width: number])[],
	rest: string,
): string => `${columns.map(([text, width]) => text.padStart(width)).join(' ')}  ${rest}`;

const head = cells(
	[
		['% time', 6],
		['seconds', 8],
		['wakes/s', 8],
		['threads', 7],
		['limit', 7],
	],
	'syscall',
);

/** One line of the table; what stands behind the call's name has one of its own where there is no room. */
const callTexts = (call: ProbeCall, width: number): string[] => {
	const numbers = (rest: string) =>
		cells(
			[
				[call.percent.toFixed(2), 6],
				[call.seconds.toFixed(3), 8],
				[formatNumber(call.wakesPerSecond), 8],
				[String(call.threads), 7],
				[limitOf(call), 7],
			],
			rest,
		);
	const name = printable(call.call);
	const details = [
		...(call.mostly === undefined ? [] : [`mostly ${printable(call.mostly)}`]),
		...(call.mostlyIn === undefined ? [] : [`in ${printable(call.mostlyIn)}`]),
	].join('  ');
	const line = numbers(details === '' ? name : `${name}  ${details}`);
	return displayWidth(line) <= width ? [line] : [numbers(name), `${' '.repeat(8)}${details}`];
};

const exactHead = cells(
	[
		['% time', 6],
		['seconds', 8],
		['calls/s', 8],
		['calls', 7],
		['errors', 7],
	],
	'syscall',
);

const exactLine = (call: ExactCall, seconds: number): string =>
	cells(
		[
			[call.percent.toFixed(2), 6],
			[call.seconds.toFixed(3), 8],
			[formatNumber(call.calls / Math.max(seconds, 0.001)), 8],
			[String(call.calls), 7],
			[call.errors === 0 ? zeroMark : String(call.errors), 7],
		],
		printable(call.call),
	);

const cut = (lines: readonly FindingLine[], width: number): FindingLine[] =>
	lines.map(({role, text}) => ({role, text: truncateWithMark(text, width)}));

/** The table of system calls, as `strace -c` prints it, and where strace ran, its own. */
export const callLines = (
	{calls, exactCalls, asleepSeconds}: Probe,
	width: number,
): FindingLine[] => {
	const sampled: FindingLine[] = [
		{role: 'heading', text: 'System calls, sampled: where threads slept, as in strace -c -w -f'},
		{role: 'muted', text: head},
		...calls.flatMap(call =>
			callTexts(call, width).map((text): FindingLine => ({role: 'text', text})),
		),
		...(calls.length === 0
			? [{role: 'muted', text: 'no thread was seen to sleep'} as const]
			: [
					{
						role: 'muted',
						text: cells(
							[
								['100.00', 6],
								[asleepSeconds.toFixed(3), 8],
								['', 8],
								['', 7],
								['', 7],
							],
							'total',
						),
					} as const,
					...wrapWords(
						'wakes: voluntary switches, split by what threads were seen in',
						Math.max(20, width),
					).map((text): FindingLine => ({role: 'muted', text})),
				]),
	];
	if (!exactCalls) {
		return cut(sampled, width);
	}

	return cut(
		[
			...sampled,
			{role: 'text', text: ''},
			{
				role: 'heading',
				text: `System calls, counted by strace for ${exactCalls.seconds.toFixed(1)} s (the program was slowed down meanwhile)`,
			},
			{role: 'muted', text: exactHead},
			...exactCalls.calls.map(
				(call): FindingLine => ({role: 'text', text: exactLine(call, exactCalls.seconds)}),
			),
		],
		width,
	);
};
