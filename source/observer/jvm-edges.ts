import type {Jvm} from '../runtimes/jvm/jvm.js';
import type {ProcessEntry} from '../sampler/task-entry.js';
import type {RuntimeEdge} from './deadlock-watch.js';
import {createWantReader, type JavaWant, type TidOf} from './jvm-tally.js';

/** Who waits for whom in a JVM, by what its threads wanted at the last look. */
export const jvmEdges = (
	process: ProcessEntry,
	jvm: Jvm,
	wants: readonly JavaWant[],
	tidOf: TidOf,
): readonly RuntimeEdge[] => {
	const wanting = new Map(jvm.threads().map(thread => [tidOf(thread.ownTid), thread]));
	return wants.flatMap(({tid, id, kind, name, holderTid, mark}): RuntimeEdge[] => {
		const entry = process.threads.get(tid);
		const thread = wanting.get(tid);
		return !entry || !thread || holderTid === undefined || entry.wait?.timed === true
			? []
			: [
					{
						entry,
						lockId: id,
						what: `${kind} ${name}`,
						holder: {tid: holderTid, pid: process.pid},
						mark,
						readAgain() {
							const again = createWantReader(jvm, tidOf)(thread);
							return again?.mark === mark ? again.holderTid : undefined;
						},
					},
				];
	});
};
