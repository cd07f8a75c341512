import type {CpuProfile, Probe} from '../model/probe.js';
import type {Target} from '../targets/target.js';
import {callTable} from './call-table.js';
import {lockLookup} from './lock-words.js';
import {offCpuGraph, sampledCpuGraph} from './off-cpu-graph.js';
import {stackGroups} from './stack-groups.js';
import {openSubject} from './subject.js';
import {symbolTable} from './symbols.js';
import type {ThreadTally} from './thread-tally.js';
import {timeline} from './timeline.js';
import {profileWaits, type WaitProfile} from './wait-profile.js';

export type ProbeOptions = {
	target: Target;
	pid: number;
	seconds: number;
	/** Told of how much of the time is over, from 0 to 1. */
	onProgress?: (share: number) => void;
	/** Ends it early; what was seen until then is told. */
	signal?: AbortSignal;
};

const counterSeconds = (
	tallies: readonly ThreadTally[],
	counter: 'runNanoseconds' | 'delayNanoseconds',
): number =>
	tallies.reduce((sum, {first, last}) => sum + Math.max(0, last[counter] - first[counter]), 0) /
	1e9;

const notesOf = (profile: WaitProfile, wantedSeconds: number): readonly string[] => {
	const {end, ranOtherProgram, newChildren, seconds} = profile;
	return [
		...(end === 'ended'
			? [
					`the process ended after ${seconds.toFixed(1)} of ${wantedSeconds} s: this is what was seen until then`,
				]
			: []),
		...(end === 'cancelled' ? [`stopped after ${seconds.toFixed(1)} of ${wantedSeconds} s`] : []),
		...(ranOtherProgram
			? ['it ran another program (exec) meanwhile: the stacks of both are in here']
			: []),
		...(newChildren > 0
			? [
					`it has ${newChildren} more child process${newChildren === 1 ? '' : 'es'} than before: they are not in here`,
				]
			: []),
	];
};

const cpuProfile = (tallies: readonly ThreadTally[]): CpuProfile | undefined => {
	const {graph, samples} = sampledCpuGraph(tallies);
	return graph.stacks.length === 0
		? undefined
		: {source: 'sampled', samples, graph, symbols: symbolTable(graph)};
};

/**
One bounded look at a process, which stops nothing and changes nothing. Throws a ProbeRefusal where the process is gone or
may not be looked into; one that ends or runs another program meanwhile is told as far as it was seen.
*/
export const probeProcess = async ({
	target,
	pid,
	seconds,
	onProgress = () => {},
	signal,
}: ProbeOptions): Promise<Probe> => {
	const subject = openSubject(target, pid);
	try {
		const {name, startTimeTicks} = subject.process;
		const profile = await profileWaits({
			target,
			subject,
			seconds,
			onProgress,
			...(signal && {signal}),
		});
		const {tallies, locks} = profile;
		const lockOf = lockLookup(locks);
		const calls = callTable(tallies, lockOf, profile.seconds);
		const onCpu = cpuProfile(tallies);
		const active = tallies.filter(({quietLooks}) => quietLooks === 0);
		const measured = active.length > 0 ? active : tallies;
		const looksOfMeasured = measured.reduce((sum, {looks}) => sum + looks, 0);
		const onCpuSeconds = counterSeconds(tallies, 'runNanoseconds');
		const runQueueSeconds = counterSeconds(tallies, 'delayNanoseconds');
		return {
			pid,
			name,
			startTimeTicks,
			startedAt: profile.startedAt,
			seconds: profile.seconds,
			sampling: {
				threads: tallies.length,
				looks: profile.looks,
				looksPerThreadPerSecond:
					looksOfMeasured / Math.max(1, measured.length) / Math.max(0.001, profile.seconds),
				ownCpuPercent: profile.ownCpuPercent,
			},
			notes: notesOf(profile, seconds),
			onCpuSeconds,
			runQueueSeconds,
			asleepSeconds: calls.reduce((sum, call) => sum + call.seconds, 0),
			calls,
			locks,
			stacks: stackGroups(tallies, lockOf),
			timeline: timeline(tallies, lockOf, profile.columnMilliseconds),
			offCpu: offCpuGraph(tallies, lockOf),
			...(onCpu && {onCpu}),
		};
	} finally {
		subject.close();
	}
};
