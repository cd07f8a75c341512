import {parseFilter} from '../format/filter.js';
import {defaultViewOptions, sortKeys, type ViewOptions} from '../format/view-options.js';
import type {Severity} from '../model/finding.js';
import {probeSeconds} from '../model/probe.js';
import {directoryTarget, thisMachine} from '../targets/local-target.js';
import type {Target} from '../targets/target.js';
import {
	parseBytes,
	parseCount,
	parsePids,
	parseSeconds,
	parseWord,
	severities,
} from './parse-values.js';
import {UsageError} from './usage-error.js';
import type {WatchOptions} from './watch.js';

/** Flags as they were written. */
export type Flags = {
	delay: string;
	pid: readonly string[];
	user?: string;
	filter?: string;
	sort?: string;
	proc?: string;
	iterations?: string;
	for?: string;
	output?: string;
	failOn?: string;
	color: string;
	format?: string;
	maxSize?: string;
	on?: string;
	note?: string;
	redact: boolean;
	ascii: boolean;
	batch: boolean;
	strace: boolean;
	seconds?: string;
	help: boolean;
	version: boolean;
};

export const intervalBounds = {least: 0.1, most: 60};
const observationBounds = {least: 0.1, most: 3600};

const findTarget = (directory: string | undefined): Target => {
	const target = directory === undefined ? thisMachine : directoryTarget(directory);
	if (!target) {
		throw new UsageError(`--proc: '${directory}' does not look like /proc: it has no file 'stat'`);
	}

	return target;
};

/** What to watch and how often. */
export const watchOptions = (flags: Flags): WatchOptions => ({
	target: findTarget(flags.proc),
	intervalSeconds: parseSeconds('--delay', flags.delay, intervalBounds),
	selection: {
		...(flags.pid.length > 0 && {pids: parsePids('--pid', flags.pid)}),
		...(flags.user !== undefined && {user: flags.user}),
	},
});

/** How rows are ordered and filtered at first. */
export const viewOptions = (flags: Flags): ViewOptions => {
	const {filter = '', sort} = flags;
	const {error} = parseFilter(filter);
	if (error !== undefined) {
		throw new UsageError(`--filter: ${error}`);
	}

	return {
		...defaultViewOptions,
		filter,
		...(sort !== undefined && {sort: parseWord('--sort', sort, sortKeys)}),
	};
};

export const framesOption = ({iterations}: Flags): number | undefined =>
	iterations === undefined ? undefined : parseCount('--iterations', iterations);

export const forSecondsOption = (flags: Flags, otherwise: number): number =>
	flags.for === undefined ? otherwise : parseSeconds('--for', flags.for, observationBounds);

const recordingBounds = {least: 0.1, most: 30 * 24 * 3600};
const defaultMaxSize = '64M';

export const recordSecondsOption = (flags: Flags): number | undefined =>
	flags.for === undefined ? undefined : parseSeconds('--for', flags.for, recordingBounds);

export const maxBytesOption = ({maxSize = defaultMaxSize}: Flags): number =>
	parseBytes('--max-size', maxSize);

export const onOption = ({on}: Flags): Severity | undefined =>
	on === undefined ? undefined : parseWord('--on', on, severities);

export const failOnOption = ({failOn}: Flags): Severity | undefined =>
	failOn === undefined ? undefined : parseWord('--fail-on', failOn, severities);

export const probeSecondsOption = ({seconds}: Flags): number =>
	seconds === undefined ? probeSeconds.usual : parseSeconds('--seconds', seconds, probeSeconds);
