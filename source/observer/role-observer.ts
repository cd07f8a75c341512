import {type RuntimeRoles, rolesOf} from '../runtimes/thread-roles.js';
import type {ProcessEntry} from '../sampler/task-entry.js';

/** Tells what runtimes have their threads for. */
export type RoleObserver = {
	/** Those in focus each time; of the others what the threads' names tell, when there are others than before. */
	update(processes: Iterable<ProcessEntry>, focus: ReadonlySet<number>): void;
};

type Known = {
	generation: number;
	runtime: string;
	threads: number;
	updates: number;
	inFocus: boolean;
};

/** A thread gets its name, and a wait, some time after it was seen first. */
const updatesOfNew = 3;

/** `poolOf`: the threads of a process's pool, where they could be read. */
export const createRoleObserver = (
	poolOf: (process: ProcessEntry) => ReadonlySet<number> | undefined,
): RoleObserver => {
	const known = new WeakMap<ProcessEntry, Known>();

	const isDue = (process: ProcessEntry, runtime: string, inFocus: boolean): boolean => {
		const {generation} = process;
		const threads = process.threads.size;
		const last = known.get(process);
		const isSame =
			last?.generation === generation &&
			last.runtime === runtime &&
			last.threads === threads &&
			last.inFocus === inFocus;
		const updates = isSame ? last.updates + 1 : 0;
		if (updates <= updatesOfNew) {
			known.set(process, {generation, runtime, threads, updates, inFocus});
		}

		return inFocus || updates <= updatesOfNew;
	};

	const updateOne = (process: ProcessEntry, roles: RuntimeRoles, inFocus: boolean): void => {
		const threads = [...process.threads.values()];
		const pool = poolOf(process);
		const told = roles.tell(
			threads.map(({tid, name, wait, stack, role}) => ({
				tid,
				name,
				isMain: tid === process.pid,
				isOfPool: pool?.has(tid),
				lastRole: role,
				// What it does at the moment would be old soon where nobody looks again.
				wait: inFocus || !roles.changes ? wait : undefined,
				stack: inFocus ? stack : undefined,
			})),
		);
		for (const [index, entry] of threads.entries()) {
			const role = told[index] ?? (roles.changes ? undefined : entry.role);
			if (role !== entry.role) {
				entry.role = role;
				entry.dirty = true;
				process.dirty = true;
			}
		}
	};

	return {
		update(processes, focus) {
			for (const process of processes) {
				const runtime = process.runtime?.name;
				const roles = runtime === undefined ? undefined : rolesOf(runtime);
				const inFocus = focus.has(process.pid);
				if (roles && isDue(process, runtime!, inFocus)) {
					updateOne(process, roles, inFocus);
				}
			}
		},
	};
};
