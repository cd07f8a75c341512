import {Box, Text} from 'ink';
import {memo} from 'react';

/** One line of the screen; its text is already cut and coloured. An empty text would take no height. */
export const Line = memo(({text}: {readonly text: string}) => (
	<Text wrap="truncate">{text === '' ? ' ' : text}</Text>
));

type LinesProps = {
	readonly lines: readonly string[];
	readonly width: number;
	readonly height: number;
};

/** Lines below each other in an area of exactly this size. */
export const Lines = ({lines, width, height}: LinesProps) => (
	<Box flexDirection="column" width={width} height={height} flexShrink={0}>
		{Array.from({length: height}, (_, index) => (
			// biome-ignore lint/suspicious/noArrayIndexKey: a place on the screen is what a line is.
			<Line key={index} text={lines[index] ?? ''} />
		))}
	</Box>
);
