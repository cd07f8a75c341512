import type {Wait} from './wait.js';

/** The system call that a thread waits in, or what it waits for where that is no call. */
export const waitName = ({call, kind}: Pick<Wait, 'call' | 'kind'>): string =>
	call ?? (kind === 'page-fault' ? 'page fault' : kind);
