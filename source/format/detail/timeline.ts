import type {LockTimeline, ThreadStrip} from '../../model/lock-timeline.js';
import type {Process} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';
import type {LineRole} from '../finding.js';
import {type SpannedLine, wrappedLines} from '../lines.js';
import {formatPlainNumber, formatShare} from '../number.js';
import {printable} from '../printable.js';
import {fitEnd, fitStart, truncateWithMark} from '../text-width.js';
import {lockById, lockTitle} from '../waiting-on.js';
import {whoIsThread} from './threads.js';

type Sign = {state: string; glyph: string; ascii: string; role: LineRole; word: string};

/** Each state has a sign of its own, so that the strips can be read without colours. */
const signs: readonly Sign[] = [
	{state: 'H', glyph: '█', ascii: '#', role: 'fix', word: 'holds it'},
	{state: 'W', glyph: '─', ascii: '-', role: 'critical', word: 'waits for it'},
	{state: 'Q', glyph: '~', ascii: '~', role: 'warning', word: 'wants a CPU'},
	{state: 'R', glyph: '+', ascii: '+', role: 'command', word: 'runs'},
	{state: 'S', glyph: '.', ascii: '.', role: 'muted', word: 'other wait'},
	{state: '?', glyph: '?', ascii: '?', role: 'muted', word: 'refused'},
];

const signOf = new Map(signs.map(sign => [sign.state, sign]));

/** What is shown at least, where there are samples of as long. */
const secondsShown = 3;

const count = (states: string, state: string): number => states.split(state).length - 1;

/** The state that a thread was in most; of equals the one that says more, in the order of the signs. */
const mostOf = (states: string, without = ''): string => {
	let best = ' ';
	let most = 0;
	for (const {state} of signs) {
		const times = state === without ? 0 : count(states, state);
		if (times > most) {
			most = times;
			best = state;
		}
	}

	return best;
};

/**
Strips of at most so many columns, each column one or some samples; the newest is on the right. In no column two threads hold the lock: the
one that held it in most of its samples does.
*/
export const stripColumns = (
	{threads, samples, seconds}: LockTimeline,
	width: number,
): string[] => {
	const wanted = Math.min(samples, Math.ceil((samples / Math.max(seconds, 0.001)) * secondsShown));
	const perColumn = Math.max(1, Math.ceil(wanted / Math.max(1, width)));
	const columns = Math.min(Math.max(1, width), Math.floor(samples / perColumn));
	const first = samples - columns * perColumn;
	const strips = threads.map(() => '');
	for (let column = 0; column < columns; column++) {
		const from = first + column * perColumn;
		const parts = threads.map(({states}) => states.slice(from, from + perColumn));
		const held = parts.map(part => count(part, 'H'));
		const holder = held.indexOf(Math.max(...held));
		for (const [index, part] of parts.entries()) {
			strips[index] += mostOf(part, index === holder ? '' : 'H');
		}
	}

	return strips;
};

const legend = (ascii: boolean, hasLock: boolean): string =>
	signs
		.filter(({state}) => state !== '?' && (hasLock || (state !== 'H' && state !== 'W')))
		.map(sign => `${ascii ? sign.ascii : sign.glyph} ${sign.word}`)
		.join('  ');

/** Runs of one state, each with its colour. */
const paintedStrip = (states: string, ascii: boolean): {role: LineRole; text: string}[] =>
	(states.match(/(.)\1*/g) ?? []).map(run => {
		const sign = signOf.get(run[0]!);
		const glyph = sign === undefined ? ' ' : ascii ? sign.ascii : sign.glyph;
		return {role: sign?.role ?? 'muted', text: glyph.repeat(run.length)};
	});

const sharesText = ({states}: ThreadStrip, hasLock: boolean): string => {
	const seen = Math.max(1, states.replaceAll(' ', '').length);
	const share = (state: string): string => formatShare((count(states, state) / seen) * 100);
	return hasLock
		? `${fitEnd(share('H'), 4)}%${fitEnd(share('W'), 4)}%`
		: `${fitEnd(share('R'), 4)}%${fitEnd(share('Q'), 4)}%`;
};

const sharesWidth = 10;
const tidWidth = 8;
const narrowestName = 12;
const widestName = 24;

const stripLines = (
	timeline: LockTimeline,
	process: Process,
	width: number,
	ascii: boolean,
): SpannedLine[] => {
	const hasLock = timeline.lock !== undefined;
	const nameWidth = Math.max(narrowestName, Math.min(widestName, Math.floor(width / 6)));
	const room = Math.max(1, width - tidWidth - nameWidth - sharesWidth - 4);
	const strips = stripColumns(timeline, room);
	return timeline.threads.map((strip, index) => {
		const thread = process.threads.find(({tid}) => tid === strip.tid);
		const name = thread === undefined ? 'has ended' : whoIsThread(thread);
		const label = `${fitEnd(String(strip.tid), tidWidth)} ${fitStart(truncateWithMark(name, nameWidth), nameWidth)}${sharesText(strip, hasLock)}  `;
		const spans = [{role: 'text' as const, text: label}, ...paintedStrip(strips[index]!, ascii)];
		return {role: 'text', text: spans.map(({text}) => text).join(''), spans};
	});
};

const titleText = (timeline: LockTimeline, process: Process): string => {
	const {lock, seconds, samples} = timeline;
	const known = lockById(process, lock?.id);
	const what =
		lock === undefined
			? 'no lock that a thread waits for'
			: known === undefined
				? printable(`${lock.kind} ${lock.name}`)
				: lockTitle(process, known);
	const rate = seconds === 0 ? '' : `, ${Math.round((samples - 1) / seconds)} looks a second`;
	return `Timeline of ${formatPlainNumber(seconds)} s: ${what}${rate}`;
};

/** Threads that have done nothing but wait for something else say less than the room they take. */
const activeOnly = (timeline: LockTimeline): LockTimeline => {
	const active = timeline.threads.filter(({states}) => /[HWRQ?]/.test(states));
	return active.length === 0 ? timeline : {...timeline, threads: active};
};

/**
One strip a thread: who held the lock, who waited for it, who wanted a CPU, over a few seconds. Nothing where the Snapshot has no timeline of
the process.
*/
export const timelineLines = (
	process: Process,
	{timeline}: Pick<Snapshot, 'timeline'>,
	width: number,
	ascii: boolean,
): SpannedLine[] => {
	if (
		timeline === undefined ||
		timeline.pid !== process.pid ||
		timeline.startTimeTicks !== process.startTimeTicks ||
		timeline.samples < 2
	) {
		return [];
	}

	const shown = activeOnly(timeline);
	const still = timeline.threads.length - shown.threads.length + timeline.threadsLeftOut;
	const hasLock = timeline.lock !== undefined;
	const notes = [
		hasLock && !timeline.lock!.recordsHolder ? 'this kind of lock does not record its holder' : '',
		still > 0
			? `${still} threads that only waited for something else, or switch least, left out`
			: '',
		`costs ${formatPlainNumber(timeline.cpuPercent)} % of a CPU while it is shown`,
	].filter(text => text !== '');
	return [
		{role: 'heading', text: truncateWithMark(titleText(timeline, process), width)},
		{
			role: 'muted',
			text: truncateWithMark(`${' '.repeat(tidWidth + 1)}${legend(ascii, hasLock)}`, width),
		},
		...stripLines(shown, process, width, ascii),
		...wrappedLines(
			'muted',
			'  ',
			`columns of numbers: ${hasLock ? 'holds, waits' : 'runs, wants a CPU'}; ${notes.join('; ')}`,
			width,
		),
		{role: 'text', text: ''},
	];
};
