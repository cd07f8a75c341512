import type {Part} from './fit-parts.js';
import {printable} from './printable.js';
import type {SortKey, ViewOptions} from './view-options.js';

/** Orders as the screen names them: by their columns. */
export const sortTitles: Readonly<Record<SortKey, string>> = {
	switches: 'all switches',
	voluntary: 'cswch/s',
	involuntary: 'nvcswch/s',
	'run-queue-wait': 'WAIT%',
	cpu: 'CPU%',
	pid: 'PID',
};

/** How the table is looked at, so that nobody takes a filtered list for the whole machine. */
export const viewParts = (options: ViewOptions, filterError?: string): Part[] => [
	{text: `sort ${sortTitles[options.sort]}${options.inverted ? ' inverted' : ''}`, priority: 2},
	{text: options.tree ? 'tree' : 'flat', priority: 6},
	{text: `threads ${options.threads}`, priority: 3},
	{text: options.kernelThreads ? '' : 'no kernel threads', priority: 2},
	{
		text: options.filter === '' ? '' : `filter ${printable(options.filter)}`,
		priority: 0,
	},
	{text: filterError === undefined ? '' : printable(filterError), priority: 0},
];
