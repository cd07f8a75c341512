import type {Snapshot} from '../model/snapshot.js';
import {createObserver} from '../observer/observer.js';
import {type Selection, selectProcesses} from '../observer/select-processes.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import {maskSecrets} from '../snapshot/mask-secrets.js';
import type {Target} from '../targets/target.js';
import {createEvaluation} from './evaluate.js';
import {toolVersion} from './tool-version.js';

export type WatchOptions = {
	target: Target;
	intervalSeconds: number;
	selection: Selection;
	/** Begins with a glance at the processes, for a screen that has nothing to show yet; the threads follow once it is drawn. */
	beginsWithGlance?: boolean;
};

/** The running observation of a target, with findings: the one loop and the one clock of the program. */
export type Watch = {
	/** Calls back with each new Snapshot, at once with the newest if there is one; returns how to stop. */
	subscribe(listener: (snapshot: Snapshot) => void): () => void;
	readonly intervalSeconds: number;
	setIntervalSeconds(seconds: number): void;
	/** Processes on the screen, and the threads that its rows are about. */
	setFocus(pids: readonly number[], tids?: readonly number[]): void;
	/** Samples who has the lock of one process, many times a second, until it is told another one or none. */
	setTimeline(pid: number | undefined): void;
	/** All threads that are watched, by their ids. */
	readonly threads: ReadonlyMap<number, ThreadEntry>;
	stop(): void;
};

// A look in step with a program's own timer would always see the same: each comes a little earlier or later.
const lookJitter = 0.8;

/** For the first frame, which reading the threads of a big machine would hold up. */
const millisecondsToDraw = 30;

const narrow = (snapshot: Snapshot, selection: Selection): Snapshot => {
	const processes = selectProcesses(snapshot.processes, selection);
	if (processes === snapshot.processes) {
		return snapshot;
	}

	const shown = new Set(processes.map(({pid}) => pid));
	return {
		...snapshot,
		processes,
		findings: snapshot.findings.filter(({pids}) => pids.some(pid => shown.has(pid))),
	};
};

/** Begins to watch; the first Snapshot comes as soon as it is made, without rates. */
export const startWatch = (options: WatchOptions): Watch => {
	let {intervalSeconds} = options;
	const observer = createObserver({
		target: options.target,
		toolVersion,
		intervalSeconds: () => intervalSeconds,
	});
	const evaluate = createEvaluation();
	const listeners = new Set<(snapshot: Snapshot) => void>();
	let newest: Snapshot | undefined;
	let plannedAt = performance.now();
	let tickTimer: NodeJS.Timeout | undefined;
	let lookTimer: NodeJS.Timeout | undefined;
	let timelineTimer: NodeJS.Timeout | undefined;
	let stopped = false;
	let onScreen: readonly number[] = [];
	let rows: readonly number[] = [];
	let inFindings: readonly number[] = [];
	let asked: readonly number[] = [];
	let ticking = false;

	const scheduleLook = (): void => {
		const milliseconds =
			(1000 / observer.looksPerSecond) * (1 + lookJitter * (Math.random() - 0.5));
		lookTimer = setTimeout(() => {
			observer.look();
			scheduleLook();
		}, milliseconds);
	};

	const scheduleTimeline = (): void => {
		clearTimeout(timelineTimer);
		const milliseconds = observer.millisecondsUntilTimeline;
		if (milliseconds !== undefined) {
			timelineTimer = setTimeout(() => {
				observer.sampleTimeline();
				scheduleTimeline();
			}, milliseconds);
		}
	};

	const scheduleTick = (): void => {
		const milliseconds = intervalSeconds * 1000;
		// After a gap the old schedule is over: ticks must not follow each other in a hurry to catch up.
		plannedAt = Math.max(plannedAt + milliseconds, performance.now() + milliseconds / 10);
		tickTimer = setTimeout(() => void tick(), plannedAt - performance.now());
	};

	/**
	Processes that were asked for by their ids or are in a finding are looked at closely, whether there is a screen or not, and so is
	the one that has a page of its own; rows of a table show no stacks.
	*/
	const focus = (): void => {
		const page = onScreen.length === 1 ? onScreen : [];
		const whole = [...asked, ...page];
		const closely = [...new Set([...whole, ...inFindings])];
		observer.setFocus([...new Set([...closely, ...onScreen])], {closely, whole, rows});
	};

	const publish = (snapshot: Snapshot): void => {
		newest = snapshot;
		for (const listener of listeners) {
			listener(snapshot);
		}
	};

	const tick = async (): Promise<void> => {
		clearTimeout(lookTimer);
		ticking = true;
		// First of all, so that no secret reaches a screen, a pipe or a file.
		const bare = maskSecrets(await observer.tick(Math.max(0, performance.now() - plannedAt)));
		ticking = false;
		if (stopped) {
			return;
		}

		const snapshot = evaluate(bare);
		const narrowed = narrow(snapshot, options.selection);
		asked = options.selection.pids ? narrowed.processes.map(({pid}) => pid) : [];
		inFindings = snapshot.findings.flatMap(({pids}) => pids);
		focus();
		scheduleTick();
		scheduleLook();
		publish(narrowed);
	};

	let isDrawn = !options.beginsWithGlance;
	if (isDrawn) {
		void tick();
	} else {
		newest = narrow(maskSecrets(observer.glance()), options.selection);
	}

	return {
		threads: observer.threads,
		get intervalSeconds() {
			return intervalSeconds;
		},
		setIntervalSeconds(seconds) {
			intervalSeconds = seconds;
			if (ticking) {
				return;
			}

			clearTimeout(tickTimer);
			plannedAt = performance.now();
			scheduleTick();
		},
		setFocus(pids, tids = []) {
			onScreen = pids;
			rows = tids;
			focus();
		},
		setTimeline(pid) {
			observer.setTimeline(pid);
			scheduleTimeline();
		},
		subscribe(listener) {
			listeners.add(listener);
			if (!isDrawn) {
				isDrawn = true;
				plannedAt = performance.now() + millisecondsToDraw;
				tickTimer = setTimeout(() => void tick(), millisecondsToDraw);
			}

			if (newest) {
				listener(newest);
			}

			return () => {
				listeners.delete(listener);
			};
		},
		stop() {
			stopped = true;
			clearTimeout(tickTimer);
			clearTimeout(lookTimer);
			clearTimeout(timelineTimer);
			observer.close();
		},
	};
};
