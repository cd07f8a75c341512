import type {Process} from '../model/process.js';
import {isNear} from './herd.js';
import {processesByPid} from './recent.js';
import type {Moment} from './rule.js';
import {isInKernel, orZero, wakesOf} from './thread-facts.js';
import {areWaitsHidden} from './wait-facts.js';

/*
Parent and child of another user, which exchange messages with whichever of their threads is free: what they read and write is refused.
*/

/** Below, an exchange costs little. */
const fewestWakes = 3000;
/**
Each message is a sleep on either side, so that both wake about equally often: measured 0.4 to 24 % apart in Go. Of lines that nobody answers, or that
are answered late, and of blocks, the one wakes 4 to 30 times as often as the other.
*/
const mostDifference = 0.35;
/** One of them works at a time: together they have one CPU, measured 76 to 84 % of it. */
const mostCpuPercent = 110;
/** Pipes are the kernel's work: measured 0.85. */
const leastSystemShare = 0.45;
/** Of both, for a message and its answer: measured 19 µs. */
const mostMicroseconds = 100;
/** Packets may be what wakes them: then they are a server and its helper. */
const mostSegmentsPerWake = 0.1;

/** The one that asks, and its child; with their rates over several seconds. */
export type HiddenExchange = readonly [parent: Process, child: Process];

const wakesOfAll = ({voluntarySwitchesPerSecond}: Process): number =>
	orZero(voluntarySwitchesPerSecond);

const mayExchange = ({isExplained, history}: Moment, process: Process): boolean =>
	process.kernelThread !== true &&
	wakesOfAll(process) >= fewestWakes &&
	isInKernel(process, leastSystemShare) &&
	!process.threads.some(thread => wakesOf(thread) > 0 && isExplained(thread.tid)) &&
	areWaitsHidden(history, process);

/** Two that wake by one thread each are seen as such a pair of threads. */
const haveSeveralThreads = (processes: readonly Process[]): boolean =>
	processes.some(({threads}) => threads.filter(thread => wakesOf(thread) > 0).length > 1);

const areOneExchange = (parent: Process, child: Process): boolean => {
	const wakes = wakesOfAll(parent);
	const cpuPercent = orZero(parent.cpuPercent) + orZero(child.cpuPercent);
	return (
		isNear(wakesOfAll(child), wakes, mostDifference) &&
		cpuPercent <= mostCpuPercent &&
		cpuPercent * 10_000 <= wakes * mostMicroseconds &&
		haveSeveralThreads([parent, child])
	);
};

/** Of processes whose waits are refused those that wake as often as their parent, over several seconds, and work by turns with it. */
export const hiddenExchangesOf = (moment: Moment): readonly HiddenExchange[] => {
	const {latest, overSeveralSeconds} = moment;
	const {tcpSegmentsReceivedPerSecond: segments = 0} = latest.system;
	return latest.processes.flatMap(process => {
		const above =
			wakesOfAll(process) >= fewestWakes
				? processesByPid(latest).get(process.parentPid)
				: undefined;
		if (!above || !mayExchange(moment, process) || !mayExchange(moment, above)) {
			return [];
		}

		const [parent, child] = [overSeveralSeconds(above), overSeveralSeconds(process)];
		return areOneExchange(parent, child) && segments <= wakesOfAll(child) * mostSegmentsPerWake
			? [[parent, child]]
			: [];
	});
};
