import type {ProcessEntry} from '../sampler/task-entry.js';
import type {FoundHolders} from './object-holders.js';

const firstPid = 1;

/**
Whether one of the processes that the kernel refused may have what others were found to have. Of what no exec(2) leaves open only those
that were forked from one who has it, or that one of these was forked from: who began before the first of them, and has no child
among them, does not; nor does who descends from such a one. An orphan may descend from anybody.
*/
export const mayBeHeldUnseen = (
	{holders, refused}: FoundHolders,
	processes: ReadonlyMap<number, ProcessEntry>,
): boolean => {
	if (refused.length === 0) {
		return false;
	}

	if (holders.some(({outlivesExec}) => outlivesExec)) {
		return true;
	}

	const pids = new Set(holders.map(({pid}) => pid));
	const entries = [...pids].flatMap(pid => processes.get(pid) ?? []);
	const parents = new Set(entries.map(({parentPid}) => parentPid));
	const oldest = Math.min(...entries.map(({startTimeTicks}) => startTimeTicks));

	const mayHave = (pid: number): boolean => {
		if (pids.has(pid) || parents.has(pid)) {
			return true;
		}

		const entry = processes.get(pid);
		if (entry === undefined || entry.startTimeTicks < oldest) {
			return entry === undefined;
		}

		return entry.parentPid <= firstPid || mayHave(entry.parentPid);
	};

	return refused.some(mayHave);
};
