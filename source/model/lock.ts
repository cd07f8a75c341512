import type {Confidence} from './finding.js';
import type {Reading} from './reading.js';

/** A futex word (or pair of them) that threads were seen to wait on. */
export type Lock = {
	/** Stable within the process: `futex:` and the hexadecimal address. */
	id: string;
	/** `gil`, `mutex`, `futex` where the kind isn't known… */
	kind: string;
	/** What it is called, as far as evidence goes: `GIL`, `[heap]+0x11ef0`. */
	name: string;
	holderTid?: Reading<number>;
	/** Threads seen waiting on it during the interval. */
	waiterTids: readonly number[];
	/** Mean number of threads that waited on it, over the looks of the interval. */
	waitersAverage: number;
	/** Share of the looks at which at least one thread waited. */
	contendedPercent: number;
	confidence: Confidence;
};
