import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Thread} from '../../source/model/thread.js';
import {createObserver} from '../../source/observer/observer.js';
import {thisMachine} from '../../source/targets/local-target.js';
import type {Target} from '../../source/targets/target.js';

export type Watched = {
	tick(): Promise<Snapshot>;
	look(): void;
	/** Ticks until the Snapshot shows it; the first one that does. */
	tickUntil(shows: (snapshot: Snapshot) => boolean, pauseMilliseconds?: number): Promise<Snapshot>;
	setFocus(pids: readonly number[]): void;
	close(): void;
};

const patienceMilliseconds = 30_000;

/** Waits until it is so, on a machine that may be slow; throws when it never is. */
export const until = async (isSo: () => boolean, what: string): Promise<void> => {
	const giveUpAt = Date.now() + patienceMilliseconds;
	while (!isSo()) {
		if (Date.now() > giveUpAt) {
			throw new Error(`waited in vain until ${what}`);
		}

		await sleep(5);
	}
};

/** An observer of this machine, or of another target. */
export const watchTarget = (target: Target = thisMachine): Watched => {
	const observer = createObserver({target, toolVersion: 'test', intervalSeconds: () => 1});
	return {
		tick: async () => observer.tick(),
		look: observer.look,
		async tickUntil(shows, pauseMilliseconds = 5) {
			const giveUpAt = Date.now() + patienceMilliseconds;
			for (;;) {
				const snapshot = await observer.tick();
				if (shows(snapshot)) {
					return snapshot;
				}

				if (Date.now() > giveUpAt) {
					throw new Error('no Snapshot showed it');
				}

				await sleep(pauseMilliseconds);
			}
		},
		setFocus: observer.setFocus,
		close: observer.close,
	};
};

export const processIn = (snapshot: Snapshot, pid: number): Process | undefined =>
	snapshot.processes.find(process => process.pid === pid);

export const threadIn = (snapshot: Snapshot, pid: number, tid: number): Thread | undefined =>
	processIn(snapshot, pid)?.threads.find(thread => thread.tid === tid);

/** What /proc says of a thread now; undefined when it is gone. */
export const stateOf = (pid: number, tid = pid): string | undefined => {
	try {
		const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1');
		return stat.slice(stat.lastIndexOf(')') + 2)[0];
	} catch {
		return undefined;
	}
};

export const hexadecimal = (name: string | Uint8Array): string => Buffer.from(name).toString('hex');
