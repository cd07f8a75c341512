export type Severity = 'critical' | 'warning' | 'notice';

/** `certain`: the lock or the runtime's own state was read. `likely`: by signature. `possible`: what would prove it was refused, or can't be read. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** One measured fact, with its unit and where it was read. */
export type Evidence = {
	what: string;
	value: number | string;
	/** `/s`, `%`, `threads`, `ms`…; an empty text where there is none. */
	unit: string;
	source: string;
};

export type Fix = {
	what: string;
	why: string;
	/** A setting or a command to paste. */
	command?: string;
};

/** What to look at to be surer. */
export type NextStep = {
	what: string;
	command?: string;
	/** Privilege that the command needs, such as `root`; missing when it needs none. */
	needs?: string;
};

export type Cost = {
	switchesPerSecond?: number;
	/** 100 = one CPU. */
	cpuPercent?: number;
	systemCpuPercent?: number;
	/** Time spent runnable but without a CPU, 100 = one thread that waits all the time. */
	runQueueWaitPercent?: number;
};

/** A diagnosis: what is wrong, how we know, what it costs and what to change. */
export type Finding = {
	/** Stable name of the diagnosis, such as `gil-thrash`. */
	rule: string;
	severity: Severity;
	confidence: Confidence;
	/** The process that it is about; missing when it's about the machine. */
	pid?: number;
	/** All processes concerned, `pid` among them. */
	pids: readonly number[];
	/** Threads concerned; empty where whole processes are meant. */
	tids: readonly number[];
	/** When it was first true, RFC 3339 UTC. */
	since: string;
	title: string;
	evidence: readonly Evidence[];
	cost: Cost;
	fixes: readonly Fix[];
	next: readonly NextStep[];
};
