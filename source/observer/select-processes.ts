import type {Process} from '../model/process.js';

/** Which processes are asked for; without any key all are. */
export type Selection = {
	/** These and all that descend from them. */
	pids?: readonly number[];
	/** User name or id. */
	user?: string;
};

const withDescendants = (processes: readonly Process[], pids: readonly number[]): Set<number> => {
	const children = new Map<number, number[]>();
	for (const {pid, parentPid} of processes) {
		const siblings = children.get(parentPid);
		if (siblings) {
			siblings.push(pid);
		} else {
			children.set(parentPid, [pid]);
		}
	}

	const chosen = new Set<number>();
	const open = [...pids];
	for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
		if (!chosen.has(pid)) {
			chosen.add(pid);
			open.push(...(children.get(pid) ?? []));
		}
	}

	return chosen;
};

/** The processes of a selection, in the same order; the same array when all are asked for. */
export const selectProcesses = (
	processes: readonly Process[],
	{pids, user}: Selection,
): readonly Process[] => {
	const wanted = pids && withDescendants(processes, pids);
	if (!wanted && user === undefined) {
		return processes;
	}

	return processes.filter(
		process =>
			(!wanted || wanted.has(process.pid)) &&
			(user === undefined || process.user === user || String(process.userId) === user),
	);
};
