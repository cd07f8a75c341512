import type {Gil, Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import {threadName} from './command.js';
import {formatNumber} from './number.js';
import {printable} from './printable.js';

const share = (percent: number): string =>
	percent > 0 && percent < 0.5 ? '<1 %' : `${Math.round(percent)} %`;

const whoIs = ({threads}: Process, tid: number, frame: string | undefined): string => {
	const thread = threads.find(each => each.tid === tid);
	const where = frame === undefined ? thread && threadName(thread) : printable(frame);
	return where === undefined ? String(tid) : `${tid} ${where}`;
};

/** Who holds it; nothing where the runtime doesn't keep that. */
const holderText = (
	process: Process,
	{holders, holderTid, holderNote, freePercent}: Gil,
): string[] => {
	const [most] = holders ?? [];
	const free = freePercent === undefined || freePercent < 0.5 ? [] : [`free ${share(freePercent)}`];
	if (most) {
		return [`held by ${whoIs(process, most.tid, most.frame)} ${share(most.percent)}`, ...free];
	}

	if (isKnown(holderTid)) {
		return [`held by ${whoIs(process, holderTid, undefined)}`];
	}

	const note = holderNote === undefined ? free : [`holder ${printable(holderNote)}`];
	return holderTid === null ? ['holder refused'] : note;
};

const oneGil = (process: Process, gil: Gil): string => {
	const {waiters, handOffsPerSecond} = gil;
	// Of two threads that take turns each waits a little less than half of the time: it's no 0.
	const waiting = waiters > 0 && waiters < 0.5 ? '<1' : Math.round(waiters);
	const parts = [
		...holderText(process, gil),
		waiters === 0 ? 'nobody waits' : `${waiting} ${waiting === 1 ? 'waits' : 'wait'}`,
		...(handOffsPerSecond === undefined
			? []
			: [`${handOffsPerSecond === 0 ? '0' : formatNumber(handOffsPerSecond)} hand-offs/s`]),
	];
	const whose = gil.interpreterId === undefined ? '' : `interpreter ${gil.interpreterId} `;
	return whose + parts.join(', ');
};

/**
How a process's threads share the interpreter, in one line: `held by 18515 burn (pyload.py:6) 38 %, free 6 %, 43 wait, 128 hand-offs/s`.
Undefined for runtimes that have no GIL anyway, and where nobody has looked. Safe to print.
*/
export const gilLine = (process: Process): string | undefined => {
	const {runtime} = process;
	if (runtime?.withoutGil) {
		return `none: ${printable(`${runtime.name} ${runtime.version ?? ''}`).trim()} runs its threads side by side`;
	}

	const gils = [...(runtime?.gil ? [runtime.gil] : []), ...(runtime?.otherGils ?? [])];
	return gils.length === 0 ? undefined : gils.map(gil => oneGil(process, gil)).join('; ');
};
