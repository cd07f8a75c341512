import type {Change, Diff, FindingDiff, ServiceDiff, SideOfDiff} from '../model/diff.js';
import type {Finding} from '../model/finding.js';
import type {ServiceTotals} from '../model/service-totals.js';
import type {Snapshot} from '../model/snapshot.js';
import {rateNames, serviceTotals} from './service-totals.js';
import {whatItRuns} from './what-it-runs.js';

type Summary = {
	side: SideOfDiff;
	contextSwitches: number | undefined;
	findings: ReadonlyMap<string, Finding>;
	subjects: ReadonlyMap<string, string>;
	services: ReadonlyMap<string, ServiceTotals>;
};

const median = (values: readonly number[]): number | undefined => {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 || sorted.length === 0
		? sorted[middle]
		: (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Of a service that wasn't there all the time, the time without it counts as none of it. */
const medianTotals = (
	name: string,
	totals: readonly ServiceTotals[],
	length: number,
): ServiceTotals => {
	const absent = Array.from({length: length - totals.length}, () => 0);
	const result: ServiceTotals = {
		name,
		processes: median([...absent, ...totals.map(({processes}) => processes)]) ?? 0,
		threads: median([...absent, ...totals.map(({threads}) => threads)]) ?? 0,
	};
	for (const rate of rateNames) {
		const values = totals.flatMap(each => each[rate] ?? []);
		const value = values.length === 0 ? undefined : median([...absent, ...values]);
		if (value !== undefined) {
			result[rate] = value;
		}
	}

	return result;
};

const subjectOf = ({pid}: Finding, {processes}: Snapshot): string => {
	const process = processes.find(each => each.pid === pid);
	return process === undefined ? 'the machine' : whatItRuns(process);
};

/** Throws when there is no Snapshot at all. */
const summarise = (snapshots: Iterable<Snapshot>): Summary => {
	const services = new Map<string, ServiceTotals[]>();
	const findings = new Map<string, Finding>();
	const subjects = new Map<string, string>();
	const contextSwitches: number[] = [];
	let first: Snapshot | undefined;
	let last: Snapshot | undefined;
	let count = 0;
	for (const snapshot of snapshots) {
		first ??= snapshot;
		last = snapshot;
		count++;
		contextSwitches.push(...[snapshot.system.contextSwitchesPerSecond ?? []].flat());
		for (const [name, totals] of serviceTotals(snapshot)) {
			services.set(name, [...(services.get(name) ?? []), totals]);
		}

		for (const finding of snapshot.findings) {
			const subject = subjectOf(finding, snapshot);
			findings.set(`${finding.rule} ${subject}`, finding);
			subjects.set(`${finding.rule} ${subject}`, subject);
		}
	}

	if (first === undefined || last === undefined) {
		throw new Error('nothing to compare');
	}

	return {
		side: {
			host: first.host.name,
			cpus: first.host.cpus,
			takenAt: first.takenAt,
			snapshots: count,
			seconds: last.observedSeconds - first.observedSeconds + (first.intervalSeconds ?? 0),
		},
		contextSwitches: median(contextSwitches),
		findings,
		subjects,
		services: new Map(
			[...services].map(([name, totals]) => [name, medianTotals(name, totals, count)]),
		),
	};
};

const changeOf = (before: number | undefined, after: number | undefined): Change => ({
	...(before !== undefined && {before}),
	...(after !== undefined && {after}),
	...(before !== undefined && before !== 0 && after !== undefined && {factor: after / before}),
});

const diffService = (
	name: string,
	before: ServiceTotals | undefined,
	after: ServiceTotals | undefined,
): ServiceDiff => {
	const change = (key: Exclude<keyof ServiceTotals, 'name'>): Change => {
		// A service that isn't there does nothing; a rate that can't be measured isn't there though the service is.
		return changeOf(before ? before[key] : 0, after ? after[key] : 0);
	};
	const [switches, voluntary, involuntary, cpu, wait] = rateNames.map(change);
	return {
		name,
		processes: change('processes'),
		threads: change('threads'),
		switchesPerSecond: switches!,
		voluntarySwitchesPerSecond: voluntary!,
		involuntarySwitchesPerSecond: involuntary!,
		cpuPercent: cpu!,
		runQueueWaitPercent: wait!,
	};
};

const distance = ({before = 0, after = 0}: Change): number => Math.abs(after - before);

const order: readonly FindingDiff['state'][] = ['went', 'came', 'stayed'];

const diffFindings = (before: Summary, after: Summary): FindingDiff[] => {
	const keys = new Set([...before.findings.keys(), ...after.findings.keys()]);
	return [...keys]
		.map((key): FindingDiff => {
			const now = after.findings.get(key);
			const then = before.findings.get(key);
			const state = now === undefined ? 'went' : then === undefined ? 'came' : 'stayed';
			return {
				state,
				subject: after.subjects.get(key) ?? before.subjects.get(key) ?? '',
				finding: (now ?? then)!,
			};
		})
		.sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
};

/** Compares what two files hold; processes are matched by what they run. Throws when one holds nothing. */
export const diffSnapshots = (before: Iterable<Snapshot>, after: Iterable<Snapshot>): Diff => {
	const [one, other] = [summarise(before), summarise(after)];
	const names = new Set([...one.services.keys(), ...other.services.keys()]);
	return {
		kind: 'ctop.diff',
		before: one.side,
		after: other.side,
		contextSwitchesPerSecond: changeOf(one.contextSwitches, other.contextSwitches),
		findings: diffFindings(one, other),
		services: [...names]
			.map(name => diffService(name, one.services.get(name), other.services.get(name)))
			.sort((a, b) => distance(b.switchesPerSecond) - distance(a.switchesPerSecond)),
	};
};
