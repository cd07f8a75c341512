import type {Finding} from '../model/finding.js';
import {type FindingFormat, type FindingLine, formatFinding} from './finding.js';
import {printable} from './printable.js';
import {wrapWords} from './wrap.js';

/** A heading of an explanation page: a line that begins at the left edge and isn't a sentence. */
const isHeading = (line: string): boolean => /^[A-Z][^.:]*$/.test(line) && line.length <= 40;

/** A page of `ctop explain` in lines of at most this width; lines that are too long are broken and keep their indent. */
export const explanationLines = (explanation: string, width: number): FindingLine[] =>
	explanation
		.trim()
		.split('\n')
		.flatMap((line): FindingLine[] => {
			if (line.trim() === '') {
				return [{role: 'text', text: ''}];
			}

			const indent = /^\s*/.exec(line)![0];
			const room = Math.max(1, width - indent.length);
			return wrapWords(printable(line.trim()), room).map(text => ({
				role: isHeading(line) ? 'heading' : 'text',
				text: indent + text,
			}));
		});

const twoColumnsFrom = 160;
const columnGap = 2;

/**
A finding in full with the page that explains its rule: beside each other where there is room, else the evidence first. Without a page (a
pre-flight check is no rule) the finding stands alone.
*/
export const formatExplained = (
	finding: Finding,
	explanation: string | undefined,
	width: number,
	{number, takenAt}: Pick<FindingFormat, 'number' | 'takenAt'>,
): {columnWidth: number; columns: FindingLine[][]} => {
	const isWide = width >= twoColumnsFrom;
	const columnWidth = isWide ? Math.floor((width - columnGap) / 2) : width;
	const evidence = formatFinding(finding, columnWidth, {number, takenAt, detail: 'full'});
	const page =
		explanation === undefined
			? [{role: 'muted' as const, text: `No page explains ${printable(finding.rule)}.`}]
			: explanationLines(explanation, columnWidth);
	return {
		columnWidth,
		columns: isWide ? [evidence, page] : [[...evidence, {role: 'text', text: ''}, ...page]],
	};
};
