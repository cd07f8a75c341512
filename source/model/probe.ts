import type {FlameGraph} from './flame-graph.js';
import type {Lock} from './lock.js';
import type {Wait} from './wait.js';

/** Where the threads of a process were, by system call. */
export type ProbeCall = {
	/** Name of the system call; `page fault` outside any. */
	call: string;
	/** Share of all the time that threads slept in calls. */
	percent: number;
	/** Time of threads: two that sleep for a second make two. */
	seconds: number;
	/** Threads that were seen in it. */
	threads: number;
	/** Ends of such waits a second: the threads' voluntary switches, split by what they were seen in. */
	wakesPerSecond: number;
	/** Share of its time that was spent in waits with a time limit. */
	timedPercent: number;
	/** The limit that most of that time had. */
	timeoutMilliseconds?: number;
	/** The lock that most of its time was spent on, where it was one. */
	mostly?: string;
	/** The function of the program's own that most of its time was spent in: `fetch (app.py:12)`, `work+0x1e`. */
	mostlyIn?: string;
};

/** One line of `strace -c`. */
export type ExactCall = {
	call: string;
	percent: number;
	seconds: number;
	calls: number;
	errors: number;
};

/** Where threads were, and what they waited for. */
export type StackPlace = {
	wait: Wait;
	/** Name of the lock that they wait for. */
	lock?: string;
	/** Native frames, innermost first; missing where none was read. */
	stack?: readonly string[];
	/** Frames of the language runtime, innermost first. */
	runtimeStack?: readonly string[];
	/** From when they were seen there until the end of the probe; of several threads the longest. Files of early versions lack it. */
	secondsBeforeEnd?: number;
};

/** Threads that were in the same place when they were looked at last. */
export type StackGroup = StackPlace & {
	/** The first of them. */
	tids: readonly number[];
	threadCount: number;
	/** Different names of theirs, the most frequent first. */
	names: readonly string[];
	/** Of threads that run, whose stack the kernel doesn't tell: where they slept last, all of them in the same place. */
	lastAsleep?: StackPlace;
	/** Of threads that were never seen asleep: what they ran in perf's last sample of one of them. */
	lastRun?: {stack: readonly string[]; secondsBeforeEnd: number};
};

/** What one thread did, as a line of letters; see `TimelineState`. */
export type TimelineThread = {
	tid: number;
	name: string;
	states: string;
	/** Further threads of the same name, but for its numbers, that did the same at the same time. */
	alike?: number;
};

/** What threads did over the time of the probe. */
export type Timeline = {
	secondsPerColumn: number;
	/** Those that did most different things; the others are left out. */
	threads: readonly TimelineThread[];
	threadsLeftOut: number;
};

/** Letters of a timeline, and what they mean. */
export const timelineStates = {
	R: 'runs or wants a CPU',
	G: 'waits for the GIL',
	L: 'waits for a lock',
	f: 'futex',
	p: 'poll or epoll',
	s: 'sleep',
	n: 'socket or pipe',
	d: 'disk or memory',
	o: 'other',
	' ': 'not there',
} as const;

/** How an on-CPU profile was made: by perf's timer, or by looks at threads that ran. */
export type CpuProfileSource = 'perf' | 'sampled';

export type CpuProfile = {
	source: CpuProfileSource;
	/** Samples that it is made of. */
	samples: number;
	graph: FlameGraph;
	/** By function, busiest first: itself alone, and with what it called. */
	symbols: readonly {name: string; selfPercent: number; totalPercent: number}[];
};

/** How long a probe may take: long enough for a profile, short enough to be waited for. */
export const probeSeconds = {usual: 5, least: 0.5, most: 300} as const;

/**
What a probe may take, so much of one CPU, and how often it looks at a thread that runs as long as that is enough. Where it is not enough
to see each thread once in the time that was asked for, the probe takes longer, but no longer than so many times that.
*/
export const probeBudget = {
	cpuPercent: 10,
	/** Where many threads run, so much of one CPU at most, as far as twenty looks a second at each of them need it. */
	mostCpuPercent: 60,
	leastLooksPerSecond: 20,
	mostLooksPerSecond: 100,
	mostTimesLonger: 4,
} as const;

/** One bounded look at a process, asked for by a person. */
export type Probe = {
	pid: number;
	name: string;
	startTimeTicks: number;
	/** RFC 3339 UTC. */
	startedAt: string;
	seconds: number;
	/** How closely it was looked at. */
	sampling: {
		threads: number;
		/** Looks at threads, all in all. */
		looks: number;
		/** A thread that moves was looked at so often, on average. */
		looksPerThreadPerSecond: number;
		/**
		Share of the threads' time that is known as closely as twenty looks a second would tell it: between two looks no further apart than
		that, or between two that prove by the scheduler's counters that the thread didn't run. Files of early versions lack it.
		*/
		closelyKnownPercent?: number;
		/** Threads of which at least one stack was read: those that ran at each look have none, and of very many only some are read. */
		threadsWithStack?: number;
		/** CPU that all of the probe took from its beginning to its end; 100 = one CPU. */
		ownCpuPercent: number;
	};
	/** What else is to be said: that it ended, ran another program, or what could not be done and why. */
	notes: readonly string[];
	/** Time of threads on a CPU, ready but without one, and asleep, in seconds. */
	onCpuSeconds: number;
	runQueueSeconds: number;
	asleepSeconds: number;
	/** Sampled, busiest first. */
	calls: readonly ProbeCall[];
	/** Counted by strace, where that was asked for. */
	exactCalls?: {seconds: number; calls: readonly ExactCall[]};
	locks: readonly Lock[];
	stacks: readonly StackGroup[];
	timeline: Timeline;
	/** Where threads slept. */
	offCpu: FlameGraph;
	/** Missing when nothing was seen to run, or where no profile could be made; a note says why. */
	onCpu?: CpuProfile;
};
