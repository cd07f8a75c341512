import type {Reading} from '../model/reading.js';
import {groupWaitingOn, processWaitingOn} from './crowd-waits.js';
import {absentMark, formatReading, refusedMark} from './number.js';
import {type Row, threadOfRow} from './row.js';
import type {SortKey} from './view-options.js';
import {waitChannelName} from './wait-words.js';
import {threadWaitingOn} from './waiting-on.js';

export const columnIds = [
	'ppid',
	'pid',
	'stat',
	'thr',
	'cpu',
	'cswch',
	'nvcswch',
	'wait',
	'wchan',
	'waiting',
] as const;

export type ColumnId = (typeof columnIds)[number];

export type Column = {
	id: ColumnId;
	title: string;
	/** Where there is little room. */
	shortTitle?: string;
	/** Least width of its values. */
	width: number;
	align: 'start' | 'end';
	/** Columns with the highest number go first when there is no room. */
	priority: number;
	/** What the command must have beside it, where it needs more than usual. */
	leastCommand?: number;
	/** Orders in which this column is marked. */
	sorts: readonly SortKey[];
	help: string;
	cell: (row: Row) => string;
};

const waitChannel = (channel: Reading<string>): string => {
	if (channel === null) {
		return refusedMark;
	}

	return channel === undefined || channel === '' ? absentMark : waitChannelName(channel);
};

/** Of a group that of any of its threads, which are alike: where very many run, it isn't read of each. */
const waitChannelOf = (row: Row): string =>
	waitChannel(
		row.kind === 'group'
			? row.group.threads.find(thread => thread.waitChannel !== undefined)?.waitChannel
			: threadOfRow(row)?.waitChannel,
	);

const waitingOnOf = (row: Row): string => {
	switch (row.kind) {
		case 'process':
			return processWaitingOn(row.process);
		case 'thread':
			return threadWaitingOn(row.process, row.thread);
		case 'group':
			return groupWaitingOn(row.process, row.group.threads);
	}
};

const stateOf = (row: Row): string => {
	switch (row.kind) {
		case 'process':
			return row.process.state + row.process.stateFlags;
		case 'thread':
			return row.thread.state;
		case 'group':
			return row.group.threads[0]?.state ?? '';
	}
};

const pidOf = (row: Row): string => {
	switch (row.kind) {
		case 'process':
			return String(row.process.pid);
		case 'thread':
			return String(row.thread.tid);
		case 'group':
			return '';
	}
};

/** At most four characters, for a cut number would be a wrong one. */
const countText = (count: number): string =>
	count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`;

const threadCountOf = (row: Row): string => {
	switch (row.kind) {
		case 'process':
			return countText(row.threadCount);
		case 'thread':
			return '';
		case 'group':
			return countText(row.group.threads.length);
	}
};

/** The columns before the command, in their order on the screen. */
export const columns: readonly Column[] = [
	{
		id: 'ppid',
		title: 'PPID',
		width: 5,
		align: 'end',
		priority: 9,
		sorts: [],
		help: 'parent process; of a thread its process',
		cell: row => (row.kind === 'process' ? String(row.process.parentPid) : String(row.process.pid)),
	},
	{
		id: 'pid',
		title: 'PID',
		width: 5,
		align: 'end',
		priority: 1,
		sorts: ['pid'],
		help: 'process; of a thread its TID',
		cell: pidOf,
	},
	{
		id: 'stat',
		title: 'STAT',
		width: 4,
		align: 'start',
		priority: 4,
		sorts: [],
		help: 'state and flags as in ps(1)',
		cell: stateOf,
	},
	{
		id: 'thr',
		title: 'THR',
		width: 4,
		align: 'end',
		priority: 8,
		sorts: [],
		help: 'threads',
		cell: threadCountOf,
	},
	{
		id: 'cpu',
		title: 'CPU%',
		width: 5,
		align: 'end',
		priority: 6,
		sorts: ['cpu'],
		help: '100 = one CPU',
		cell: ({rates}) => formatReading(rates.cpu),
	},
	{
		id: 'cswch',
		title: 'cswch/s',
		shortTitle: 'csw/s',
		width: 5,
		align: 'end',
		priority: 2,
		sorts: ['voluntary', 'switches'],
		help: 'voluntary context switches: it waited',
		cell: ({rates}) => formatReading(rates.voluntary),
	},
	{
		id: 'nvcswch',
		title: 'nvcswch/s',
		shortTitle: 'nvcsw/s',
		width: 5,
		align: 'end',
		priority: 3,
		sorts: ['involuntary', 'switches'],
		help: 'involuntary ones: it was thrown off its CPU',
		cell: ({rates}) => formatReading(rates.involuntary),
	},
	{
		id: 'wait',
		title: 'WAIT%',
		width: 5,
		align: 'end',
		priority: 7,
		sorts: ['run-queue-wait'],
		help: 'time runnable without a CPU; 100 = one thread all the time',
		cell: ({rates}) => formatReading(rates.runQueueWait),
	},
	{
		id: 'wchan',
		title: 'WCHAN',
		width: 13,
		align: 'start',
		priority: 5,
		sorts: [],
		help: 'kernel function it sleeps in',
		cell: waitChannelOf,
	},
	{
		id: 'waiting',
		title: 'WAITING ON',
		width: 26,
		align: 'start',
		priority: 10,
		leastCommand: 24,
		sorts: [],
		help: 'what it waits on, and who has it',
		cell: waitingOnOf,
	},
];
