import type {Confidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {areWaitsRefused, switchesOf, waitVisibility} from './thread-facts.js';

/** Pollers take 7 to 43 µs a wake. */
export const fewestMicroseconds = 45;

/** Rates alone have to be seen in this many threads before they count. */
export const fewestBySignature = 3;

/** The fight for the interpreter lock of one process. */
export type GilFight = {
	process: Process;
	/** How it was told: the lock's word was read, Python 2.7's way of switching, Ruby's turns, or rates alone. */
	by: 'word' | 'switches' | 'turns' | 'rates';
	confidence: Confidence;
	/** Mean number of threads that wait; for Python 2.7 those that want to run, but for one. */
	waiters: number;
	/** Threads that take part. */
	tids: readonly number[];
	handOffsPerSecond?: number;
	/** Where the lock lies. */
	region?: string;
	/** For Python 2.7: mean number of threads seen asleep at the lock, which most of the fight isn't. */
	asleep?: number;
};

// With exe and maps refused the waits are refused as well; threads that all run at the moment don't show it.
export const isRefused = (process: Process): boolean =>
	areWaitsRefused(process) ||
	(process.runtime?.source === 'commandLine' &&
		!process.threads.some(thread => switchesOf(thread) > 0 && waitVisibility(thread) === 'seen'));
