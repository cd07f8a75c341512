import type {Evidence, Fix, NextStep} from '../model/finding.js';
import type {FileLock} from '../model/lock.js';
import type {Wait} from '../model/wait.js';
import {fact} from './parts.js';

/** Whether a thread waits for a lock on a file. */
export const isFileLock = ({kind}: Wait): boolean => kind === 'file-lock';

/** Who has the lock, where that is known. */
export const heldBy = (
	lock: Pick<FileLock, 'holderPid' | 'holderName'> | undefined,
): readonly Evidence[] =>
	lock?.holderPid === undefined
		? []
		: [fact('held by', `${lock.holderPid} ${lock.holderName ?? ''}`.trim(), '', '/proc/locks')];

export const doNotQueue: Fix = {
	what: 'If nobody should be waiting: do not wait, take another turn when it is taken',
	why: 'what only must not run twice (cron jobs) need not queue up',
	command: 'flock --nonblock LOCKFILE COMMAND',
};

export const seeHolder: NextStep = {
	what: 'see who has it',
	command: 'lslocks --output-all',
	needs: 'root',
};
