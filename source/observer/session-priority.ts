import {readFileSync, writeFileSync} from 'node:fs';

/** `/autogroup-25 nice 0`; see sched(7). */
const niceValue = /^\/autogroup-\d+ nice (-?\d+)$/m;
const highest = '-20';

/**
Puts this program's session before all others at once, without another program's help, until what it returns is called. Does nothing where
the kernel doesn't group tasks by their sessions, or forbids it: that needs CAP_SYS_NICE.

Measured on a kernel of 6.18, beside 45 threads that hand a lock around: of 490 programs of 0.15 s none took longer than a quarter of a
second with it, of as many without it five took 1 to 10 s.
*/
export const raiseSession = (file = '/proc/self/autogroup'): (() => void) => {
	try {
		const before = niceValue.exec(readFileSync(file, 'latin1'))?.[1];
		if (before === undefined) {
			return () => {};
		}

		writeFileSync(file, highest);
		return () => {
			try {
				writeFileSync(file, before);
			} catch {
				// What was allowed a moment ago: there is nobody left to tell.
			}
		};
	} catch {
		return () => {};
	}
};
