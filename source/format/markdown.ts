import {printable} from './printable.js';

/** Text that Markdown takes for nothing but text, in a line or in a cell of a table. */
export const markdownText = (text: string): string =>
	printable(text).replaceAll(/[\\`*_{}[\]<>#|~]/g, String.raw`\$&`);

/** Text as code; a fence of backticks longer than any inside. */
export const markdownCode = (text: string): string => {
	const shown = printable(text);
	const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
	const fence = '`'.repeat(longest + 1);
	const space = longest > 0 ? ' ' : '';
	return fence + space + shown + space + fence;
};
