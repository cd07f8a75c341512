import {existsSync} from 'node:fs';
import process from 'node:process';
import {colourWords, isAsciiLocale, wantsColour} from './colours.js';
import {commandNames} from './command-table.js';
import {
	batchFormats,
	diffFormats,
	lookFormats,
	reportFormats,
	snapshotFormats,
} from './format-names.js';
import {help} from './help-text.js';
import type {ScreenOptions} from './live.js';
import type {Flags} from './options.js';
import {
	failOnOption,
	forSecondsOption,
	framesOption,
	maxBytesOption,
	onOption,
	probeSecondsOption,
	recordSecondsOption,
	viewOptions,
	watchOptions,
} from './options.js';
import {complain, writeOutput} from './output.js';
import type {Invocation} from './parse-cli.js';
import {parseCount, parseWord} from './parse-values.js';
import {didYouMean} from './suggest.js';
import {toolVersion} from './tool-version.js';
import {exitCode, UsageError} from './usage-error.js';

/** Long enough for rates; trends of disks want more. */
const preflightSeconds = 2;
/** A finding has to hold for some seconds before it is one. */
const snapshotSeconds = 5;

const screenOptions = (flags: Flags): ScreenOptions => ({
	view: viewOptions(flags),
	colour: wantsColour(flags.color, process.env),
	ascii: flags.ascii || isAsciiLocale(process.env),
});

const hasScreen = (): boolean => process.stdout.isTTY && process.env['TERM'] !== 'dumb';

const refuseOperands = (operands: readonly string[]): void => {
	if (operands.length > 0) {
		throw new UsageError(`don't know what to do with '${operands[0]}'; see ctop --help`);
	}
};

const requireProc = (flags: Flags): void => {
	if (flags.proc === undefined && !existsSync('/proc/self/stat')) {
		throw new UsageError('there is no /proc here; it must be mounted, or named with --proc');
	}
};

const runBatchFrames = async (flags: Flags, frames: number | undefined): Promise<number> => {
	const {runBatch} = await import('./batch.js');
	const failOn = failOnOption(flags);
	return runBatch({
		...watchOptions(flags),
		format: parseWord('--format', flags.format ?? 'text', batchFormats),
		view: viewOptions(flags),
		...(frames !== undefined && {frames}),
		...(failOn && {failOn}),
	});
};

const runDefault = async (flags: Flags): Promise<number> => {
	requireProc(flags);
	if (flags.batch) {
		return runBatchFrames(flags, framesOption(flags));
	}

	if (!hasScreen()) {
		complain('no terminal: one frame, as with -b -n 1');
		return runBatchFrames(flags, framesOption(flags) ?? 1);
	}

	const options = {
		...watchOptions(flags),
		...screenOptions(flags),
		probeSeconds: probeSecondsOption(flags),
	};
	const {runLive} = await import('./live.js');
	return runLive(options);
};

const runSnapshotCommand = async (flags: Flags): Promise<number> => {
	requireProc(flags);
	const {runSnapshot} = await import('./snapshot.js');
	const failOn = failOnOption(flags);
	return runSnapshot({
		...watchOptions(flags),
		forSeconds: forSecondsOption(flags, snapshotSeconds),
		format: parseWord('--format', flags.format ?? 'json', snapshotFormats),
		view: viewOptions(flags),
		redact: flags.redact,
		...(flags.note !== undefined && {note: flags.note}),
		...(flags.output !== undefined && {outputFile: flags.output}),
		...(failOn && {failOn}),
	});
};

const runRecordCommand = async (flags: Flags): Promise<number> => {
	requireProc(flags);
	const {runRecord} = await import('./record.js');
	const forSeconds = recordSecondsOption(flags);
	const on = onOption(flags);
	return runRecord({
		...watchOptions(flags),
		maxBytes: maxBytesOption(flags),
		redact: flags.redact,
		...(flags.output !== undefined && {outputFile: flags.output}),
		...(forSeconds !== undefined && {forSeconds}),
		...(on && {on}),
	});
};

const runPreflightCommand = async (flags: Flags): Promise<number> => {
	requireProc(flags);
	const {runPreflight} = await import('./preflight.js');
	const failOn = failOnOption(flags);
	const code = await runPreflight({
		procRoot: watchOptions(flags).target.procRoot,
		forSeconds: forSecondsOption(flags, preflightSeconds),
		format: parseWord('--format', flags.format ?? 'text', lookFormats),
		...(flags.output !== undefined && {outputFile: flags.output}),
		...(failOn && {failOn}),
	});
	// A question to a dead file server may never be answered: the program doesn't wait for it.
	process.exit(code);
};

const runDoctorCommand = async (flags: Flags): Promise<number> => {
	requireProc(flags);
	const {runDoctor} = await import('./doctor.js');
	const {target} = watchOptions(flags);
	return runDoctor(target, parseWord('--format', flags.format ?? 'text', lookFormats));
};

const runProbeCommand = async (
	flags: Flags,
	[pid, ...rest]: readonly string[],
): Promise<number> => {
	if (pid === undefined) {
		throw new UsageError('probe needs the id of a process');
	}

	refuseOperands(rest);
	requireProc(flags);
	const {runProbe} = await import('./probe.js');
	return runProbe({
		...watchOptions(flags),
		pid: parseCount('probe', pid),
		seconds: probeSecondsOption(flags),
		format: parseWord('--format', flags.format ?? 'text', lookFormats),
		colour: wantsColour(flags.color, process.env),
		strace: flags.strace,
		...(flags.output !== undefined && {outputDirectory: flags.output}),
	});
};

const runDiffCommand = async (
	flags: Flags,
	[before, after, ...rest]: readonly string[],
): Promise<number> => {
	if (before === undefined || after === undefined) {
		throw new UsageError('diff needs two files, from before and after');
	}

	refuseOperands(rest);
	const {runDiff} = await import('./diff.js');
	return runDiff(before, after, parseWord('--format', flags.format ?? 'text', diffFormats));
};

const runReportCommand = async (
	flags: Flags,
	[file, ...rest]: readonly string[],
): Promise<number> => {
	if (file === undefined) {
		throw new UsageError('report needs a file');
	}

	refuseOperands(rest);
	const {runReport} = await import('./report.js');
	return runReport(file, {
		format: parseWord('--format', flags.format ?? 'md', reportFormats),
		outputFile: flags.output ?? '-',
		redact: flags.redact,
	});
};

const runReplayCommand = async (
	flags: Flags,
	[file, ...rest]: readonly string[],
): Promise<number> => {
	if (file === undefined) {
		throw new UsageError('replay needs a file');
	}

	refuseOperands(rest);
	const {replayFile} = await import('./replay.js');
	return replayFile(file, screenOptions(flags), hasScreen() && !flags.batch);
};

/** Carries out what was asked for; resolves with the exit code, throws UsageError for what can't be done as asked. */
export const run = async ({command, operands, flags}: Invocation): Promise<number> => {
	if (flags.help) {
		writeOutput(help);
		return exitCode.fine;
	}

	if (flags.version) {
		writeOutput(`ctop ${toolVersion}\n`);
		return exitCode.fine;
	}

	// Refused also where nothing is coloured.
	parseWord('--color', flags.color, colourWords);
	switch (command) {
		case undefined:
			return runDefault(flags);
		case 'snapshot':
			refuseOperands(operands);
			return runSnapshotCommand(flags);
		case 'record':
			refuseOperands(operands);
			return runRecordCommand(flags);
		case 'replay':
			return runReplayCommand(flags, operands);
		case 'diff':
			return runDiffCommand(flags, operands);
		case 'report':
			return runReportCommand(flags, operands);
		case 'preflight':
			refuseOperands(operands);
			return runPreflightCommand(flags);
		case 'probe':
			return runProbeCommand(flags, operands);
		case 'schema': {
			const {runSchema} = await import('./schema.js');
			return runSchema(operands);
		}

		case 'explain': {
			const {runExplain} = await import('./explain.js');
			return runExplain(operands);
		}

		case 'doctor':
			refuseOperands(operands);
			return runDoctorCommand(flags);
		case 'completion': {
			const {runCompletion} = await import('./completion.js');
			return runCompletion(operands);
		}

		default:
			throw new UsageError(
				`unknown command '${command}'${didYouMean(command, commandNames) || '; see ctop --help'}`,
			);
	}
};
