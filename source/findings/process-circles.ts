import type {ClosedSet} from '../model/closed-set.js';
import type {Evidence, Fix} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Thread} from '../model/thread.js';
import type {Wait} from '../model/wait.js';
import {closedSetEvidence, membersOf} from './closed-set-parts.js';
import {processKey, processName} from './group.js';
import {costOf, fact, stackStep} from './parts.js';
import type {Candidate, Moment} from './rule.js';
import {whereEvidence} from './where.js';
import {plural} from './words.js';

const writes: ReadonlySet<string | undefined> = new Set(['write', 'writev']);

const isOnPipe = ({kind, fd}: Wait): boolean => kind !== 'child' && fd !== undefined;

/** Of the waits of a process the one that leads to another: at a pipe or for a child rather than for its own threads. */
const outwardWait = ({threads}: Process): Wait | undefined => {
	const waits = threads.flatMap(({wait}: Thread) => (isKnown(wait) ? wait : []));
	return waits.find(isOnPipe) ?? waits.find(({kind}) => kind === 'child') ?? waits[0];
};

const doingOf = (wait: Wait | undefined, next: string, otherReaders = 0): string => {
	if (wait?.kind === 'child') {
		return `waits for the end of its child ${next}`;
	}

	if (!wait || !isOnPipe(wait)) {
		return `waits in ${wait?.call ?? 'a call'} for ${next}`;
	}

	const alone = otherReaders === 0 ? ' alone' : '';
	return writes.has(wait.call)
		? `writes to a pipe that is full (descriptor ${wait.fd}), and which ${next}${alone} reads`
		: `reads from a pipe that is empty (descriptor ${wait.fd}), and which ${next} alone writes`;
};

const nameOf = (process: Process): string => `${processName(process)} ${process.pid}`;

const readMeanwhile: Fix = {
	what: 'Read while you write: in another thread, or with poll and a descriptor that does not block',
	why: 'a pipe takes 64 KiB; then the writer waits for its reader, who waits for the writer',
	command: 'out, errors = process.communicate(data)  # Python, instead of stdin.write and wait()',
};

const useFile: Fix = {
	what: 'Or give one of the two a file instead of a pipe, or nothing (/dev/null)',
	why: 'a file takes all there is, whoever reads it',
};

const readBeforeWait: Fix = {
	what: 'Read what the child writes to its end before waiting for the child',
	why: 'a pipe takes 64 KiB; a child that has more to say waits until somebody reads it, and does not end before',
	command: 'out, errors = process.communicate()  # Python, instead of process.wait()',
};

const agreeOnTurns: Fix = {
	what: 'Flush what was written before waiting for an answer, and agree on who speaks first',
	why: 'what stands in the buffer of a library (stdio, print) has not reached the pipe',
	command: 'fflush(stdout)  # Python: print(..., flush=True)',
};

const fixesOf = (waits: readonly (Wait | undefined)[]): readonly Fix[] => {
	if (waits.some(wait => wait?.kind === 'child')) {
		return [readBeforeWait, useFile];
	}

	return waits.some(wait => writes.has(wait?.call)) ? [readMeanwhile, useFile] : [agreeOnTurns];
};

const toCandidate = (
	set: ClosedSet,
	circle: readonly Process[],
	behind: readonly Process[],
): Candidate => {
	const first = circle[0]!;
	const waits = circle.map(outwardWait);
	const all = [...circle, ...behind];
	const threads = all.flatMap(process => process.threads);
	const names = circle.map(nameOf).join(', ');
	const others = behind.length > 0 ? `, ${plural(behind.length, 'process')} behind them` : '';
	const steps = circle.map((process, index): Evidence => {
		const next = nameOf(circle[(index + 1) % circle.length]!);
		return fact(
			nameOf(process),
			doingOf(waits[index], next, set.otherReaders),
			'',
			`/proc/${process.pid}/syscall, fd`,
		);
	});
	return {
		subject: all.map(processKey).sort().join(' '),
		severity: 'critical',
		// A signal's handler may still wake one.
		confidence: 'likely',
		pid: first.pid,
		pids: all.map(({pid}) => pid),
		tids: threads.map(({tid}) => tid),
		title: `Deadlock: ${plural(circle.length, 'process')} wait for each other in a circle (${names})${others}`,
		evidence: [
			...steps,
			...(set.otherReaders
				? [
						fact(
							'processes that have the end to read from too, and stand still as well',
							set.otherReaders,
							'processes',
							'/proc/*/fd',
						),
					]
				: []),
			...closedSetEvidence(set, all),
			...whereEvidence('the lines that wait', threads, all),
		],
		cost: costOf(all),
		fixes: fixesOf(waits),
		next: [stackStep(first, 'see where each thread stands')],
	};
};

/** Processes that wait for each other in a circle at pipes that nobody has who moves, or for their children. */
export const processCircles = (moment: Moment): readonly Candidate[] =>
	(moment.latest.closedSets ?? []).flatMap(set => {
		const {circle: inCircle} = set;
		const members = inCircle && membersOf(moment, set.pids);
		if (!members) {
			return [];
		}

		const circle = inCircle.flatMap(pid => members.find(each => each.pid === pid) ?? []);
		return [
			toCandidate(
				set,
				circle,
				members.filter(({pid}) => !inCircle.includes(pid)),
			),
		];
	});
