import type {Process} from '../../model/process.js';
import type {Thread} from '../../model/thread.js';
import type {Wait} from '../../model/wait.js';
import {threadName} from '../command.js';
import {formatMilliseconds} from '../duration.js';
import type {FindingLine} from '../finding.js';
import {fieldLines} from '../lines.js';
import {formatReading, formatShare} from '../number.js';
import {printable} from '../printable.js';
import {addRates, noRates, type Rates, ratesOf, switchesOf} from '../rates.js';
import {fitEnd, fitStart, truncateWithMark} from '../text-width.js';
import {waitClass, waitClassText} from '../wait-class.js';
import {threadWaitingOn, waitText} from '../waiting-on.js';

/** Names or numbers of which only the first few are told. */
export const listSome = (texts: readonly string[], most: number): string => {
	const more = texts.length - most;
	return more > 0 ? `${texts.slice(0, most).join(' ')} and ${more} more` : texts.join(' ');
};

/** What a thread is called and what it is for, safe to print: `{worker-3} http-nio-8080, libuv pool`. */
export const whoIsThread = (thread: Thread): string =>
	[
		threadName(thread),
		thread.runtimeName === undefined ? '' : printable(thread.runtimeName),
		thread.role === undefined ? '' : `(${printable(thread.role)})`,
	]
		.filter(text => text !== '')
		.join(' ');

type Crowd = {text: string; threads: Thread[]; rates: Rates};

/** Threads by what they wait on, those that switch most first. */
const crowdsOf = (process: Process): Crowd[] => {
	const crowds = new Map<string, Crowd>();
	for (const thread of process.threads) {
		const key = waitClass(process, thread);
		const crowd = crowds.get(key) ?? {
			text: waitClassText(process, thread),
			threads: [],
			rates: noRates,
		};
		crowd.threads.push(thread);
		crowd.rates = addRates(crowd.rates, ratesOf(thread));
		crowds.set(key, crowd);
	}

	return [...crowds.values()].sort(
		(one, other) =>
			(switchesOf(other.rates) ?? 0) - (switchesOf(one.rates) ?? 0) ||
			other.threads.length - one.threads.length,
	);
};

const kindsShown = 3;

const namesOf = (threads: readonly Thread[]): string => {
	const counts = new Map<string, number>();
	for (const {name, role} of threads) {
		const text = printable(role ?? `{${name.replaceAll(/\d+/g, '#')}}`);
		counts.set(text, (counts.get(text) ?? 0) + 1);
	}

	const kinds = [...counts].sort((one, other) => other[1] - one[1]);
	return listSome(
		kinds.map(([text, count]) => (kinds.length === 1 ? text : `${count} ${text}`)),
		kindsShown,
	);
};

const numberColumns = (rates: Rates): string =>
	[switchesOf(rates), rates.cpu, rates.runQueueWait]
		.map(rate => fitEnd(formatReading(rate), 7))
		.join('');

const numbersWidth = 4 + 1 + 21 + 2;
const narrowestWait = 20;
const widestWait = 38;

/** A table: how many threads wait on what, their rates together, and what they are. */
export const threadLines = (process: Process, width: number): FindingLine[] => {
	const waitWidth = Math.max(
		narrowestWait,
		Math.min(widestWait, Math.floor((width - numbersWidth) * 0.6)),
	);
	const head = `${fitEnd('THR', 6)}${[' csw/s', 'CPU%', 'WAIT%'].map(text => fitEnd(text, 7)).join('')}  ${fitStart('WAITING ON', waitWidth)} WHO`;
	return [
		{role: 'muted', text: truncateWithMark(head, width)},
		...crowdsOf(process).map(({text: ofAll, threads, rates}): FindingLine => {
			const [only] = threads;
			const text = threads.length === 1 ? threadWaitingOn(process, only!) : ofAll;
			const line = `${fitEnd(String(threads.length), 6)}${numberColumns(rates)}  ${fitStart(truncateWithMark(text, waitWidth), waitWidth)} ${namesOf(threads)}`;
			return {role: 'text', text: truncateWithMark(line, width)};
		}),
	];
};

const callText = (wait: Wait): string => {
	const {call, fd, timeoutMilliseconds, timed, futexAddress, futexOperation, region} = wait;
	return [
		call === undefined ? '' : call,
		futexOperation ?? '',
		futexAddress === undefined ? '' : `at ${futexAddress}`,
		region === undefined ? '' : `in ${region}`,
		fd === undefined ? '' : `fd ${fd}`,
		timeoutMilliseconds === undefined ? '' : `at most ${formatMilliseconds(timeoutMilliseconds)}`,
		timed === false ? 'without a time limit' : '',
	]
		.filter(text => text !== '')
		.join(' ');
};

const sharesShown = 5;

const sharesText = (process: Process, {waits = []}: Thread): string =>
	waits
		.slice(0, sharesShown)
		.map(share => `${formatShare(share.percent).trim()} % ${waitText(process, share)}`)
		.join(', ');

const nowText = (process: Process, thread: Thread): string => {
	const {wait, waitChannel, state} = thread;
	if (wait === null) {
		return 'refused by the kernel';
	}

	const call = wait ? callText(wait) : '';
	const channel = waitChannel ? `in the kernel's ${waitChannel}` : '';
	const details = [call, channel].filter(text => text !== '').join(', ');
	const word = wait ? waitText(process, wait, thread) : threadWaitingOn(process, thread);
	return `${word}${details === '' ? '' : ` (${details})`}, state ${state}`;
};

/** One thread by itself: what it waits on now and over the interval, and how it is scheduled. */
export const oneThreadLines = (process: Process, thread: Thread, width: number): FindingLine[] => {
	const {waits, lastCpu, policy, nice} = thread;
	const scheduling = [
		lastCpu === undefined ? '' : `CPU ${lastCpu}`,
		policy === undefined ? '' : `policy ${policy}`,
		nice === undefined ? '' : `nice ${nice}`,
	].filter(text => text !== '');
	return [
		...fieldLines('name', whoIsThread(thread), width),
		...fieldLines('now', nowText(process, thread), width),
		...(waits === undefined || waits.length === 0
			? []
			: fieldLines('mostly', sharesText(process, thread), width)),
		...(scheduling.length === 0 ? [] : fieldLines('last on', scheduling.join(', '), width)),
	];
};

/** Threads that were chosen together, one line each. */
export const chosenLines = (
	process: Process,
	threads: readonly Thread[],
	width: number,
): FindingLine[] =>
	threads.map(thread => ({
		role: 'text',
		text: truncateWithMark(
			`${fitEnd(String(thread.tid), 8)}${numberColumns(ratesOf(thread))}  ${threadWaitingOn(process, thread)}  ${whoIsThread(thread)}`,
			width,
		),
	}));
