import type {Process} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';
import type {Thread} from '../../model/thread.js';

/** What a detail page is about: a process, and the threads of it that were chosen, none where the process was. */
export type DetailSubject = {
	pid: number;
	startTimeTicks: number;
	tids: readonly number[];
};

/** All that the page is made of. */
export type DetailSource = {
	subject: DetailSubject;
	/** The shown moment. */
	snapshot: Snapshot;
	/** What was before, oldest first, the shown moment its last; empty where nothing is kept. */
	moments: readonly Snapshot[];
};

/** The process in one moment; undefined when it wasn't there. */
export const subjectIn = (
	{processes}: Pick<Snapshot, 'processes'>,
	{pid, startTimeTicks}: DetailSubject,
): Process | undefined =>
	processes.find(process => process.pid === pid && process.startTimeTicks === startTimeTicks);

/** Its chosen threads that still live. */
export const chosenThreads = ({threads}: Process, {tids}: DetailSubject): readonly Thread[] => {
	const chosen = new Set(tids);
	return threads.filter(({tid}) => chosen.has(tid));
};

/** The moment to show it in: the shown one, or the last before it in which it still lived. */
export const lastMomentOf = ({
	subject,
	snapshot,
	moments,
}: DetailSource): {process: Process; moment: Snapshot} | undefined => {
	const before = moments.filter(({observedSeconds}) => observedSeconds < snapshot.observedSeconds);
	for (const moment of [snapshot, ...before.toReversed()]) {
		const process = subjectIn(moment, subject);
		if (process !== undefined) {
			return {process, moment};
		}
	}

	return undefined;
};
