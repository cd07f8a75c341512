import process from 'node:process';
import {formatBytes} from '../format/bytes.js';
import {formatDuration} from '../format/duration.js';
import type {Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {createRedactor} from '../snapshot/redact.js';
import {complain} from './output.js';
import {ratedSnapshots} from './rated-snapshots.js';
import {createBlackBoxRecorder, createRecorder, type Recorder} from './recorder.js';
import {exitCode, UsageError} from './usage-error.js';
import {startWatch, type WatchOptions} from './watch.js';

export type RecordOptions = WatchOptions & {
	outputFile?: string;
	/** Without one it goes on until it is told to stop. */
	forSeconds?: number;
	maxBytes: number;
	/** Writes nothing until there is a finding as severe. */
	on?: Severity;
	redact: boolean;
};

const secondsBetweenWords = 60;
const secondsPerHour = 3600;

const countText = (records: number): string => `${records} ${records === 1 ? 'record' : 'records'}`;

const paceText = (bytes: number, seconds: number): string =>
	seconds > 0 ? `, ${formatBytes((bytes / seconds) * secondsPerHour)} an hour` : '';

const openFailed = (error: unknown): never => {
	const {code, message} = error as NodeJS.ErrnoException;
	throw code === undefined ? error : new UsageError(message);
};

const createFor = (options: RecordOptions): Recorder => {
	const {outputFile, maxBytes, on} = options;
	const recorderOptions = {
		maxBytes,
		noteFile: (file: string) => complain(`recording to ${file}`),
		...(outputFile !== undefined && {file: outputFile}),
	};
	try {
		return on === undefined
			? createRecorder(recorderOptions)
			: createBlackBoxRecorder(recorderOptions, on);
	} catch (error) {
		return openFailed(error);
	}
};

/** Aborts when the program is asked to end; without it a signal would end it in the middle of a record. */
const endSignals = (): AbortSignal => {
	const controller = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.once(signal, () => controller.abort());
	}

	return controller.signal;
};

const recordAll = async (
	snapshots: AsyncIterable<Snapshot>,
	recorder: Recorder,
	{forSeconds = Number.POSITIVE_INFINITY, redact, intervalSeconds}: RecordOptions,
): Promise<number> => {
	const redactor = redact ? createRedactor() : undefined;
	let first: number | undefined;
	let toldAt = 0;
	let seconds = 0;
	for await (const snapshot of snapshots) {
		await recorder.add(redactor?.redact(snapshot) ?? snapshot);
		first ??= snapshot.observedSeconds - (snapshot.intervalSeconds ?? 0);
		seconds = snapshot.observedSeconds - first;
		if (seconds - toldAt >= secondsBetweenWords) {
			toldAt = seconds;
			const {records, bytesWritten} = recorder;
			complain(
				`${formatDuration(seconds)}: ${countText(records)}, ${formatBytes(bytesWritten)}${paceText(bytesWritten, seconds)}`,
			);
		}

		// Timers are a little early or late: what counts as long enough is half an interval short of it.
		if (seconds >= forSeconds - intervalSeconds / 2) {
			break;
		}
	}

	return seconds;
};

/** `ctop record`: one compact record a tick, until it is long enough or a signal ends it. Resolves with the exit code. */
export const runRecord = async (options: RecordOptions): Promise<number> => {
	const signal = endSignals();
	const recorder = createFor(options);
	let seconds = 0;
	try {
		seconds = await recordAll(ratedSnapshots(startWatch(options), signal), recorder, options);
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		complain(`${message}; ${countText(recorder.records)} before that can be replayed`);
		return code === 'EEXIST' ? exitCode.usage : exitCode.error;
	}

	const {records, bytesWritten} = recorder;
	const [files, pace] = [recorder.files.join(', '), paceText(bytesWritten, seconds)];
	await recorder.finish();
	complain(
		files === ''
			? `nothing written: ${countText(records)}, no finding that is ${options.on ?? 'there'}`
			: `wrote ${files}: ${countText(records)}, ${formatBytes(bytesWritten)}${pace}`,
	);
	return exitCode.fine;
};
