import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {type GcLimits, goCollectorOf} from './go-collector.js';
import {oneForService} from './one-for-service.js';
import {costOf, fact, graded} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {orZero, sum} from './thread-facts.js';

/** Names of the collectors' threads, cut to 15 characters by the kernel: Parallel, G1, Shenandoah, Z, CMS. */
const collector =
	/^(?:GC Thread#|G1 (?:Main|Conc|Refine|Young|Service)|ParGC|Gang worker|Concurrent Mark|CMS |Shenandoah|ZWorker|ZDirector|ZDriver|ZStat|XWorker|VM Thread)/;

/** A collector at work takes a few per cent; measured thrashing was above 60. */
const limits: GcLimits = {
	fewestSharePercent: 30,
	fewestCpuPercent: 20,
	warning: 30,
	critical: 60,
};

const toCandidate = (process: Process, threads: readonly Thread[]): Candidate => {
	const {pid} = process;
	const cpu = sum(threads, thread => orZero(thread.cpuPercent));
	const share = (cpu / orZero(process.cpuPercent)) * 100;
	const heap = process.commandLine?.find(word => word.startsWith('-Xmx'));
	return {
		subject: `${pid}:${process.startTimeTicks}`,
		severity: graded(share, limits.warning, limits.critical),
		confidence: 'certain',
		pid,
		pids: [pid],
		tids: process.threads.map(({tid}) => tid),
		title: `Garbage collection takes ${Math.round(share)} % of the CPU of ${process.name}`,
		evidence: [
			fact('CPU of the collector and the VM thread', cpu, '%', `/proc/${pid}/task/*/schedstat`),
			fact('of all that the process uses', share, '%', `/proc/${pid}/task/*/schedstat`),
			fact(
				'threads of the collector that work',
				threads.length,
				'threads',
				`/proc/${pid}/task/*/comm`,
			),
			...(heap ? [fact('largest heap allowed', heap, '', `/proc/${pid}/cmdline`)] : []),
		],
		cost: costOf(threads),
		fixes: [
			{
				what: heap
					? `A larger heap than ${heap}, if what lives needs it`
					: 'A larger heap, if what lives needs it',
				why: 'a collector that hardly finds anything to free runs again at once; half of the heap should be free after it',
				command: '-Xmx4g  # in containers: -XX:MaxRAMPercentage=75',
			},
			{
				what: 'Allocate less: keep buffers, smaller caches, primitives instead of objects',
				why: 'what is never made need not be collected',
				command: `jcmd ${pid} GC.class_histogram | head -20`,
			},
			{
				what: 'A collector that fits: Parallel for throughput, ZGC for short pauses',
				why: 'concurrent collectors trade CPU for pauses; a small container has none to trade',
				command: '-XX:+UseParallelGC',
			},
		],
		next: [
			{
				what: 'see how full the heap is after each collection',
				command: `jstat -gcutil ${pid} 1000 10`,
				needs: 'the same user',
			},
			{what: 'see what fills it', command: `jcmd ${pid} GC.heap_info`, needs: 'the same user'},
		],
	};
};

const explanation = `GC: the garbage collector is the load

What it is
  The collector takes a large part of the process's CPU: the heap is nearly full of what lives,
  or may hardly grow, so that each collection frees little and the next one follows at once, or
  the program makes garbage faster than one can look.

How ctop knows
  The JVM names its collector's threads: GC Thread#, G1 Conc#, ZWorker#, VM Thread. Go's
  collector runs on the program's own threads, but Go's runtime counts its time
  (runtime.work.cpuStats, totaltime before Go 1.20); ctop reads that in the memory of processes
  that use much CPU, at the place that the program's own debug information tells. When it is
  30 % and more of the CPU of the process, and a fifth of a CPU at least, that is certain.

What does not fool it
  Compiler threads at start. A collector that works for a moment. A long cycle: Go's are counted
  from the end of one to the end of another, three at least. Go's marking on CPUs that the program
  has no other use for, which is told but isn't counted, and its pauses: such marking counts only
  beside a collector that takes 15 % of the rest, in five cycles a second and more, where both
  are 40 % of all.

What can't be told
  A Go program without symbols or debug information (-ldflags=-s, -w, strip, go run), or of another
  user, doesn't show it: GODEBUG=gctrace=1. Neither do Python and Ruby: gc.get_stats(), GC.stat.

How to fix it
  A heap with room: -Xmx, -XX:MaxRAMPercentage; GOGC, GOMEMLIMIT. Fewer and shorter-lived
  objects. For a JVM another collector, and as many of its threads as CPUs:
  -XX:ParallelGCThreads.

Further reading
  docs.oracle.com/en/java/javase/21/gctuning, man 1 jstat, go.dev/doc/gc-guide
`;

/** A JVM's threads of the collector that are the load. */
const jvmCollectorOf = (process: Process): readonly Candidate[] => {
	const cpu = orZero(process.cpuPercent);
	if (cpu < limits.fewestCpuPercent || process.threads.length < 4) {
		return [];
	}

	// The name alone could be anybody's: the VM's own thread must be there as well.
	const isJvm = process.threads.some(({name}) => name === 'VM Thread');
	const threads = process.threads.filter(
		thread => collector.test(thread.name) && orZero(thread.cpuPercent) > 0,
	);
	const collected = sum(threads, thread => orZero(thread.cpuPercent));
	return isJvm &&
		collected >= limits.fewestCpuPercent &&
		collected >= (cpu * limits.fewestSharePercent) / 100
		? [toCandidate(process, threads)]
		: [];
};

/** A collector that is the load. */
export const gc: Rule = {
	name: 'gc',
	summary: 'the garbage collector of a JVM or of Go is the load',
	explanation,
	find: moment => {
		const candidates = moment.latest.processes.flatMap(process =>
			process.runtime?.name === 'go' ? goCollectorOf(process, limits) : jvmCollectorOf(process),
		);
		return oneForService(candidates, moment);
	},
};
