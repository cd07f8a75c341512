import type {Finding} from '../model/finding.js';
import type {Process} from '../model/process.js';
import {isKnown} from '../model/reading.js';
import type {Gap, Snapshot} from '../model/snapshot.js';
import {areWaitsRefused, orZero, sum} from './thread-facts.js';
import {plural, roughText} from './words.js';

/** A process that switches less is no diagnosis lost. */
const manySwitchesPerSecond = 200;

/** So late that whole looks were missed. */
const lateShareOfInterval = 0.5;

/** A gap that lies further back has no part in what is found now. */
const secondsThatMatter = 10;

const recentGaps = ({sampling, takenAt}: Snapshot): readonly Gap[] =>
	sampling.gaps.filter(({at}) => Date.parse(takenAt) - Date.parse(at) <= secondsThatMatter * 1000);

const isHidden = (process: Process): boolean =>
	!process.kernelThread &&
	orZero(process.voluntarySwitchesPerSecond) >= manySwitchesPerSecond &&
	areWaitsRefused(process);

const hiddenProcesses = (
	latest: Snapshot,
	findings: readonly Pick<Finding, 'pids'>[],
): readonly string[] => {
	const told = new Set(findings.flatMap(finding => finding.pids));
	const hidden = latest.processes.filter(process => !told.has(process.pid) && isHidden(process));
	if (hidden.length === 0) {
		return [];
	}

	const switches = sum(hidden, process => orZero(process.voluntarySwitchesPerSecond));
	const pids = hidden.slice(0, 3).map(process => process.pid);
	const more = hidden.length > pids.length ? '…' : '';
	return [
		`${plural(hidden.length, 'process')} (${pids.join(', ')}${more}) give up the CPU ${roughText(switches)} times a second, but the kernel refuses to say what they wait for: run as root to see the cause.`.replace(
			/^(1 process .*?) give /,
			'$1 gives ',
		),
	];
};

/** Processes in which a thread burns a CPU in the kernel, where what it gets done there was refused. */
const hiddenBurners = (
	{processes}: Snapshot,
	findings: readonly Pick<Finding, 'pids'>[],
): readonly string[] => {
	const told = new Set(findings.flatMap(({pids}) => pids));
	const hidden = processes.filter(({pid, kernelWork}) => kernelWork === null && !told.has(pid));
	if (hidden.length === 0) {
		return [];
	}

	const [first, ...others] = hidden.map(({pid}) => pid);
	return [
		`A thread of process ${first}${others.length > 0 ? ` and of ${others.length} more` : ''} burns a CPU in the kernel, which refuses to say whether its system calls do anything: run as root to see whether it spins.`,
	];
};

/**
Plain sentences on why there is no diagnosis yet, or none for some processes. Empty when
enough was seen. `history`: newest last, `findings`: those that are shown.
*/
export const describeNotSeen = (
	history: readonly Snapshot[],
	findings: readonly Pick<Finding, 'pids'>[],
	neededSeconds: number,
): readonly string[] => {
	const latest = history.at(-1);
	if (latest === undefined) {
		return ['Nothing has been measured yet.'];
	}

	if (latest.intervalSeconds === undefined) {
		return ['Only one reading so far: rates need two, a diagnosis needs about 3 seconds of them.'];
	}

	const sentences: string[] = [];
	const seconds = sum(history, snapshot => snapshot.intervalSeconds ?? 0);
	if (seconds < neededSeconds) {
		sentences.push(
			`Only ${roughText(seconds)} s measured so far: a diagnosis needs about 3 seconds.`,
		);
	}

	const {lateMilliseconds} = latest.sampling;
	const gaps = recentGaps(latest);
	if (gaps.length > 0) {
		const missed = sum(gaps, gap => gap.seconds);
		sentences.push(
			`Nothing was measured for ${roughText(missed)} s: ctop was stopped or got no CPU, so short trouble may be missed.`,
		);
	} else if (lateMilliseconds > latest.intervalSeconds * 1000 * lateShareOfInterval) {
		sentences.push(
			`The last reading was ${roughText(lateMilliseconds)} ms late: ctop itself waits for a CPU, so waits were seen less often than planned.`,
		);
	}

	const unknown = latest.processes.filter(
		process => !process.kernelThread && !isKnown(process.voluntarySwitchesPerSecond),
	);
	const refused = unknown.filter(process => process.voluntarySwitchesPerSecond === null);
	if (refused.length > 0) {
		sentences.push(`The kernel refuses the switches of ${plural(refused.length, 'process')}.`);
	}

	return [...sentences, ...hiddenProcesses(latest, findings), ...hiddenBurners(latest, findings)];
};
