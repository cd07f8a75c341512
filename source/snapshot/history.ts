import type {Finding} from '../model/finding.js';
import type {
	Column,
	EndedFinding,
	History,
	ProcessHistory,
	SystemHistory,
} from '../model/history.js';
import type {Process} from '../model/process.js';
import type {Snapshot} from '../model/snapshot.js';

/** How much of what was before a Snapshot is kept with it. */
export const historySeconds = 60;

/** So many of each: those that switched most, computed most and waited most for a CPU. */
const busiestOfEach = 10;

const rateKeys = [
	'voluntarySwitchesPerSecond',
	'involuntarySwitchesPerSecond',
	'cpuPercent',
	'runQueueWaitPercent',
] as const;

const identity = ({pid, startTimeTicks}: Process): string => `${pid}:${startTimeTicks}`;

/** The column under its name, or nothing where nothing was measured. */
const column = <Name extends string>(
	name: Name,
	values: readonly (number | null | undefined)[],
): {[Key in Name]?: Column} =>
	values.some(value => value !== undefined)
		? ({[name]: values.map(value => value ?? null)} as unknown as {[Key in Name]?: Column})
		: {};

const systemHistory = (samples: readonly Snapshot[]): SystemHistory => {
	const systems = samples.map(({system}) => system);
	return {
		...column(
			'contextSwitchesPerSecond',
			systems.map(each => each.contextSwitchesPerSecond),
		),
		...column(
			'runnable',
			systems.map(({runnable}) => runnable),
		),
		...column(
			'blocked',
			systems.map(({blocked}) => blocked),
		),
		...column(
			'busyPercent',
			systems.map(({cpu}) => cpu && 100 - cpu.idlePercent - cpu.iowaitPercent),
		),
		...column(
			'cpuPressurePercent',
			systems.map(({pressure}) => {
				const cpu = pressure?.cpu;
				return cpu?.some.avg10Percent ?? (cpu === null ? null : undefined);
			}),
		),
	};
};

type Sums = {switches: number; cpuPercent: number; runQueueWaitPercent: number};

const busiest = (samples: readonly Snapshot[]): Set<string> => {
	const sums = new Map<string, Sums>();
	for (const {processes} of samples) {
		for (const process of processes) {
			const known = sums.get(identity(process)) ?? {
				switches: 0,
				cpuPercent: 0,
				runQueueWaitPercent: 0,
			};
			known.switches +=
				(process.voluntarySwitchesPerSecond ?? 0) + (process.involuntarySwitchesPerSecond ?? 0);
			known.cpuPercent += process.cpuPercent ?? 0;
			known.runQueueWaitPercent += process.runQueueWaitPercent ?? 0;
			sums.set(identity(process), known);
		}
	}

	const most = (key: keyof Sums): string[] =>
		[...sums]
			.filter(([, sum]) => sum[key] > 0)
			.sort(([, one], [, other]) => other[key] - one[key])
			.slice(0, busiestOfEach)
			.map(([id]) => id);
	return new Set([...most('switches'), ...most('cpuPercent'), ...most('runQueueWaitPercent')]);
};

const processHistories = (samples: readonly Snapshot[]): ProcessHistory[] => {
	const wanted = busiest(samples);
	const found = new Map<string, {firstSample: number; seen: Process[]}>();
	for (const [index, {processes}] of samples.entries()) {
		for (const process of processes) {
			const id = identity(process);
			if (wanted.has(id)) {
				const known = found.get(id) ?? {firstSample: index, seen: []};
				known.seen.push(process);
				found.set(id, known);
			}
		}
	}

	return [...found.values()].map(({firstSample, seen}) => {
		const {pid, startTimeTicks, name} = seen.at(-1)!;
		return {
			pid,
			startTimeTicks,
			name,
			firstSample,
			...Object.assign(
				{},
				...rateKeys.map(key =>
					column(
						key,
						seen.map(each => each[key]),
					),
				),
			),
		};
	});
};

const findingIdentity = ({rule, pid, since}: Finding): string => `${rule} ${pid} ${since}`;

const endedFindings = (samples: readonly Snapshot[], snapshot: Snapshot): EndedFinding[] => {
	const shown = new Set(snapshot.findings.map(findingIdentity));
	const ended = new Map<string, EndedFinding>();
	for (const {findings, takenAt} of samples) {
		for (const finding of findings) {
			const id = findingIdentity(finding);
			if (!shown.has(id)) {
				ended.set(id, {...finding, lastSeen: takenAt});
			}
		}
	}

	return [...ended.values()];
};

/** The Snapshot with what was before it: samples from its own observation, oldest first, itself not among them. */
export const withHistory = (snapshot: Snapshot, before: readonly Snapshot[]): Snapshot => {
	const samples = before.filter(
		({observedSeconds, intervalSeconds}) =>
			intervalSeconds !== undefined &&
			observedSeconds < snapshot.observedSeconds &&
			snapshot.observedSeconds - observedSeconds <= historySeconds,
	);
	if (samples.length === 0) {
		return snapshot;
	}

	const history: History = {
		secondsBefore: samples.map(({observedSeconds}) => snapshot.observedSeconds - observedSeconds),
		system: systemHistory(samples),
		processes: processHistories(samples),
		endedFindings: endedFindings(samples, snapshot),
	};
	return {...snapshot, history};
};
