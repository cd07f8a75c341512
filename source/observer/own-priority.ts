import {execFile} from 'node:child_process';
import {availableParallelism} from 'node:os';
import process from 'node:process';
import {readBytes, readText} from '../procfs/read-text.js';
import {parseSchedstat} from '../procfs/schedstat.js';
import {sharePercent} from '../sampler/rates.js';
import {createSessionPriority} from './session-priority.js';

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

const session = createSessionPriority();
let isFirst = false;
const deadlySignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const goBack = (): void => {
	if (!isFirst) {
		return;
	}

	isFirst = false;
	session.restore();
	process.off('exit', goBack);
	for (const signal of deadlySignals) {
		process.off(signal, dieOf);
	}
};

/** Nobody else may be listening yet, and a program that dies of a signal is told nothing. */
const dieOf = (signal: NodeJS.Signals): void => {
	goBack();
	if (process.listenerCount(signal) === 0) {
		process.kill(process.pid, signal);
	}
};

/** Other programs are in the same session: however this one ends, it must not stay first. */
const goFirst = (): void => {
	if (isFirst) {
		return;
	}

	isFirst = true;
	process.on('exit', goBack);
	for (const signal of deadlySignals) {
		process.on(signal, dieOf);
	}

	session.raise();
};

/**
Asks for the lowest real-time priority for this program alone, by chrt(1): it ends with the program, and nothing that it starts
inherits it. Needs CAP_SYS_NICE.

Niceness would not help: where the kernel groups tasks by session (sched_autogroup, see sched(7)), it counts only inside one's own. That of
the session itself helps chrt to a CPU.
*/
const raise = (done: () => void): void => {
	const words = ['--all-tasks', '--reset-on-fork', '--rr', '--pid', lowestRealTimePriority];
	isAsking = true;
	goFirst();
	execFile('chrt', [...words, String(process.pid)], error => {
		isAsking = false;
		goBack();
		if (!error) {
			done();
		}
	});
};

/** Of the whole program: it asks once. */
let asked = false;
let isAsking = false;
let isRaised = false;

const isRoot = (): boolean => process.geteuid?.() === 0;

/** Threads of the machine that run or want to; the fourth field of proc_loadavg(5). */
const runnableThreads = (): number =>
	Number(/ (\d+)\//.exec(readText('/proc/loadavg') ?? '')?.[1] ?? 0);

/**
Where more threads want a CPU than there are: this program's session goes first until its first sample is taken, if that is allowed.
Measured on a kernel of 6.18, beside threads that hand a lock around: of 490 programs that need 0.15 s five took 1 to 10 s, with this none
more than a quarter of a second.
*/
export const loadFirst = (): void => {
	if (isRoot() && runnableThreads() > availableParallelism()) {
		goFirst();
	}
};

/** The first sample was taken. */
export const endLoading = (): void => {
	if (!isAsking) {
		goBack();
	}
};

/**
Watches how long this program waits for a CPU. On a machine so overloaded that it can't do its work it asks for priority, once and
only if it is allowed to: a diagnosis is needed there most, and takes a few hundredths of one CPU.
*/
export const watchOwnPriority = (): OwnPriority => {
	const counters = {runNanoseconds: 0, delayNanoseconds: 0, slices: 0};
	const mayRaise = isRoot();
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
