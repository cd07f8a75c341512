import type {CpuProfile, Probe} from '../model/probe.js';
import type {Target} from '../targets/target.js';
import {callTable} from './call-table.js';
import {perfProfile} from './cpu-profile.js';
import {type LastRun, lastRuns} from './last-runs.js';
import {lockLookup} from './lock-words.js';
import {offCpuGraph, sampledCpuGraph} from './off-cpu-graph.js';
import {countsSwitches} from './pace.js';
import {type PerfRecording, startPerf} from './perf.js';
import {stackGroups} from './stack-groups.js';
import {countCalls} from './strace.js';
import {openSubject, type WatchedThreads} from './subject.js';
import {symbolTable} from './symbols.js';
import {seenMilliseconds, type ThreadTally} from './thread-tally.js';
import {timeline} from './timeline.js';
import {knowsTools} from './tools.js';
import {profileWaits, type WaitProfile} from './wait-profile.js';

export type ProbeOptions = {
	target: Target;
	pid: number;
	/** Threads that are watched anyway, so that less has to be read. */
	watched?: WatchedThreads;
	seconds: number;
	/** Counts system calls with strace too, afterwards: that slows the program down. */
	strace?: boolean;
	/** Told of how much of the time is over, from 0 to 1, and of what. */
	onProgress?: (share: number, what: string) => void;
	/** Ends it early; what was seen until then is told. */
	signal?: AbortSignal;
};

const counterSeconds = (
	tallies: readonly ThreadTally[],
	counter: 'runNanoseconds' | 'delayNanoseconds',
): number =>
	tallies.reduce((sum, {first, last}) => sum + Math.max(0, last[counter] - first[counter]), 0) /
	1e9;

/** Below this much of their time a wait of some milliseconds is seen by chance. */
const leastKnownPercent = 75;
/** Below this many looks a second there are stacks of some threads only. */
const fewLooksPerSecond = 2;
/** A probe that takes longer than was asked for by more than this says why. */
const mostLonger = 0.1;

const endNote = ({end, seconds}: WaitProfile, wantedSeconds: number): readonly string[] => {
	const time = `after ${seconds.toFixed(1)} of ${wantedSeconds} s`;
	switch (end) {
		case 'ended':
			return [`the process ended ${time}: this is what was seen until then`];
		case 'cancelled':
			return [`stopped ${time}`];
		case 'time':
			return [];
	}
};

const threadsWithStack = (tallies: readonly ThreadTally[]): number =>
	tallies.filter(({places}) => [...places.values()].some(({stack}) => stack !== undefined)).length;

const samplingOf = ({
	tallies,
	unseen,
	looks,
	seconds,
	ownCpuPercent,
}: WaitProfile): Probe['sampling'] => {
	const active = tallies.filter(({first, last}) => last.slices !== first.slices);
	const measured = active.length > 0 ? active : tallies;
	const seen = tallies.reduce((sum, tally) => sum + seenMilliseconds(tally), 0);
	const all = seen + unseen * seconds * 1000;
	const known = tallies.reduce((sum, tally) => sum + tally.closelyKnownMilliseconds, 0);
	const looksAtThem = measured.reduce((sum, tally) => sum + tally.looks, 0);
	return {
		threads: tallies.length + unseen,
		looks,
		looksPerThreadPerSecond: looksAtThem / Math.max(1, measured.length) / Math.max(0.001, seconds),
		threadsWithStack: threadsWithStack(tallies),
		closelyKnownPercent: (known / Math.max(1, all)) * 100,
		ownCpuPercent,
	};
};

/** How closely so many threads could be looked at; nothing where that was as closely as was meant. */
const closenessNote = (profile: WaitProfile, wantedSeconds: number): readonly string[] => {
	const {looks, tallies, unseen, seconds, budgetPercent} = profile;
	const {closelyKnownPercent = 100, looksPerThreadPerSecond} = samplingOf(profile);
	const threads = tallies.length + unseen;
	const perSecond = looks / Math.max(1, threads) / Math.max(0.001, seconds);
	if (perSecond >= fewLooksPerSecond && closelyKnownPercent >= leastKnownPercent) {
		return [];
	}

	const once = tallies.filter(tally => tally.looks < 2).length;
	return [
		[
			`${threads} threads are many to look at within ${budgetPercent.toFixed(0)}% of one CPU: each was looked at ${perSecond.toFixed(1)} times a second, those that ran ${looksPerThreadPerSecond.toFixed(1)} times, and for ${(100 - closelyKnownPercent).toFixed(0)}% of the time short waits are told roughly`,
			...(countsSwitches(threads, wantedSeconds) ? [] : ['wakes count each end of a time slice']),
			`stacks of ${threadsWithStack(tallies)} of them were read`,
			...(once === 0 ? [] : [`${once} were seen once only, which tells no wakes`]),
			...(unseen === 0 ? [] : [`${unseen} were not seen at all: more --seconds show them`]),
		].join('; '),
	];
};

const notesOf = (profile: WaitProfile, wantedSeconds: number): readonly string[] => {
	const {ranOtherProgram, newChildren, end, seconds, budgetPercent} = profile;
	const children =
		newChildren === 1 ? '1 more child process' : `${newChildren} more child processes`;
	return [
		...endNote(profile, wantedSeconds),
		...(end === 'time' && seconds > wantedSeconds * (1 + mostLonger)
			? [
					`it took ${seconds.toFixed(1)} s instead of ${wantedSeconds}: what was to be read didn't fit into ${budgetPercent.toFixed(0)}% of one CPU sooner`,
				]
			: []),
		...closenessNote(profile, wantedSeconds),
		...(ranOtherProgram
			? ['it ran another program (exec) meanwhile: the stacks of both are in here']
			: []),
		...(newChildren > 0 ? [`it has ${children} than before: they are not in here`] : []),
	];
};

const sampledProfile = (tallies: readonly ThreadTally[]): CpuProfile | undefined => {
	const {graph, samples} = sampledCpuGraph(tallies);
	return graph.stacks.length === 0
		? undefined
		: {source: 'sampled', samples, graph, symbols: symbolTable(graph)};
};

/** By perf where it is there and may look, else by what the looks saw; and why not by perf. */
const cpuProfile = async (
	perf: PerfRecording | undefined,
	{tallies, runtimeLooks, endSeconds}: WaitProfile,
): Promise<{
	onCpu: CpuProfile | undefined;
	runs: ReadonlyMap<number, LastRun>;
	notes: readonly string[];
}> => {
	const recorded = await perf?.finish();
	if (recorded && 'samples' in recorded) {
		const {samples} = recorded;
		return {
			onCpu: perfProfile(samples, runtimeLooks),
			runs: lastRuns(samples, endSeconds),
			notes: [],
		};
	}

	return {
		onCpu: sampledProfile(tallies),
		runs: new Map(),
		notes: [
			recorded?.reason ??
				'perf is not installed: what ran is told only as far as looks at threads can',
		],
	};
};

const unreached =
	'perf and strace were not used: they take process ids of /proc, and these are of another directory';

/**
One bounded look at a process, which stops nothing and changes nothing, unless strace was asked for. Throws a ProbeRefusal
where the process is gone or may not be looked into; one that ends or runs another program meanwhile is told as far as it was seen.
*/
export const probeProcess = async ({
	target,
	pid,
	watched,
	seconds,
	strace = false,
	onProgress = () => {},
	signal,
}: ProbeOptions): Promise<Probe> => {
	const subject = openSubject(target, pid, watched);
	const {name, startTimeTicks} = subject.process;
	const isReached = knowsTools(target);
	const perf = isReached ? startPerf(pid, seconds) : undefined;
	try {
		const profile = await profileWaits({
			target,
			subject,
			seconds,
			onProgress: share => onProgress(share, 'waits'),
			...(signal && {signal}),
		});
		if (profile.end !== 'time') {
			perf?.stop();
		}

		const {tallies, locks} = profile;
		const lockOf = lockLookup(locks);
		const calls = callTable(tallies, lockOf, profile.seconds);
		onProgress(1, 'symbols');
		const {onCpu, runs, notes} = await cpuProfile(perf, profile);
		const counted =
			strace && isReached && profile.end === 'time'
				? await countCalls({
						pid,
						seconds,
						onProgress: share => onProgress(share, 'strace'),
						signal,
					})
				: undefined;
		return {
			pid,
			name,
			startTimeTicks,
			startedAt: profile.startedAt,
			seconds: profile.seconds,
			sampling: samplingOf(profile),
			notes: [
				...notesOf(profile, seconds),
				...(isReached ? notes : [unreached]),
				...(counted && 'reason' in counted ? [counted.reason] : []),
			],
			onCpuSeconds: counterSeconds(tallies, 'runNanoseconds'),
			runQueueSeconds: counterSeconds(tallies, 'delayNanoseconds'),
			asleepSeconds: calls.reduce((sum, call) => sum + call.seconds, 0),
			calls,
			...(counted && 'calls' in counted && {exactCalls: counted}),
			locks,
			stacks: stackGroups({
				tallies,
				lockOf,
				endMilliseconds: profile.seconds * 1000,
				lastRuns: runs,
			}),
			timeline: timeline(tallies, lockOf, profile.columnMilliseconds),
			offCpu: offCpuGraph(tallies, lockOf),
			...(onCpu && {onCpu}),
		};
	} finally {
		perf?.clean();
		subject.close();
	}
};
