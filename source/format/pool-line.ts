import type {Process, ThreadPool} from '../model/process.js';

const tenths = (value: number): string => String(Math.round(value * 10) / 10);

const share = (percent: number): string =>
	percent > 0 && percent < 0.5 ? '<1 %' : `${Math.round(percent)} %`;

const jobs = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const queueText = ({
	queuedJobs,
	queuedLookups = 0,
	queuedPercent,
	queueIsLonger,
}: ThreadPool): string => {
	const often =
		queuedPercent === 0 ? 'no job had to wait' : `jobs wait ${share(queuedPercent)} of the time`;
	if (queuedJobs === undefined) {
		return `${often}, too briefly to be counted`;
	}

	if (queuedJobs === 0) {
		return queuedPercent === 0 ? often : `no job queued now, ${often}`;
	}

	const lookups = queuedLookups > 0 ? ` (${jobs(queuedLookups, 'name lookup')})` : '';
	return `${jobs(queuedJobs, queueIsLonger ? 'or more job' : 'job')} queued${lookups}, ${often}`;
};

/**
How busy the pool of Node.js's libuv is, and what waits in front of it: `4 of 4 threads busy, 28 jobs queued, jobs wait 100 % of the time`.
Undefined where that wasn't read. Safe to print.
*/
export const poolLine = ({runtime}: Process): string | undefined => {
	const pool = runtime?.threadPool;
	if (pool === undefined) {
		return undefined;
	}

	const {threadCount, busyThreads, lookupThreads} = pool;
	if (threadCount === 0) {
		return 'not started: there was no job yet';
	}

	const busy = tenths(busyThreads);
	const lookups =
		lookupThreads < 0.05
			? ''
			: `, ${tenths(lookupThreads)} with name lookups (at most ${Math.ceil(threadCount / 2)} may)`;
	return `${busy} of ${threadCount} threads busy${lookups}, ${queueText(pool)}`;
};
