import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';
import type {Thread} from '../model/thread.js';
import {closedTeamOf} from './closed-team.js';
import {busyCpus, idlePercentButForUs} from './idle-cpus.js';
import {type LockFight, runnableOf} from './lock-fight-parts.js';
import {type OutsideWakes, outsideWakesOf} from './outside-wakes.js';
import type {Moment} from './rule.js';
import {cpuLimit, orZero, sum, wakesOf} from './thread-facts.js';

/*
Another user's process, whose waits the kernel refuses. Its threads sleep and wake all the time; what the whole machine counted leaves
nobody but themselves who could have woken them, and they are all alike, so none hands out work. What such threads wait for is a lock:
that is said where the CPU they get says the same, and never as more than possible.
*/

/** What else a process does, such as collecting garbage, must be little beside what the team does. */
const leastShareOfProcess = 0.8;

/** So few switches are nobody's trouble, and within what ticks and strangers may be. */
const fewestWakes = 200;

/**
More of them want to run than there are CPUs, and yet they sleep: with work for each they wouldn't. And the kernel has a good part in it:
each unlock wakes somebody who finds the lock taken again. Measured 0.15 to 0.5; a queue that is full or empty now and then, whose users
sleep as well, has 0.01 to 0.1. A lock of the kernel's own is waited for in state D.
*/
const convoy = {
	threads: 3,
	wakes: 1000,
	wakesOfEach: 40,
	timerShare: 0.5,
	mostMicroseconds: 1000,
	systemShare: {least: 0.14, most: 0.75},
	runnableAboveCpus: 0.5,
};

/**
One at a time, though another CPU is idle: measured 86 to 138 % of a CPU and 23 to 61 % idle of two, in C and in Java, where a pipeline
of two and a barrier of two have 165 to 195 %; with 17 to 84 % of it in the kernel, where messages have 93 to 98 %. Two that wake equally often answer each other instead, unless they use more than one CPU,
each as much of it: measured 126 % for two that fight for a mutex. Three and more that use more than one CPU and wake equally often meet
at a barrier: measured 137 to 141 % and a difference of less than 1 %, where in fights some wake 10 to 40 % more often.
*/
const serial = {
	wakes: 5000,
	timerShare: 0.35,
	leastCpuPercent: 60,
	mostCpuPercent: 148,
	idlePercent: 15,
	microseconds: {least: 8, most: 100},
	systemShare: 0.86,
	ofTwo: {difference: 0.06, leastCpuPercent: 112, mostUneven: 1.25},
	atBarrier: {threads: 3, difference: 0.03, leastCpuPercent: 115},
};

/**
Each holder sleeps: for each timer that runs out a second thread wakes, which is let in, and which puts the first one aside. A timer
alone would find an idle CPU: on a machine at rest nobody is put aside by chance. Measured 0.2 to 0.5 put aside for each wake, for
threads that sleep each for itself 0.01 to 0.07; and 1.4 to 1.8 wakes for each timer interrupt, in Java 0.9, since its waiters set timers
as well. One interrupt ends all sleeps that end within the timers' slack, 50 µs: many sleepers have more wakes than interrupts. Who
hands out work in bursts wakes as often as each who gets it; then fewer timers are left for them: measured 2.8 wakes for each, and 1.9 to
2.2 where others, such as a second ctop, wake a hundred times a second and are taken for timers.
*/
const asleep = {
	threads: 3,
	wakes: 300,
	mostUneven: 1.5,
	mostCpuPercent: 40,
	mostMicroseconds: 50,
	wakesPerTimer: {least: 0.7, sure: 1.25, most: 2.3, mostWhereUnsure: 1.35},
	putAside: {least: 0.22, whereSure: 0.14, timesBusy: 1.5},
	slackSeconds: 50e-6,
};

type Team = {
	process: Process;
	threads: readonly Thread[];
	wakes: number;
	cpuPercent: number;
	outside: OutsideWakes;
	latest: Snapshot;
};

const microsecondsOf = ({threads, cpuPercent, wakes}: Team): number =>
	(cpuPercent * 10_000) /
	(wakes + sum(threads, thread => orZero(thread.involuntarySwitchesPerSecond)));

const systemShareOf = ({process, cpuPercent}: Team): number =>
	orZero(process.systemCpuPercent) / Math.max(1, cpuPercent);

const isConvoy = (team: Team): boolean => {
	const {process, threads, wakes, outside, latest} = team;
	return (
		threads.length >= convoy.threads &&
		wakes >= Math.max(convoy.wakes, convoy.wakesOfEach * threads.length) &&
		!threads.some(({state}) => state === 'D') &&
		outside.timers <= wakes * convoy.timerShare &&
		microsecondsOf(team) <= convoy.mostMicroseconds &&
		systemShareOf(team) >= convoy.systemShare.least &&
		systemShareOf(team) <= convoy.systemShare.most &&
		runnableOf(threads) >= cpuLimit(process, latest.host).cpus + convoy.runnableAboveCpus
	);
};

/** Who answers sleeps while the other one works: together they never use more than one CPU. */
const areTwoThatAnswer = ({threads, cpuPercent}: Team): boolean => {
	const {difference, leastCpuPercent, mostUneven} = serial.ofTwo;
	const [fewer = 0, more = 0] = threads.map(wakesOf).sort((one, other) => one - other);
	const [less = 0, most = 0] = threads
		.map(thread => orZero(thread.cpuPercent))
		.sort((one, other) => one - other);
	const workAtOnce = cpuPercent >= leastCpuPercent && most <= less * mostUneven;
	return threads.length === 2 && more - fewer <= more * difference && !workAtOnce;
};

const doMeet = ({threads, cpuPercent}: Team): boolean => {
	const {threads: fewest, difference, leastCpuPercent} = serial.atBarrier;
	const wakes = threads.map(wakesOf);
	const most = Math.max(...wakes);
	return (
		threads.length >= fewest &&
		cpuPercent >= leastCpuPercent &&
		most - Math.min(...wakes) <= most * difference
	);
};

const isSerial = (team: Team): boolean => {
	const {process, wakes, cpuPercent, outside, latest} = team;
	const perSwitch = microsecondsOf(team);
	return (
		wakes >= serial.wakes &&
		outside.timers <= wakes * serial.timerShare &&
		cpuPercent >= serial.leastCpuPercent &&
		cpuPercent <= serial.mostCpuPercent &&
		cpuLimit(process, latest.host).cpus >= 2 &&
		(idlePercentButForUs(latest) ?? 0) >= serial.idlePercent &&
		perSwitch >= serial.microseconds.least &&
		perSwitch <= serial.microseconds.most &&
		systemShareOf(team) <= serial.systemShare &&
		!areTwoThatAnswer(team) &&
		!doMeet(team)
	);
};

const isAsleep = (team: Team): boolean => {
	const {process, threads, wakes, cpuPercent, outside, latest} = team;
	const fair = wakes / threads.length;
	const isEven = (thread: Thread): boolean =>
		orZero(thread.voluntarySwitchesPerSecond) <= fair * asleep.mostUneven &&
		orZero(thread.voluntarySwitchesPerSecond) * asleep.mostUneven >= fair;
	const itsOther = orZero(process.voluntarySwitchesPerSecond) - wakes;
	const perTimer = wakes / Math.max(1, outside.timers);
	const putAside =
		sum(threads, thread => orZero(thread.involuntarySwitchesPerSecond)) / Math.max(1, wakes);
	const busyShare = (busyCpus(latest) ?? latest.host.cpus) / latest.host.cpus;
	const isSure = perTimer >= asleep.wakesPerTimer.sure * (1 + wakes * asleep.slackSeconds);
	return (
		threads.length >= asleep.threads &&
		wakes >= asleep.wakes &&
		threads.every(isEven) &&
		cpuPercent <= asleep.mostCpuPercent &&
		microsecondsOf(team) <= asleep.mostMicroseconds &&
		perTimer >= asleep.wakesPerTimer.least &&
		wakes <=
			(outside.leftTimers - itsOther) * asleep.wakesPerTimer[isSure ? 'most' : 'mostWhereUnsure'] &&
		(isSure
			? putAside >= asleep.putAside.whereSure
			: putAside >= Math.max(asleep.putAside.least, busyShare * asleep.putAside.timesBusy))
	);
};

/** Whether threads of this runtime can be taken at their word: Go's carry goroutines, an interpreter's lock is told as that. */
const mayFight = ({runtime}: Process): 'any' | 'asleep' | 'none' => {
	if (runtime === undefined || runtime.name === 'jvm') {
		return 'any';
	}

	return runtime.name === 'go' ? 'none' : 'asleep';
};

/** The fight for a lock in a process whose waits are refused, by threads that nobody but they themselves can have woken. */
export const teamLockFightOf = (moment: Moment, ofSecond: Process): LockFight | undefined => {
	const {latest} = moment;
	const may = mayFight(ofSecond);
	const outside =
		may === 'none' || orZero(ofSecond.voluntarySwitchesPerSecond) < fewestWakes
			? undefined
			: outsideWakesOf([ofSecond], latest);
	if (outside === undefined) {
		return undefined;
	}

	// In one second alone threads that fight get more or less of it by chance.
	const process = moment.overSeveralSeconds(ofSecond);
	const threads = closedTeamOf(process, 2).filter(({tid}) => !moment.isExplained(tid));
	if (threads.length < 2) {
		return undefined;
	}

	const cpuPercent = sum(threads, thread => orZero(thread.cpuPercent));
	if (cpuPercent < orZero(process.cpuPercent) * leastShareOfProcess) {
		return undefined;
	}

	const team: Team = {process, threads, wakes: sum(threads, wakesOf), cpuPercent, outside, latest};
	const fight = (shape: LockFight['shape'], by: LockFight['by']): LockFight => ({
		process,
		shape,
		by,
		confidence: 'possible',
		tids: threads.map(({tid}) => tid),
		waiters: Math.max(0, threads.length - Math.max(1, runnableOf(threads))),
		outside,
	});
	if (may === 'any' && (isConvoy(team) || isSerial(team))) {
		return fight('convoy', 'team');
	}

	return isAsleep(team) ? fight('asleep', 'team') : undefined;
};
