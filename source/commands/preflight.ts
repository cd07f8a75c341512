import {writeFileSync} from 'node:fs';
import {hostname, release} from 'node:os';
import {join} from 'node:path';
import {formatPreflight} from '../format/preflight.js';
import type {Severity} from '../model/finding.js';
import type {Check, Preflight, Verdict} from '../model/preflight.js';
import {worst} from '../preflight/judge.js';
import {watchPreflight} from '../preflight/watch.js';
import {readText} from '../procfs/read-text.js';
import {complain, isClosedPipe, writeOutput} from './output.js';
import {toolVersion} from './tool-version.js';
import {exitCode, UsageError} from './usage-error.js';

export const preflightSchemaVersion = '1.0';

export type PreflightOptions = {
	/** The /proc to read, without a slash at the end. */
	procRoot: string;
	/** How long rates and trends are watched; some 2 seconds are enough for most. */
	forSeconds: number;
	format: 'text' | 'json';
	/** A new file to write to; `-` and none are the standard output. */
	outputFile?: string;
	/** The exit code is 3 when a check is at least as severe: `bad` is critical, `watch` a warning, `unknown` a notice. */
	failOn?: Severity;
};

const failing: Readonly<Record<Severity, readonly Verdict[]>> = {
	critical: ['bad'],
	warning: ['bad', 'watch'],
	notice: ['bad', 'watch', 'unknown'],
};

const describe = (procRoot: string, name: string, own: string): string =>
	procRoot === '/proc' ? own : (readText(join(procRoot, 'sys/kernel', name))?.trim() ?? '');

/** Puts a look together with where and when it was taken. */
export const buildPreflight = (
	procRoot: string,
	checks: readonly Check[],
	observedSeconds: number,
): Preflight => ({
	schemaVersion: preflightSchemaVersion,
	kind: 'ctop.preflight',
	tool: {name: 'ctop', version: toolVersion},
	host: {
		name: describe(procRoot, 'hostname', hostname()),
		kernel: describe(procRoot, 'osrelease', release()),
	},
	takenAt: new Date().toISOString(),
	observedSeconds: Number(observedSeconds.toFixed(3)),
	verdict: worst(checks.map(({verdict}) => verdict)),
	checks,
});

const write = (text: string, outputFile: string | undefined): void => {
	if (outputFile !== undefined && outputFile !== '-') {
		// `wx`: a file that is there already is somebody's evidence.
		writeFileSync(outputFile, text, {flag: 'wx', mode: 0o600});
		return;
	}

	writeOutput(text);
};

/**
Looks at everything twice, `forSeconds` apart, and writes all checks. Resolves to the exit code: 0, 1 when the output can't be
written, 3 when `failOn` is met. Its own children may still hang on a dead server then: exit, don't wait for the event loop.
*/
export const runPreflight = async (options: PreflightOptions): Promise<number> => {
	const {procRoot, forSeconds, format, outputFile, failOn} = options;
	if (!(forSeconds > 0)) {
		throw new UsageError('--for must be more than 0 seconds');
	}

	let preflight: Preflight | undefined;
	for await (const {checks, observedSeconds} of watchPreflight({
		procRoot,
		forSeconds,
		wideIntervalSeconds: Infinity,
	})) {
		preflight = buildPreflight(procRoot, checks, observedSeconds);
	}

	if (!preflight) {
		return exitCode.error;
	}

	try {
		write(
			format === 'json'
				? `${JSON.stringify(preflight, undefined, '\t')}\n`
				: formatPreflight(preflight),
			outputFile,
		);
	} catch (error) {
		if (!isClosedPipe(error)) {
			complain((error as Error).message);
			return exitCode.error;
		}
	}

	const met = failOn && preflight.checks.some(({verdict}) => failing[failOn].includes(verdict));
	return met ? exitCode.failOnMet : exitCode.fine;
};
