import type {FlameGraph} from '../../model/flame-graph.js';
import {printable} from '../printable.js';

export type SpeedscopeOptions = {name: string; exporter: string};

/**
A profile as speedscope opens it; its format is described by `file-format-spec.ts` in the speedscope package. A stack is one sample, and
its weight the time spent in it.
*/
export const formatSpeedscope = (
	{frames, stacks}: FlameGraph,
	{name, exporter}: SpeedscopeOptions,
): string => {
	const endValue = stacks.reduce((sum, {milliseconds}) => sum + milliseconds, 0);
	return `${JSON.stringify({
		$schema: 'https://www.speedscope.app/file-format-schema.json',
		name,
		exporter,
		activeProfileIndex: 0,
		shared: {frames: frames.map(frame => ({name: printable(frame.name)}))},
		profiles: [
			{
				type: 'sampled',
				name,
				unit: 'milliseconds',
				startValue: 0,
				endValue,
				samples: stacks.map(stack => stack.frames),
				weights: stacks.map(({milliseconds}) => milliseconds),
			},
		],
	})}\n`;
};
