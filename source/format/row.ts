import {createMemo} from '../model/memo.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Rates} from './rates.js';
import type {ThreadGroup} from './thread-groups.js';
import type {FoldLevel} from './view-options.js';

type RowBase = {
	/** Identity across Snapshots: pid or tid with its start time. */
	key: string;
	/** Key of the row that it stands under; undefined at the top. */
	parentKey: string | undefined;
	process: Process;
	/** Branches of the tree, as ps(1) draws them. */
	prefix: string;
	rates: Rates;
};

export type ProcessRow = RowBase & {
	kind: 'process';
	level: FoldLevel;
	/** Whether there is anything to fold. */
	foldable: boolean;
	/** Processes that are hidden below it; its numbers are then the sums of the subtree. */
	hiddenProcesses: number;
	threadCount: number;
	/** Numbers of the findings about it, and about what is hidden below it. */
	findings: readonly number[];
};

export type ThreadRow = RowBase & {kind: 'thread'; thread: Thread};

export type GroupRow = RowBase & {kind: 'group'; group: ThreadGroup; open: boolean};

/** One line of the table. */
export type Row = ProcessRow | ThreadRow | GroupRow;

const keys = createMemo<Process, string>();

export const processKey = (process: Process): string => {
	let key = keys.get(process);
	if (key === undefined) {
		key = `${process.pid}:${process.startTimeTicks}`;
		keys.set(process, key);
	}

	return key;
};

export const threadKey = ({tid, startTimeTicks}: Thread): string => `t${tid}:${startTimeTicks}`;

export const groupKey = (process: Process, group: ThreadGroup): string =>
	`g${processKey(process)}:${group.id}`;

/** The thread that a process began with, or the first one that is left. */
export const mainThreadOf = ({pid, threads}: Process): Thread | undefined =>
	threads.find(({tid}) => tid === pid) ?? threads[0];

/** The thread that stands for a row where it tells of one: of a process its first, of a group the first in it. */
export const threadOfRow = (row: Row): Thread | undefined => {
	switch (row.kind) {
		case 'thread':
			return row.thread;
		case 'group':
			return row.group.threads[0];
		default:
			return mainThreadOf(row.process);
	}
};
