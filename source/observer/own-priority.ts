import {execFile} from 'node:child_process';
import process from 'node:process';
import {readBytes} from '../procfs/read-text.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import {sharePercent} from '../sampler/rates.js';
import {raiseSession} from './session-priority.js';

/** How the observer itself fares on a machine that is short of CPUs. */
export type OwnPriority = {
	/** Share of the time since the last call that the program was ready to run but had no CPU; 100 = all of it. */
	measure(): number | undefined;
	/** Whether it runs before all ordinary programs now. */
	readonly isRaised: boolean;
};

// A quarter of a second late, each second: rates are still right, but looks and keys come too late to be of use.
const starvedPercent = 25;
const lowestRealTimePriority = '1';

/**
Asks for the lowest real-time priority for this program alone, by chrt(1): it ends with the program, and nothing that it starts
inherits it. Needs CAP_SYS_NICE.

Niceness would not help: where the kernel groups tasks by session (sched_autogroup, see sched(7)), it counts only inside one's own. That of
the session itself helps chrt to a CPU, and lasts only until it has done its work: other programs are in the same session.
*/
const raise = (done: () => void): void => {
	const words = ['--all-tasks', '--reset-on-fork', '--rr', '--pid', lowestRealTimePriority];
	const restore = raiseSession();
	process.once('exit', restore);
	execFile('chrt', [...words, String(process.pid)], error => {
		restore();
		process.off('exit', restore);
		if (!error) {
			done();
		}
	});
};

/** Of the whole program: it asks once. */
let asked = false;
let isRaised = false;

/**
Watches how long this program waits for a CPU. On a machine so overloaded that it can't do its work it asks for priority, once and
only if it is allowed to: a diagnosis is needed there most, and takes a few hundredths of one CPU.
*/
export const watchOwnPriority = (): OwnPriority => {
	const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};
	const mayRaise = process.geteuid?.() === 0;
	// The monotonic clock begins with the program, as its scheduler counters do.
	let measuredAt = 0;
	let delayBefore = 0;
	return {
		get isRaised() {
			return isRaised;
		},
		measure() {
			const bytes = readBytes('/proc/self/schedstat');
			if (!bytes || !parseSchedstat(bytes, bytes.length, counters)) {
				return undefined;
			}

			const now = performance.now();
			const percent = sharePercent(
				delayBefore,
				counters.delayNanoseconds,
				(now - measuredAt) / 1000,
			);
			measuredAt = now;
			delayBefore = counters.delayNanoseconds;
			if (mayRaise && !asked && (percent ?? 0) >= starvedPercent) {
				asked = true;
				raise(() => {
					isRaised = true;
				});
			}

			return percent;
		},
	};
};
