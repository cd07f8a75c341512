import type {Cost} from '../model/finding.js';
import type {ProcessGroup} from './group.js';
import {bySeverity, fact} from './parts.js';
import type {Candidate, Moment} from './rule.js';
import {sum} from './thread-facts.js';
import {measured, plural} from './words.js';

const byUrgency = (one: Candidate, other: Candidate): number =>
	bySeverity(one, other) || (one.pid ?? 0) - (other.pid ?? 0);

const costNames = [
	'switchesPerSecond',
	'cpuPercent',
	'systemCpuPercent',
	'runQueueWaitPercent',
] as const satisfies readonly (keyof Cost)[];

/** Of what is known of one at least. */
const sumOfCosts = (costs: readonly Cost[]): Cost =>
	Object.fromEntries(
		costNames.flatMap(name => {
			const known = costs.flatMap(cost => cost[name] ?? []);
			return known.length > 0 ? [[name, measured(sum(known, value => value))]] : [];
		}),
	);

/** What one of a service's processes is told about, told about all that are in the same trouble; `all`: its own part in it included. */
export const speakingForAll = (
	one: Candidate,
	all: Pick<Candidate, 'pids' | 'tids' | 'cost'>,
	{name}: ProcessGroup,
): Candidate => ({
	...one,
	...all,
	title: `${one.title}; the same in ${plural(all.pids.length - 1, 'other process')} of ${name}`,
	evidence: [
		...one.evidence,
		fact(
			'processes of the service with the same trouble (the other values are those of the first)',
			all.pids.length,
			'processes',
			'/proc/PID/task',
		),
	],
});

const together = (alike: readonly Candidate[], group: ProcessGroup, subject: string): Candidate => {
	const [first, ...others] = alike.toSorted(byUrgency);
	const one = {...first!, subject};
	return others.length === 0
		? one
		: speakingForAll(
				one,
				{
					pids: alike.flatMap(({pids}) => pids),
					tids: alike.flatMap(({tids}) => tids),
					cost: sumOfCosts(alike.map(({cost}) => cost)),
				},
				group,
			);
};

/**
Makes one candidate of those that a rule found for each of a service's processes: forty workers in the same trouble are one trouble. The
most urgent one speaks for all. Several in one process stay apart, and so does what is about more processes than one.
*/
export const oneForService = (
	candidates: readonly Candidate[],
	{groups}: Moment,
): readonly Candidate[] => {
	if (candidates.length === 0) {
		return candidates;
	}

	const groupOf = new Map<number, ProcessGroup>();
	for (const group of groups.filter(({processes}) => processes.length > 1)) {
		for (const {pid} of group.processes) {
			groupOf.set(pid, group);
		}
	}

	const ofOtherKinds: Candidate[] = [];
	const countOf = new Map<number, number>();
	const alike = new Map<string, {group: ProcessGroup; candidates: Candidate[]}>();
	for (const candidate of candidates) {
		const {pid, pids} = candidate;
		const group = pid === undefined || pids.length > 1 ? undefined : groupOf.get(pid);
		if (pid === undefined || group === undefined) {
			ofOtherKinds.push(candidate);
			continue;
		}

		const count = countOf.get(pid) ?? 0;
		countOf.set(pid, count + 1);
		const subject = `${group.key} ${count}`;
		const known = alike.get(subject);
		if (known) {
			known.candidates.push(candidate);
		} else {
			alike.set(subject, {group, candidates: [candidate]});
		}
	}

	return [
		...[...alike].map(([subject, of]) => together(of.candidates, of.group, subject)),
		...ofOtherKinds,
	];
};
