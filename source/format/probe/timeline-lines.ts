import {type Probe, timelineStates} from '../../model/probe.js';
import type {FindingLine} from '../finding.js';
import {printable} from '../printable.js';
import {fitEnd, fitStart, truncateWithMark} from '../text-width.js';

const tidColumns = 8;
const nameColumns = 15;

/** Columns put together so that a line fits: of several, the letter that stands most often. */
const squeezed = (states: string, columns: number): string => {
	if (states.length <= columns) {
		return states;
	}

	let line = '';
	for (let column = 0; column < columns; column++) {
		const part = states.slice(
			Math.floor((column * states.length) / columns),
			Math.floor(((column + 1) * states.length) / columns),
		);
		const counts = [...part].map(letter => ({letter, count: part.split(letter).length}));
		line += counts.sort((a, b) => b.count - a.count)[0]?.letter ?? ' ';
	}

	return line;
};

/** With how many there are, of those that share a line. */
const nameText = (name: string, alike = 0): string => {
	const count = alike === 0 ? '' : ` x${alike + 1}`;
	return `${fitStart(printable(name), nameColumns - count.length)}${count}`;
};

/** What threads did over the time of the probe, a line of letters each. */
export const timelineLines = (
	{timeline: {threads, threadsLeftOut, secondsPerColumn}, seconds}: Probe,
	width: number,
): FindingLine[] => {
	const room = Math.max(10, width - tidColumns - nameColumns - 2);
	const used = new Set(threads.flatMap(({states}) => [...states]));
	const legend = Object.entries(timelineStates)
		.filter(([letter]) => letter !== ' ' && used.has(letter))
		.map(([letter, meaning]) => `${letter} ${meaning}`)
		.join('  ');
	const columns = Math.max(0, ...threads.map(({states}) => states.length));
	const perColumn = columns <= room ? secondsPerColumn : seconds / room;
	const lines: FindingLine[] = [
		{
			role: 'heading',
			text: `Timeline, a letter for each ${perColumn < 1 ? `${Math.round(perColumn * 1000)} ms` : `${perColumn.toFixed(1)} s`}: what a thread did most`,
		},
		{role: 'muted', text: legend},
		...threads.map(
			({tid, name, states, alike}): FindingLine => ({
				role: 'text',
				text: `${fitEnd(String(tid), tidColumns)} ${nameText(name, alike)} ${squeezed(states, room)}`,
			}),
		),
		...(threadsLeftOut > 0
			? [{role: 'muted', text: `and ${threadsLeftOut} more threads, which changed less`} as const]
			: []),
	];
	return lines.map(({role, text}) => ({role, text: truncateWithMark(text, width)}));
};
