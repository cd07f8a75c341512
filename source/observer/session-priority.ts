import {readFileSync, writeFileSync} from 'node:fs';

/** `/autogroup-25 nice 0`; see sched(7). */
const niceValue = /^\/autogroup-\d+ nice (-?\d+)$/m;
const highest = '-20';

/**
The priority of this program's whole session, where the kernel groups tasks by those. It takes effect at once, without another program's
help. Does nothing where there are no groups, or where it is forbidden: that needs CAP_SYS_NICE.
*/
export type SessionPriority = {
	/** Puts it before all others. */
	raise(): void;
	/** Back to what it was; other programs are in the same session. */
	restore(): void;
};

export const createSessionPriority = (file = '/proc/self/autogroup'): SessionPriority => {
	let before: string | undefined;
	return {
		raise() {
			try {
				const nice = niceValue.exec(readFileSync(file, 'latin1'))?.[1];
				if (before === undefined && nice !== undefined) {
					writeFileSync(file, highest);
					before = nice;
				}
			} catch {
				// Then it stays as it is.
			}
		},
		restore() {
			if (before === undefined) {
				return;
			}

			try {
				writeFileSync(file, before);
			} catch {
				// What was allowed a moment ago: there is nobody left to tell.
			}

			before = undefined;
		},
	};
};
