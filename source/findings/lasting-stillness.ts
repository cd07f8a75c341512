import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import {appearAfterSeconds} from './persistence.js';
import {lastVersions} from './recent.js';
import type {Moment} from './rule.js';
import {isStill, sum} from './thread-facts.js';

/** Whether these threads of a process, or all, have not run in any of the last Snapshots. */
export const areStill = (
	{history}: Moment,
	process: Process,
	isMeant: (thread: Thread) => boolean = () => true,
): boolean =>
	lastVersions(history, process).every(({threads}) => {
		const meant = threads.filter(isMeant);
		return meant.length > 0 && meant.every(isStill);
	});

/**
The threads that a lock explains whose holder doesn't move: none before that has lasted for as long as a finding takes to appear. Who has a
lock for a second while it sleeps doesn't move either, and that one is given back, which another rule tells.
*/
export const onceLasting = ({history}: Moment, tids: readonly number[]): readonly number[] =>
	sum(history, ({intervalSeconds}) => intervalSeconds ?? 0) >= appearAfterSeconds ? tids : [];
