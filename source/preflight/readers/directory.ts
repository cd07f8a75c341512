import {readdirSync} from 'node:fs';

/** So much is read between two turns of the event loop that keys and timers don't wait for it. */
const pauseMilliseconds = 20;

/** To be awaited before each of many readings: lets others have a turn now and then. */
export const createPauses = (): (() => Promise<void>) => {
	let pauseAt = performance.now() + pauseMilliseconds;
	return async () => {
		if (performance.now() > pauseAt) {
			await new Promise(resolve => setImmediate(resolve));
			pauseAt = performance.now() + pauseMilliseconds;
		}
	};
};

/** Processes, threads or descriptors in a directory of /proc; none when it is gone or refused. */
export const numericNames = (directory: string): readonly string[] => {
	try {
		return readdirSync(directory).filter(name => /^\d+$/.test(name));
	} catch {
		return [];
	}
};
