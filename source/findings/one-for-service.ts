import type {Cost, Severity} from '../model/finding.js';
import type {ProcessGroup} from './group.js';
import {fact} from './parts.js';
import type {Candidate, Moment} from './rule.js';
import {measured, plural} from './words.js';

const ranks: Record<Severity, number> = {critical: 0, warning: 1, notice: 2};

const byUrgency = (one: Candidate, other: Candidate): number =>
	ranks[one.severity] - ranks[other.severity] || (one.pid ?? 0) - (other.pid ?? 0);

const add = (one: number | undefined, other: number | undefined): number | undefined =>
	one === undefined && other === undefined ? undefined : measured((one ?? 0) + (other ?? 0));

const addCosts = (one: Cost, other: Cost): Cost => {
	const cost: Record<string, number> = {};
	for (const name of Object.keys({...one, ...other}) as (keyof Cost)[]) {
		const total = add(one[name], other[name]);
		if (total !== undefined) {
			cost[name] = total;
		}
	}

	return cost;
};

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
					cost: others.reduce((cost, other) => addCosts(cost, other.cost), one.cost),
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
