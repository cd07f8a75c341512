import {readText} from '../procfs/read-text.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/**
Threads by the ids that their own process knows them by. In a container these are others than ours: `NSpid` in
/proc/PID/task/TID/status lists them from our pid namespace to the innermost one, see pid_namespaces(7).
*/
export type OwnThreadIds = {
	/** Our id of a thread; undefined when the process has no such thread. */
	tidOf(process: ProcessEntry, ownTid: number): number | undefined;
};

type Known = {readAt: number; isOurs: boolean; byOwnTid: ReadonlyMap<number, number>};

// Threads come and go, and an id that isn't known may be one of a new thread, or none at all.
const millisecondsBetweenReads = 5000;

const innermostId = (procRoot: string, pid: number, tid: number): number | undefined => {
	const status = readText(`${procRoot}/${pid}/task/${tid}/status`);
	const ids = /^NSpid:\s*(.+)$/m.exec(status ?? '')?.[1]?.split(/\s+/);
	return ids?.length ? Number(ids.at(-1)) : undefined;
};

export const createOwnThreadIds = (procRoot: string): OwnThreadIds => {
	const known = new WeakMap<ProcessEntry, Known>();

	const read = ({pid, threads}: ProcessEntry): Known => {
		const own = innermostId(procRoot, pid, pid);
		if (own === undefined || own === pid) {
			return {readAt: performance.now(), isOurs: true, byOwnTid: new Map()};
		}

		const byOwnTid = new Map<number, number>();
		for (const tid of threads.keys()) {
			const ownTid = innermostId(procRoot, pid, tid);
			if (ownTid !== undefined) {
				byOwnTid.set(ownTid, tid);
			}
		}

		return {readAt: performance.now(), isOurs: false, byOwnTid};
	};

	return {
		tidOf(process, ownTid) {
			let ids = known.get(process);
			const isUnknown = ids && !ids.isOurs && !process.threads.has(ids.byOwnTid.get(ownTid) ?? 0);
			const isOld = ids && performance.now() - ids.readAt > millisecondsBetweenReads;
			if (!ids || (isUnknown && isOld)) {
				ids = read(process);
				known.set(process, ids);
			}

			const tid = ids.isOurs ? ownTid : ids.byOwnTid.get(ownTid);
			return tid !== undefined && process.threads.has(tid) ? tid : undefined;
		},
	};
};
