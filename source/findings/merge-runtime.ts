import type {Gil, Process, Runtime, ThreadPool} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {mean, type Weighted} from './weighted.js';

const mergeGil = (versions: readonly Weighted<Process>[]): Gil | undefined => {
	const gils = versions.flatMap(({value, seconds}) =>
		value.runtime?.gil === undefined ? [] : [{value: value.runtime.gil, seconds}],
	);
	const newest = gils.at(-1)?.value;
	if (newest === undefined) {
		return undefined;
	}

	// A Snapshot without a `gil` is one in which nobody was seen waiting for it.
	const waiters = mean(
		versions.map(({value, seconds}) => ({value: value.runtime?.gil?.waiters ?? 0, seconds})),
	);
	const handOffs = mean(
		gils.map(({value, seconds}) => ({value: value.handOffsPerSecond, seconds})),
	);
	return {
		...newest,
		waiters: waiters ?? 0,
		waiterTids: [...new Set(gils.flatMap(({value}) => value.waiterTids))],
		...(isKnown(handOffs) && {handOffsPerSecond: handOffs}),
	};
};

/** Of what was counted in looks the means; a queue's length is the newest one's. */
const mergePool = (versions: readonly Weighted<Process>[]): ThreadPool | undefined => {
	const pools = versions.flatMap(({value, seconds}) =>
		value.runtime?.threadPool === undefined ? [] : [{value: value.runtime.threadPool, seconds}],
	);
	const newest = versions.at(-1)!.value.runtime?.threadPool;
	const meanOf = (of: 'busyThreads' | 'lookupThreads' | 'queuedPercent'): number =>
		mean(pools.map(({value, seconds}) => ({value: value[of], seconds}))) ?? 0;
	return (
		newest && {
			...newest,
			busyThreads: meanOf('busyThreads'),
			lookupThreads: meanOf('lookupThreads'),
			queuedPercent: meanOf('queuedPercent'),
		}
	);
};

/** What the newest version's runtime is, with what was seen of its interpreter lock and its pool of threads over all versions. */
export const mergeRuntime = (versions: readonly Weighted<Process>[]): Runtime | undefined => {
	const {runtime} = versions.at(-1)!.value;
	const gil = mergeGil(versions);
	const threadPool = mergePool(versions);
	return runtime && {...runtime, ...(gil && {gil}), ...(threadPool && {threadPool})};
};
