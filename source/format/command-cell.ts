import {knownApplicationFrame, parseFrame} from '../model/runtime-frame.js';
import {processCommand, threadName} from './command.js';
import {fitBranches} from './fit-branches.js';
import {frameLabel, shortFrameLabel} from './frame-label.js';
import {formatNumber} from './number.js';
import {printable} from './printable.js';
import {switchesOf} from './rates.js';
import type {Row} from './row.js';
import {displayWidth} from './text-width.js';
import {dominantWait, lockName, waitWord} from './wait-words.js';

const threadWait = (row: Row & {kind: 'thread'}): string => {
	const wait = dominantWait(row.thread);
	if (wait === undefined || wait.kind === 'running' || wait.kind === 'idle') {
		return '';
	}

	const lock = lockName(row.process, row.thread);
	return lock === undefined ? `  ${waitWord(row.thread)}` : `  ${waitWord(row.thread)} ${lock}`;
};

/** The thread, what it waits for and where in the application it is; without room the line alone, which tells it from its siblings. */
const threadText = (
	row: Row & {kind: 'thread'},
	width: number,
	hasWaitingColumn: boolean,
): string => {
	const name = threadName(row.thread);
	const wait = hasWaitingColumn ? '' : threadWait(row);
	const {runtimeStack, runtimeStackNote} = row.thread;
	const frame = knownApplicationFrame(runtimeStack);
	if (frame === undefined) {
		const text = name + wait;
		const noted = runtimeStackNote === undefined ? text : `${text}  ${printable(runtimeStackNote)}`;
		return displayWidth(noted) <= width ? noted : text;
	}

	const narrow = shortFrameLabel(frame);
	const texts = [
		`${name}${wait}  ${frameLabel(frame)}`,
		`${name}${wait}  ${narrow}`,
		`${name}  ${narrow}`,
	];
	return texts.find(text => displayWidth(text) <= width) ?? narrow;
};

/**
Without room the words that name each thread go first, then how many they are, which stands in the column of threads too, and how often
each switches; the line that they are in says most.
*/
const groupText = (
	{group}: Row & {kind: 'group'},
	width: number,
	hasWaitingColumn: boolean,
): string => {
	const count = group.threads.length;
	const switches = switchesOf(group.rates);
	const each =
		typeof switches === 'number' ? `${formatNumber(switches / count)}/s each` : 'rates not known';
	const rate = switches === 0 ? '0/s each' : each;
	const short = hasWaitingColumn ? rate : `${group.wait} ${rate}`;
	const long = `${count} threads | ${hasWaitingColumn ? '' : `${group.wait} | `}${rate}`;
	if (group.frame !== undefined) {
		const wait = hasWaitingColumn ? '' : `${group.wait} | `;
		const label = frameLabel(group.frame);
		const narrow = shortFrameLabel(group.frame);
		const name = printable(parseFrame(group.frame).name);
		const texts = [
			`${long} | ${label} {${group.namePattern}}`,
			`${long} | ${label}`,
			`${count} threads | ${wait}${label}`,
			`${wait}${label}`,
			`${wait}${narrow}`,
			narrow,
			hasWaitingColumn ? name : `${group.wait} ${name}`,
		];
		return texts.find(text => displayWidth(text) <= width) ?? (hasWaitingColumn ? narrow : short);
	}

	const full = `${long} {${group.namePattern}}`;
	const noted = group.frameNote === undefined ? [] : [`${full} ${group.frameNote}`];
	return [...noted, full, long].find(text => displayWidth(text) <= width) ?? short;
};

/** Where a command has no room its program's directory goes first: what is left tells more. */
const fitCommand = (command: string, width: number): string =>
	displayWidth(command) > width ? command.replace(/^\/\S*\/(?=\S)/, '') : command;

/**
The last column: branches of the tree, and the command, thread or group of threads, with what it waits for where
that has no column of its own.
*/
export const commandCell = (row: Row, width: number, hasWaitingColumn = false): string => {
	const prefix = fitBranches(row.prefix, width);
	switch (row.kind) {
		case 'process': {
			const marks = row.findings.length > 0 ? `!${row.findings.join(',')} ` : '';
			const hidden = row.hiddenProcesses > 0 ? `+${row.hiddenProcesses} procs ` : '';
			const before = prefix + marks + hidden;
			return before + fitCommand(processCommand(row.process), width - before.length);
		}

		case 'thread':
			return prefix + threadText(row, width - prefix.length, hasWaitingColumn);
		case 'group':
			return prefix + groupText(row, width - prefix.length, hasWaitingColumn);
	}
};
