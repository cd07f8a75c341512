import type {Workload} from './load.ts';
import type {Measurement} from './measure.ts';
import {median} from './statistics.ts';

/** What was measured of one peer in each round of one workload. */
export type Result = {
	readonly workload: Workload;
	readonly machineThreads: number;
	/** By name of the peer; a round in which it failed is missing. */
	readonly measurements: ReadonlyMap<string, readonly (Measurement | undefined)[]>;
	/** By name of the peer. */
	readonly failures: ReadonlyMap<string, string>;
};

export type Judgement = {
	readonly what: string;
	readonly workload: string;
	readonly measured: number | undefined;
	readonly atMost: number;
	readonly unit: '' | 'MB' | 'ms' | 'MB/h';
	readonly reached: boolean | undefined;
	readonly remark: string;
};

type Ratio = {
	readonly of: string;
	readonly to: string;
	readonly atMost: number;
	readonly holdsFor: (workload: Workload) => boolean;
};

const ratios: readonly Ratio[] = [
	{
		of: 'ctop',
		to: 'htop',
		atMost: 0.5,
		holdsFor: ({threads, activePercent}) => threads === 2000 && activePercent === 1,
	},
	{
		of: 'ctop',
		to: 'pidstat',
		atMost: 0.2,
		holdsFor: ({threads, activePercent}) => threads === 2000 && activePercent === 1,
	},
	{
		of: 'ctop',
		to: 'htop',
		atMost: 0.35,
		holdsFor: ({threads, activePercent}) => threads === 10_000 && activePercent === 1,
	},
	{of: 'ctop', to: 'htop', atMost: 1, holdsFor: ({activePercent}) => activePercent === 100},
	{of: 'sampler', to: 'reader', atMost: 1.3, holdsFor: () => true},
];

/** One that shows every other second only, or later, is not as cheap as it looks. */
const refreshesPerSecondAtLeast = 0.9;

const largestRssBytes = 130e6;
const rssIsDueAtThreads = 10_000;

export const describeWorkload = ({threads, activePercent}: Workload): string =>
	`${threads} threads, ${activePercent} % active`;

const judge = (
	judgement: Omit<Judgement, 'reached' | 'remark'>,
	remark: string | undefined,
): Judgement => ({
	...judgement,
	reached:
		judgement.measured === undefined
			? undefined
			: judgement.measured <= judgement.atMost && remark === undefined,
	remark: remark ?? '',
});

/** The median of the rounds' own ratios: both sides of each were measured within the same minutes. */
const ratioOf = (result: Result, of: string, to: string): number | undefined => {
	const below = result.measurements.get(to) ?? [];
	const perRound = (result.measurements.get(of) ?? []).flatMap((above, round) => {
		const cpu = above?.cpuMillisecondsPerRefresh;
		const peerCpu = below[round]?.cpuMillisecondsPerRefresh;
		return cpu === undefined || peerCpu === undefined ? [] : [cpu / peerCpu];
	});
	return median(perRound);
};

const remarkOnLateness = (result: Result, name: string): string | undefined => {
	const rate = median(
		(result.measurements.get(name) ?? []).flatMap(
			measurement => measurement?.refreshesPerSecond ?? [],
		),
	);
	return rate !== undefined && rate < refreshesPerSecondAtLeast
		? `late: ${rate.toFixed(2)} refreshes a second`
		: undefined;
};

const judgeRatios = (result: Result): readonly Judgement[] =>
	ratios
		.filter(({holdsFor}) => holdsFor(result.workload))
		.map(({of, to, atMost}) =>
			judge(
				{
					what: `CPU per refresh, ${of} / ${to}`,
					workload: describeWorkload(result.workload),
					measured: ratioOf(result, of, to),
					atMost,
					unit: '',
				},
				remarkOnLateness(result, of),
			),
		);

const judgeMemory = (result: Result): readonly Judgement[] => {
	const peaks = (result.measurements.get('ctop') ?? []).flatMap(
		measurement => measurement?.peakRssBytes ?? [],
	);
	return result.workload.threads === rssIsDueAtThreads
		? [
				judge(
					{
						what: 'peak memory of ctop',
						workload: describeWorkload(result.workload),
						measured: peaks.length > 0 ? Math.max(...peaks) / 1e6 : undefined,
						atMost: largestRssBytes / 1e6,
						unit: 'MB',
					},
					undefined,
				),
			]
		: [];
};

/** Each target that one of the workloads has something to say about. `reached` is undefined where nothing could be measured. */
export const judgeResults = (results: readonly Result[]): readonly Judgement[] =>
	results.flatMap(result => [...judgeRatios(result), ...judgeMemory(result)]);

/** The first frame within 250 ms of the start. */
export const judgeFirstFrame = (measured: number | undefined, workload: Workload): Judgement =>
	judge(
		{
			what: 'first frame of ctop, median',
			workload: describeWorkload(workload),
			measured,
			atMost: 250,
			unit: 'ms',
		},
		undefined,
	);

/** Flat: what an hour adds is within what a garbage collector leaves standing from one minute to the next. */
export const judgeGrowth = (megabytesPerHour: number | undefined, workload: Workload): Judgement =>
	judge(
		{
			what: 'growth of ctop',
			workload: describeWorkload(workload),
			measured: megabytesPerHour,
			atMost: 5,
			unit: 'MB/h',
		},
		undefined,
	);
