import type {ThreadEntry} from '../sampler/task-entry.js';
import {createExchangeLoops} from './exchange-loops.js';
import {createPipeExchanges} from './pipe-exchanges.js';
import type {PolledSockets} from './polled-sockets.js';
import {createSharedSockets} from './shared-sockets.js';

/** What threads that wake thousands of times a second are woken by, where their waits alone don't tell. */
export type WakeCauses = {
	/** To be called once a tick, when the waits of the interval are known. */
	update(moved: readonly ThreadEntry[], acceptsPerSecond: number | undefined): void;
};

export const createWakeCauses = (procRoot: string, polledSockets: PolledSockets): WakeCauses => {
	const exchangeLoops = createExchangeLoops(procRoot);
	const sharedSockets = createSharedSockets(procRoot, polledSockets);
	const pipeExchanges = createPipeExchanges(procRoot);
	return {
		update(moved, acceptsPerSecond) {
			exchangeLoops.update(moved);
			sharedSockets.update(moved, acceptsPerSecond);
			pipeExchanges.update(moved);
		},
	};
};
