import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {idlePercentButForUs} from './idle-cpus.js';
import type {Moment} from './rule.js';
import {cpuLimit, medianOf, orZero, sum, wakesOf} from './thread-facts.js';

/**
Threads that get one CPU's time between them, evenly, sleep of themselves all the time, and wait for a CPU as long as they have one,
though another CPU is idle: each wakes the next one where it runs itself, and then sleeps until its next turn. Measured with mutexes
of glibc held for 1 µs to 1 ms: 90 to 104 % of a CPU, 0.5 to 6 times as much waited for; pools at work wait 0.1 to 0.5 times as long,
and put nobody aside.
*/
const turns = {
	wakesOfEach: 15,
	cpuPercentOfEach: 2,
	mostUneven: {cpu: 4, wakes: 3},
	leastCpuPercent: 85,
	mostCpuPercent: 115,
	shareOfProcess: 0.9,
	waitedForCpu: 0.9,
	/** Each is put aside by the one that it wakes: then a shorter wait for the CPU tells as much. */
	handedOver: {waitedForCpu: 0.3, putAside: 0.15},
	/**
	Where others run as well, whoever has the lock waits for a CPU too, and they get less: measured 78 to 94 % with 8 and 14 threads, and then
	1.6 to 3.2 times as much waited for.
	*/
	besideOthers: {leastCpuPercent: 74, waitedForCpu: 1.5},
	systemShare: 0.3,
	leastIdlePercent: 15,
};

/**
Work that comes in bursts looks alike: more threads than there are CPUs get some at once, wait for a CPU beside each other, and all CPUs
are idle until the next burst. Then each has the same work, such as for each frame: measured 1.0 to 1.1 times as much CPU for one as for
another at 40 to 60 wakes a second, in fights for a lock that is held as long 1.5 to 3.8. Or they wake at one beat: to within 1 to 3 %,
where of those that fight for a mutex some wake 4 to 40 % more often than others. Or somebody hands work out: a thread beside them that
does little else, or one packet for each wake.
*/
const bursts = {
	sameWork: {mostWakes: 150, mostUneven: 1.25},
	beat: {wakesPerSecond: 2.5, share: 0.025},
	feeder: {share: 0.5, cpuPercent: 0.5},
	packetsPerWake: 0.8,
};

const isOneCpu = (cpuPercent: number, waited: number): boolean => {
	const {leastCpuPercent, waitedForCpu} = turns.besideOthers;
	return (
		cpuPercent <= turns.mostCpuPercent &&
		(cpuPercent >= turns.leastCpuPercent ||
			(cpuPercent >= leastCpuPercent && waited >= cpuPercent * waitedForCpu))
	);
};

const areEven = (values: readonly number[], mostUneven: number): boolean =>
	Math.max(...values) <= Math.min(...values) * mostUneven;

const cpuOf = ({cpuPercent}: Thread): number => orZero(cpuPercent);

const takeTurns = (process: Process, taking: readonly Thread[]): boolean => {
	const shares = taking.map(cpuOf);
	const cpuPercent = sum(shares, share => share);
	const waited = sum(taking, ({runQueueWaitPercent}) => orZero(runQueueWaitPercent));
	const putAside = sum(taking, thread => orZero(thread.involuntarySwitchesPerSecond));
	const {handedOver} = turns;
	return (
		isOneCpu(cpuPercent, waited) &&
		cpuPercent >= orZero(process.cpuPercent) * turns.shareOfProcess &&
		areEven(shares, turns.mostUneven.cpu) &&
		areEven(taking.map(wakesOf), turns.mostUneven.wakes) &&
		orZero(process.systemCpuPercent) <= cpuPercent * turns.systemShare &&
		(waited >= cpuPercent * turns.waitedForCpu ||
			(waited >= cpuPercent * handedOver.waitedForCpu &&
				putAside >= sum(taking, wakesOf) * handedOver.putAside))
	);
};

/** Whether they may get work all at once, and then rest. */
const mayBeBursts = (
	process: Process,
	taking: readonly Thread[],
	cpus: number,
	packets: number,
): boolean => {
	const rates = taking.map(wakesOf);
	const most = Math.max(...rates);
	const {sameWork, beat, feeder, packetsPerWake} = bursts;
	const isSameWork = most <= sameWork.mostWakes && areEven(taking.map(cpuOf), sameWork.mostUneven);
	const isBeat = most - Math.min(...rates) <= Math.max(beat.wakesPerSecond, most * beat.share);
	const usual = medianOf(taking, wakesOf);
	return (
		(taking.length > cpus && (isSameWork || isBeat)) ||
		packets > sum(taking, wakesOf) * packetsPerWake ||
		process.threads.some(
			thread => wakesOf(thread) >= usual * feeder.share && cpuOf(thread) < feeder.cpuPercent,
		)
	);
};

/** Threads of a process that get one CPU by turns while another one is idle; none where anything else may make them look so. */
export const threadsThatTakeTurns = (moment: Moment, ofSecond: Process): readonly Thread[] => {
	const {latest, isExplained} = moment;
	const {cpus} = cpuLimit(ofSecond, latest.host);
	if (
		cpus < 2 ||
		orZero(ofSecond.cpuPercent) < turns.besideOthers.leastCpuPercent / 2 ||
		(idlePercentButForUs(latest) ?? 0) < turns.leastIdlePercent
	) {
		return [];
	}

	// In one second alone some of many get far less than others by chance.
	const process = moment.overSeveralSeconds(ofSecond);
	const taking = process.threads.filter(
		thread =>
			!isExplained(thread.tid) &&
			wakesOf(thread) >= turns.wakesOfEach &&
			orZero(thread.cpuPercent) >= turns.cpuPercentOfEach,
	);
	const packets = latest.system.wakeSources?.receivedPacketsPerSecond ?? 0;
	return taking.length >= 2 &&
		takeTurns(process, taking) &&
		!mayBeBursts(process, taking, cpus, packets)
		? taking
		: [];
};
