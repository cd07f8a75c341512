import type {FlameGraph} from '../../model/flame-graph.js';
import {printable} from '../printable.js';

/** `;` divides frames, and the last blank the count from them. */
const frameText = (name: string): string => printable(name).replaceAll(';', ':');

/** Folded stacks, a line each with the milliseconds spent in it: what flamegraph.pl, inferno and speedscope read. */
export const formatFolded = ({frames, stacks}: FlameGraph): string => {
	const names = frames.map(({name}) => frameText(name));
	return stacks
		.map(({frames: stack, milliseconds}) => ({
			text: stack.map(frame => names[frame]).join(';'),
			count: Math.max(1, Math.round(milliseconds)),
		}))
		.map(({text, count}) => `${text} ${count}\n`)
		.join('');
};
