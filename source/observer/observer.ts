import type {Process} from '../model/process.js';
import type {Gap, Snapshot} from '../model/snapshot.js';
import type {System} from '../model/system.js';
import {openFilesLimit} from '../sampler/descriptor-budget.js';
import {describeMachine, type MachineSample, readMachine} from '../sampler/machine.js';
import {createSampler} from '../sampler/sampler.js';
import type {ThreadEntry} from '../sampler/task-entry.js';
import {createSymbolSearch} from '../symbols/symbol-search.js';
import type {Target} from '../targets/target.js';
import {type Rights, readRights} from './access.js';
import {createAddressSpaces} from './address-spaces.js';
import {createCollectorObserver} from './collector-observer.js';
import {createFrameSources} from './frame-sources.js';
import {createGilObserver} from './gil-observer.js';
import {createHeading} from './heading.js';
import {createHolderDoing} from './holder-doing.js';
import {describeHost} from './host.js';
import {createJvmObserver} from './jvm-observer.js';
import {createKernelWorkObserver} from './kernel-work-observer.js';
import {createLockWatch} from './lock-watch.js';
import {createMovedWaits} from './moved-waits.js';
import {createOwnCostMeter} from './own-cost.js';
import {endLoading, watchOwnPriority} from './own-priority.js';
import {createOwnThreadIds} from './own-thread-ids.js';
import {createPolledSockets} from './polled-sockets.js';
import {createPoolObserver} from './pool-observer.js';
import {createProcessLocks} from './process-locks.js';
import {createPythonProcesses} from './python-processes.js';
import {createRoleObserver} from './role-observer.js';
import {createRuntimeObserver} from './runtime-observer.js';
import {createRuntimeStacks, type StacksToRead} from './runtime-stacks.js';
import {createTimelineSampler} from './timeline-sampler.js';
import {createWaitLooks} from './wait-looks.js';
import {createWaitReader} from './wait-reader.js';
import {createWakeCauses} from './wake-causes.js';

/** Watches a target: one Snapshot a tick, without findings. */
export type Observer = {
	/** Takes a sample; `lateMilliseconds` is how much later than planned it is called. */
	tick(lateMilliseconds?: number): Promise<Snapshot>;
	/**
	Before the first tick: all processes with their first threads only, without rates, for a screen that has nothing to show yet. It takes a
	tenth of the time that the threads of a big machine take.
	*/
	glance(): Snapshot;
	/** A quick look at what active threads wait for; to be called `looksPerSecond` times a second between two ticks. */
	look(): void;
	readonly looksPerSecond: number;
	/** Processes that are on the screen or in a finding: they are read first. All of them are looked at closely and whole, when nothing else is said. */
	setFocus(pids: readonly number[], parts?: Partial<FocusParts>): void;
	/** Makes a timeline of one process from now on, or of none. */
	setTimeline(pid: number | undefined): void;
	/** A sample for it, to be taken when it is due; undefined where there is none to make. */
	sampleTimeline(): void;
	readonly millisecondsUntilTimeline: number | undefined;
	/** All threads that are watched, by their ids. */
	readonly threads: ReadonlyMap<number, ThreadEntry>;
	close(): void;
};

/** How closely somebody looks. */
export type FocusParts = {
	/** Processes of which each thread's stack is read. */
	closely: readonly number[];
	/** Processes of which all is read what their threads wait for, however many of them run. */
	whole: readonly number[];
	/** Threads of which it is as well: those that rows of the screen are about. */
	rows: readonly number[];
};

export type ObserverOptions = {
	target: Target;
	toolVersion: string;
	/** Planned time between two ticks; one that took twice as long left a gap. */
	intervalSeconds: () => number;
};

const gapsKept = 60;
/** In the first seconds the symbols of all that waits are looked for: between two ticks as well, so that they are there at the next one. */
const ticksOfEagerSearch = 4;
const intervalsThatMakeAGap = 2;

/** Of another machine, or of a tree of files, nothing is known but what it refuses. */
const rightsElsewhere: Rights = {tracesOthers: false, isRoot: false, hidesOthers: false};

export const createObserver = ({
	target,
	toolVersion,
	intervalSeconds,
}: ObserverOptions): Observer => {
	const sampler = createSampler(target);
	const spaces = createAddressSpaces(target.procRoot, openFilesLimit());
	const architecture = describeHost(target, 0).architecture;
	const waits = createWaitReader(sampler.files, spaces, architecture);
	const looks = createWaitLooks(waits, architecture);
	const search = createSymbolSearch();
	const pythons = createPythonProcesses(
		target.procRoot,
		spaces,
		createOwnThreadIds(target.procRoot),
		search,
	);
	const gils = createGilObserver(pythons);
	const locking = createLockWatch({target, architecture, spaces, waits, search}, sampler.table);
	const idsOfJvms = createOwnThreadIds(target.procRoot);
	const jvms = createJvmObserver({
		procRoot: target.procRoot,
		spaces,
		ids: idsOfJvms,
		whatItDoes: createHolderDoing({threads: sampler.table.threads, waits, architecture}),
	});
	const frameSourceOf = createFrameSources({pythons, jvmOf: jvms.jvmOf, ids: idsOfJvms});
	const runtimeStacks = createRuntimeStacks(frameSourceOf, waits);
	const timeline = createTimelineSampler({
		architecture,
		processes: sampler.table.processes,
		files: sampler.files,
		waits,
		viewOf(entry, lock) {
			const gil = lock.kind === 'gil' ? gils.viewOf(entry) : undefined;
			return gil ?? jvms.viewOf(entry, lock) ?? locking.viewOf(entry, lock);
		},
	});
	const runtimes = createRuntimeObserver(target);
	const pools = createPoolObserver(target.procRoot, spaces, createOwnThreadIds(target.procRoot));
	const kernelWork = createKernelWorkObserver(target.procRoot);
	const collectors = createCollectorObserver(target.procRoot, spaces, search);
	const roles = createRoleObserver(pools.tidsOf);
	const measureOwnCost = createOwnCostMeter();
	const ownPriority = watchOwnPriority();
	// At once: on an overloaded machine even the first tick would take many seconds.
	ownPriority.measure();
	const rights = target.ownKernel ? readRights('/proc') : rightsElsewhere;
	const locks = createProcessLocks({table: sampler.table, pythons, gils, jvms, locking});
	const heading = createHeading({target, toolVersion, sampler, rights});
	const movedWaits = createMovedWaits({target, rights, waits, note: locking.noteWait});
	const polledSockets = createPolledSockets(target.procRoot, architecture, spaces, waits);
	const wakeCauses = createWakeCauses(target.procRoot, polledSockets);
	let previous: MachineSample | undefined;
	let startedAt: number | undefined;
	let focus: ReadonlySet<number> = new Set();
	let closely: ReadonlySet<number> = new Set();
	let whole: ReadonlySet<number> = new Set();
	let rows: ReadonlySet<number> = new Set();
	let gaps: readonly Gap[] = [];
	let ticks = 0;

	/** Processes whose runtimes' stacks are worth reading: those somebody looks at first, then those that wait for locks. */
	const stacksToRead = function* (): Generator<StacksToRead> {
		for (const pid of focus) {
			const entry = sampler.table.processes.get(pid);
			if (entry && frameSourceOf(entry)) {
				yield {process: entry, isInFocus: true};
			}
		}

		for (const entry of locks.processes) {
			if (!focus.has(entry.pid) && frameSourceOf(entry)) {
				yield {process: entry, isInFocus: false};
			}
		}
	};

	const isLookedAt = ({tid, process: {pid}}: ThreadEntry): boolean =>
		rows.has(tid) || whole.has(pid);

	const noteGap = (seconds: number | undefined, takenAt: string): void => {
		if (seconds !== undefined && seconds > intervalSeconds() * intervalsThatMakeAGap) {
			gaps = [...gaps, {at: takenAt, seconds}].slice(-gapsKept);
		}
	};

	const sample = async (): Promise<{
		machine: MachineSample;
		system: System;
		processes: readonly Process[];
		sweepMilliseconds: number;
		torn: number;
		read: number;
		lookCount: number;
	}> => {
		const machine = readMachine(target, !rights.tracesOthers);
		const {moved, postponed, torn, sweepMilliseconds} = await sampler.sweep(machine, focus);
		const began = performance.now();
		search.proceed();
		const {looks: lookCount, futexes} = looks.finish();
		movedWaits.update({moved, postponed, focus, isLookedAt});
		const system = describeMachine(previous, machine);
		wakeCauses.update(moved, system.tcpAcceptsPerSecond);
		locks.update(futexes, lookCount, focus);
		locking.updateStacks(focus, closely);
		runtimeStacks.update(stacksToRead());
		runtimes.update(sampler.table.processes);
		pools.update(sampler.table.processes.values(), focus);
		collectors.update(sampler.table.processes.values(), system.uptimeSeconds);
		roles.update(sampler.table.processes.values(), focus);
		kernelWork.update(sampler.table.processes.values());
		looks.choose(moved);
		spaces.prune(pid => sampler.table.processes.has(pid));
		return {
			machine,
			system,
			processes: sampler.publish(machine),
			sweepMilliseconds: sweepMilliseconds + performance.now() - began,
			torn,
			read: moved.length,
			lookCount,
		};
	};

	return {
		threads: sampler.table.threads,
		glance() {
			const began = performance.now();
			const machine = readMachine(target);
			const leaders = sampler.glance();
			for (const entry of leaders) {
				waits.update(entry);
			}

			return {
				...heading.self(machine),
				observedSeconds: 0,
				system: describeMachine(undefined, machine),
				processes: sampler.publish(machine, sampler.countThreads),
				sampling: {
					...heading.sampling(gaps),
					waitLooks: 0,
					threadsRead: leaders.length,
					sweepMilliseconds: performance.now() - began,
					lateMilliseconds: 0,
					// None was needed yet.
					threadsWithoutDescriptor: 0,
				},
				findings: [],
				notSeen: ['threads other than the first of each process, at the first glance'],
			};
		},
		get looksPerSecond() {
			return looks.looksPerSecond;
		},
		look() {
			if (ticks <= ticksOfEagerSearch) {
				movedWaits.proceed();
				search.proceed();
			}

			looks.look();
			locking.look();
			gils.look();
			jvms.look();
			pools.look();
			kernelWork.look();
			collectors.look();
		},
		setFocus(pids, parts = {}) {
			focus = new Set(pids);
			closely = new Set(parts.closely ?? pids);
			whole = new Set(parts.whole ?? pids);
			rows = new Set(parts.rows ?? []);
		},
		setTimeline: timeline.follow,
		sampleTimeline: timeline.sample,
		get millisecondsUntilTimeline() {
			return timeline.isFollowing ? timeline.millisecondsUntilNext : undefined;
		},
		async tick(lateMilliseconds = 0) {
			ticks++;
			const {machine, system, processes, sweepMilliseconds, torn, read, lookCount} = await sample();
			startedAt ??= machine.readAtMilliseconds;
			const seconds = previous && (machine.readAtMilliseconds - previous.readAtMilliseconds) / 1000;
			const self = heading.self(machine);
			noteGap(seconds, self.takenAt);
			const strips = timeline.tick();
			const cost = measureOwnCost();
			const ownWait = ownPriority.measure();
			endLoading();
			previous = machine;
			return {
				...self,
				...(seconds !== undefined && {intervalSeconds: seconds}),
				observedSeconds: (machine.readAtMilliseconds - startedAt) / 1000,
				sampling: {
					...heading.sampling(gaps),
					waitLooks: lookCount,
					threadsRead: read,
					sweepMilliseconds,
					lateMilliseconds,
					...(torn > 0 && {threadsTorn: torn}),
					...(cost.cpuPercent !== undefined && {ownCpuPercent: cost.cpuPercent}),
					...(cost.rssBytes !== undefined && {ownRssBytes: cost.rssBytes}),
					...(ownWait !== undefined && {ownRunQueueWaitPercent: ownWait}),
					...(ownPriority.isRaised && {ownPriority: 'real-time' as const}),
				},
				system,
				processes,
				...locking.find(self.takenAt, jvms.edges()),
				...(strips && {timeline: strips}),
				findings: [],
				notSeen: [],
			};
		},
		close() {
			spaces.prune(() => false);
			sampler.close();
		},
	};
};
