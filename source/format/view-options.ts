/** What rows are ordered by; the keys of the screen and the words of `-s`. */
export const sortKeys = [
	'switches',
	'voluntary',
	'involuntary',
	'run-queue-wait',
	'cpu',
	'pid',
] as const;

export type SortKey = (typeof sortKeys)[number];

/** Which processes show their threads: those that a finding is about, all of them, or none. */
export type ThreadsMode = 'contended' | 'all' | 'none';

/** How far a process is unfolded: its children are hidden, shown, or shown together with its threads. */
export type FoldLevel = 'folded' | 'open' | 'threads';

/** How a Snapshot is looked at: all that decides which rows there are, and in which order. */
export type ViewOptions = {
	sort: SortKey;
	inverted: boolean;
	tree: boolean;
	threads: ThreadsMode;
	kernelThreads: boolean;
	filter: string;
	/** What a person chose, by the key of the process's row; all others follow the defaults. */
	levels: ReadonlyMap<string, FoldLevel>;
	/** Keys of the groups of alike threads that are shown one by one. */
	openGroups: ReadonlySet<string>;
};

export const defaultViewOptions: ViewOptions = {
	sort: 'switches',
	inverted: false,
	tree: true,
	threads: 'contended',
	kernelThreads: true,
	filter: '',
	levels: new Map(),
	openGroups: new Set(),
};
