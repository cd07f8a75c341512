import {compareSeverity} from '../format/severity.js';
import type {Finding} from '../model/finding.js';
import type {Check} from '../model/preflight.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Selection} from '../observer/select-processes.js';
import type {SleepingThread} from '../preflight/readers/sleepers.js';
import {printable} from '../preflight/words.js';
import type {PreflightLook} from './preflight-watch.js';

/** The pre-flight checks that run beside the live screen. */
export type ScreenChecks = {
	/** Calls back with the newest checks, at once if there are some; returns how to stop. */
	subscribe(listener: (checks: readonly Check[]) => void): () => void;
	/** The Snapshot with the bad checks among its findings, behind those about threads that are as severe. */
	addFindings(snapshot: Snapshot): Snapshot;
	/** Looks at once: somebody wants to see them. */
	request(): void;
	stop(): void;
};

// The first screens belong to the threads; what fills up has time.
const millisecondsUntilFirstLook = 30_000;

const uninterruptibleThreads = ({processes}: Snapshot): readonly SleepingThread[] =>
	processes.flatMap(({pid, threads}) =>
		threads.flatMap(({tid, name, state, waitChannel}) =>
			state === 'D' ? [{pid, tid, name: printable(name), waitChannel}] : [],
		),
	);

/** Begins to look at disks, sockets, memory and limits, now and then, until it is stopped. */
export const startScreenChecks = (procRoot: string, selection: Selection): ScreenChecks => {
	const listeners = new Set<(checks: readonly Check[]) => void>();
	let newest: readonly Check[] | undefined;
	let bad: readonly Finding[] = [];
	let stopWatch: (() => void) | undefined;
	let isWanted = false;
	let isStarted = false;
	let isStopped = false;
	let newestSnapshot: Snapshot | undefined;
	const showsAll = selection.pids === undefined && selection.user === undefined;
	const start = async (): Promise<void> => {
		clearTimeout(timer);
		if (isStarted) {
			return;
		}

		isStarted = true;
		// Not before somebody needs it: the first frame doesn't wait for its code.
		const {startPreflightWatch} = await import('./preflight-watch.js');
		if (!isStopped) {
			stopWatch = startPreflightWatch(procRoot, onLook, onError, {
				wantsHardware: () => isWanted,
				knownSleepers: () =>
					showsAll && newestSnapshot ? uninterruptibleThreads(newestSnapshot) : undefined,
			});
		}
	};

	const onLook = ({checks, findings}: PreflightLook): void => {
		newest = checks;
		bad = findings;
		for (const listener of listeners) {
			listener(checks);
		}
	};

	const onError = (): void => {
		// The screen shows what it saw last; what it shows otherwise doesn't depend on this.
		bad = [];
	};

	const timer = setTimeout(() => void start().catch(onError), millisecondsUntilFirstLook);
	return {
		request() {
			isWanted = true;
			void start().catch(onError);
		},
		stop() {
			clearTimeout(timer);
			isStopped = true;
			stopWatch?.();
		},
		subscribe(listener) {
			listeners.add(listener);
			if (newest) {
				listener(newest);
			}

			return () => {
				listeners.delete(listener);
			};
		},
		addFindings(snapshot) {
			newestSnapshot = snapshot;
			return bad.length === 0
				? snapshot
				: {
						...snapshot,
						findings: [...snapshot.findings, ...bad].sort((a, b) =>
							compareSeverity(a.severity, b.severity),
						),
					};
		},
	};
};
