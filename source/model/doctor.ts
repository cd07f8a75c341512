/** `partly`: for some, or with limits. `refused`: the kernel has it and keeps it. `missing`: it isn't there. */
export type DoctorState = 'ok' | 'partly' | 'refused' | 'missing';

/** One thing that ctop can use, whether it is there, and what is lost where it isn't. */
export type DoctorCheck = {
	/** Such as `/proc/PID/syscall`, `kernel.yama.ptrace_scope`, `CAP_SYS_PTRACE`. */
	what: string;
	state: DoctorState;
	/** What was found: a value, or how many processes gave it. */
	found: string;
	/** What it is good for. */
	gives: string;
	/** What is lost as it is, and how to get it back; missing when nothing is. */
	lost?: string;
};

export type DoctorSection = {title: string; checks: readonly DoctorCheck[]};

/** What ctop can read and show in this place, as it is written to a file. */
export type Doctor = {
	/** `major.minor`: a reader accepts any minor of its major. */
	schemaVersion: string;
	kind: 'ctop.doctor';
	tool: {name: string; version: string; runtime: string};
	host: {name: string; kernel: string; architecture: string};
	user: string;
	sections: readonly DoctorSection[];
};
