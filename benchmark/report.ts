import type {Machine} from './machine.ts';
import type {Measurement} from './measure.ts';
import type {Options} from './options.ts';
import type {SoakMinute} from './soak.ts';
import {type Spread, spreadOf} from './statistics.ts';
import {type Column, formatTable} from './table.ts';
import {describeWorkload, type Judgement, type Result} from './targets.ts';

export type Report = {
	readonly takenAt: Date;
	readonly machine: Machine;
	readonly versions: Readonly<Record<string, string>>;
	readonly missing: readonly string[];
	readonly options: Options;
	/** By name of the peer. */
	readonly titles: ReadonlyMap<string, string>;
	readonly results: readonly Result[];
	/** Workloads that could not be started, with what the load said. */
	readonly failedWorkloads: readonly string[];
	/** Milliseconds, by name of the peer. */
	readonly firstFrames: ReadonlyMap<string, readonly number[]>;
	readonly soak: readonly SoakMinute[];
	readonly judgements: readonly Judgement[];
};

const nothing = '–';

const fixed = (value: number | undefined, digits = 1): string =>
	value === undefined ? nothing : value.toFixed(digits);

const withSpread = (spread: Spread | undefined, digits: number): string =>
	spread === undefined
		? nothing
		: `${fixed(spread.median, digits)} (${fixed(spread.minimum, digits)}–${fixed(spread.maximum, digits)})`;

const heading = (text: string, align: Column['align'] = 'right'): Column => ({
	heading: text,
	align,
});

const machineLines = ({
	machine,
	versions,
	missing,
	options,
	takenAt,
}: Report): readonly string[] => [
	`- ${takenAt.toISOString()}, ${machine.cpus} × ${machine.cpu}, ${(machine.memoryBytes / 1e9).toFixed(1)} GB, ${machine.kernel}, as ${machine.user}; load average before: ${machine.loadAverage.toFixed(2)}`,
	`- ${Object.entries(versions)
		.map(([name, version]) => `${name} ${version}`)
		.join(', ')}${missing.length > 0 ? `; not installed, left out: ${missing.join(', ')}` : ''}`,
	`- ${options.rounds} rounds in rotating order, each ${options.warmUpSeconds} s of warm-up and ${options.seconds} s measured; medians, with the lowest and the highest round in brackets`,
	'- Every tool is asked for one refresh a second, the full-screen ones in a terminal of 200x50. CPU is the time of all threads of the tool by the kernel’s own count (schedstat); per refresh, it is divided by the refreshes seen where a tool made fewer than one a second. Active threads of the load wake twice a second. Others’ CPU is what the rest of the machine used meanwhile, load included, at most in a round; 100 is one CPU, and much of it makes every figure of that row too high.',
];

const isMeasurement = (value: Measurement | undefined): value is Measurement => value !== undefined;

const costRow = (
	title: string,
	measurements: readonly Measurement[],
	ctopCpu: number | undefined,
	failure: string | undefined,
): readonly string[] => {
	const cpu = spreadOf(measurements.map(one => one.cpuMillisecondsPerRefresh));
	const perSecond = spreadOf(measurements.map(one => one.cpuMillisecondsPerSecond));
	const bytes = spreadOf(measurements.map(one => one.bytesPerSecond));
	const refreshes = spreadOf(measurements.flatMap(one => one.refreshesPerSecond ?? []));
	const peak = spreadOf(measurements.map(one => one.peakRssBytes / 1e6));
	const ratio = ctopCpu === undefined || cpu === undefined ? undefined : ctopCpu / cpu.median;
	return [
		failure === undefined ? title : `${title}: ${failure}`,
		withSpread(cpu, 1),
		fixed(ratio, 2),
		fixed(perSecond?.median),
		fixed(peak?.maximum),
		bytes === undefined ? nothing : String(Math.round(bytes.median)),
		fixed(refreshes?.median, 2),
		fixed(spreadOf(measurements.map(one => one.othersCpuPercent))?.maximum, 0),
	];
};

const workloadSection = (result: Result, titles: Report['titles']): readonly string[] => {
	const measured = (name: string) => (result.measurements.get(name) ?? []).filter(isMeasurement);
	const ctopCpu = spreadOf(measured('ctop').map(one => one.cpuMillisecondsPerRefresh))?.median;
	return [
		`## ${describeWorkload(result.workload)} (${result.machineThreads} on the machine)`,
		formatTable(
			[
				heading('tool', 'left'),
				heading('CPU ms per refresh'),
				heading('ctop ÷ it'),
				heading('CPU ms per s'),
				heading('peak memory MB'),
				heading('bytes written per s'),
				heading('refreshes per s'),
				heading('others’ CPU %'),
			],
			[...titles].map(([name, title]) =>
				costRow(title, measured(name), ctopCpu, result.failures.get(name)),
			),
		),
	];
};

const verdictOf = ({reached, remark}: Judgement): string => {
	if (reached === undefined) {
		return 'not measured';
	}

	return [reached ? 'yes' : 'NO', remark].filter(Boolean).join(', ');
};

const judgementSection = (judgements: readonly Judgement[]): readonly string[] =>
	judgements.length === 0
		? []
		: [
				'## Against the targets',
				formatTable(
					[
						heading('what', 'left'),
						heading('load', 'left'),
						heading('measured'),
						heading('at most'),
						heading('reached', 'left'),
					],
					judgements.map(judgement => {
						const {what, workload, measured, atMost, unit} = judgement;
						return [
							what,
							workload,
							`${fixed(measured, unit === '' ? 2 : 1)} ${unit}`.trim(),
							`${atMost} ${unit}`.trim(),
							verdictOf(judgement),
						];
					}),
				),
			];

const firstFrameSection = ({firstFrames, titles, options}: Report): readonly string[] =>
	firstFrames.size === 0
		? []
		: [
				`## From the start to the first full screen, ${options.firstFrames} starts`,
				formatTable(
					[heading('tool', 'left'), heading('milliseconds'), heading('starts that showed one')],
					[...firstFrames].map(([name, times]) => [
						titles.get(name) ?? name,
						withSpread(spreadOf(times), 0),
						String(times.length),
					]),
				),
			];

const soakSection = ({soak}: Report): readonly string[] =>
	soak.length === 0
		? []
		: [
				'## Memory over time',
				formatTable(
					[heading('minute'), heading('memory MB'), heading('peak MB'), heading('CPU ms per s')],
					soak.map(({minute, rssBytes, peakRssBytes, cpuMillisecondsPerSecond}) => [
						String(minute),
						fixed(rssBytes / 1e6),
						fixed(peakRssBytes / 1e6),
						fixed(cpuMillisecondsPerSecond),
					]),
				),
			];

/** The whole report as Markdown that also reads in a terminal. */
export const formatReport = (report: Report): string =>
	[
		'# Benchmark',
		machineLines(report).join('\n'),
		...report.failedWorkloads.map(failure => `Not measured: ${failure}`),
		...judgementSection(report.judgements),
		...report.results.flatMap(result => workloadSection(result, report.titles)),
		...firstFrameSection(report),
		...soakSection(report),
	].join('\n\n');
