import type {ServiceTotals} from '../model/service-totals.js';
import type {Snapshot} from '../model/snapshot.js';
import {severities} from './severity.js';

const decimals = 4;

type Sample = {labels: Readonly<Record<string, string>>; value: number};

type Family = {name: string; help: string; unit?: string; samples: readonly Sample[]};

/** Label values are UTF-8 with three characters escaped; what isn't text never gets there. */
const labelValue = (text: string): string =>
	text
		.replaceAll('\\', String.raw`\\`)
		.replaceAll('\n', String.raw`\n`)
		.replaceAll('"', String.raw`\"`);

const labelsText = (labels: Sample['labels']): string => {
	const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
	return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const familyLines = ({name, help, unit, samples}: Family): string[] =>
	samples.length === 0
		? []
		: [
				`# TYPE ${name} gauge`,
				...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
				`# HELP ${name} ${help}`,
				...samples.map(
					({labels, value}) => `${name}${labelsText(labels)} ${Number(value.toFixed(decimals))}`,
				),
			];

const one = (value: number | undefined): Sample[] =>
	value === undefined ? [] : [{labels: {}, value}];

const byService = (
	services: readonly ServiceTotals[],
	pick: (service: ServiceTotals) => readonly (readonly [number | undefined, Sample['labels']])[],
): Sample[] =>
	services.flatMap(service =>
		pick(service).flatMap(([value, labels]) =>
			value === undefined ? [] : [{labels: {service: service.name, ...labels}, value}],
		),
	);

const ratio = (percent: number | undefined): number | undefined =>
	percent === undefined ? undefined : Number((percent / 100).toPrecision(12));

const findingSamples = ({findings}: Snapshot, serviceOf: (pid: number) => string): Sample[] => {
	const counts = new Map<string, Sample>();
	for (const {rule, severity, confidence, pid} of findings) {
		const labels = {rule, severity, confidence, service: pid === undefined ? '' : serviceOf(pid)};
		const key = JSON.stringify(labels);
		counts.set(key, {labels, value: (counts.get(key)?.value ?? 0) + 1});
	}

	return [...counts.values()];
};

/**
A Snapshot as OpenMetrics text 1.0: switch rates, CPU and run-queue wait by service, and the findings. All are gauges, for they are
rates over the interval and not counters since a start.
*/
export const formatOpenMetrics = (
	snapshot: Snapshot,
	services: readonly ServiceTotals[],
	serviceOf: (pid: number) => string,
): string => {
	const {system, findings, host} = snapshot;
	const families: readonly Family[] = [
		{
			name: 'ctop_host_info',
			help: 'The machine that was watched; always 1.',
			samples: [{labels: {host: host.name, kernel: host.kernel}, value: 1}],
		},
		{
			name: 'ctop_context_switches_per_second',
			help: 'Context switches of the whole machine.',
			samples: one(system.contextSwitchesPerSecond),
		},
		{
			name: 'ctop_runnable_threads',
			help: 'Threads that run or want a CPU.',
			samples: one(system.runnable),
		},
		{
			name: 'ctop_blocked_threads',
			help: 'Threads in uninterruptible sleep.',
			samples: one(system.blocked),
		},
		{
			name: 'ctop_service_switches_per_second',
			help: 'Context switches of all threads of a service.',
			samples: byService(services, each => [
				[each.voluntarySwitchesPerSecond, {kind: 'voluntary'}],
				[each.involuntarySwitchesPerSecond, {kind: 'involuntary'}],
			]),
		},
		{
			name: 'ctop_service_cpu_ratio',
			unit: 'ratio',
			help: 'CPU time used; 1 is one CPU all the time.',
			samples: byService(services, each => [[ratio(each.cpuPercent), {}]]),
		},
		{
			name: 'ctop_service_run_queue_wait_ratio',
			unit: 'ratio',
			help: 'Time runnable without a CPU; 1 is one thread all the time.',
			samples: byService(services, each => [[ratio(each.runQueueWaitPercent), {}]]),
		},
		{
			name: 'ctop_service_threads',
			help: 'Threads of a service.',
			samples: byService(services, each => [[each.threads, {}]]),
		},
		{
			name: 'ctop_service_processes',
			help: 'Processes of a service.',
			samples: byService(services, each => [[each.processes, {}]]),
		},
		{
			name: 'ctop_findings',
			help: 'Findings by severity; 0 says that it was looked for.',
			samples: severities.map(severity => ({
				labels: {severity},
				value: findings.filter(finding => finding.severity === severity).length,
			})),
		},
		{
			name: 'ctop_finding',
			help: 'Findings that hold, by diagnosis and service.',
			samples: findingSamples(snapshot, serviceOf),
		},
	];
	return `${[...families.flatMap(familyLines), '# EOF'].join('\n')}\n`;
};
