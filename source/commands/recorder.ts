import path from 'node:path';
import type {Severity} from '../model/finding.js';
import type {Snapshot} from '../model/snapshot.js';
import {createBlackBox} from '../snapshot/black-box.js';
import {openRecordingFile, type RecordingFile} from '../snapshot/recording-file.js';
import {createRecordingStream} from '../snapshot/recording-stream.js';
import {recordingFileName} from '../snapshot/write-snapshot.js';
import {meetsSeverity} from './fail-on.js';

/** A recording in the making: a lifetime, until `finish`. */
export type Recorder = {
	add: (snapshot: Snapshot) => Promise<void>;
	/** Ends the last record properly. */
	finish: () => Promise<void>;
	readonly records: number;
	readonly bytesWritten: number;
	readonly files: readonly string[];
};

export type RecorderOptions = {
	/** Without one a name is made of the host and the time. */
	file?: string;
	maxBytes: number;
	/** Called with each file when it is opened. */
	noteFile?: (file: string) => void;
};

/** Writes everything to one file. */
export const createRecorder = ({file, maxBytes, noteFile}: RecorderOptions): Recorder => {
	const stream = createRecordingStream();
	let output: RecordingFile | undefined =
		file === undefined ? undefined : openRecordingFile(file, maxBytes);
	if (file !== undefined) {
		noteFile?.(file);
	}

	let records = 0;
	return {
		async add(snapshot) {
			if (output === undefined) {
				output = openRecordingFile(recordingFileName(snapshot), maxBytes);
				noteFile?.(output.file);
			}

			output.append(await stream.add(snapshot, output.isFull));
			records++;
		},
		async finish() {
			const chunks = await stream.finish();
			try {
				output?.append(chunks);
			} finally {
				output?.close();
				output = undefined;
			}
		},
		get records() {
			return records;
		},
		get bytesWritten() {
			return output?.bytesWritten ?? 0;
		},
		get files() {
			return output ? [output.file] : [];
		},
	};
};

const secondsBefore = 600;
const secondsAfter = 300;

/** `incident.ctr`, `incident-2.ctr`… for one incident after the other. */
const numbered = (file: string, number: number): string => {
	const {dir, name, ext} = path.parse(file);
	return number === 1 ? file : path.join(dir, `${name}-${number}${ext}`);
};

/**
Keeps ten minutes in memory and writes nothing until there is a finding at least as severe as `severity`; then those ten minutes, and
what follows until five minutes after the last such finding, to a file of its own.
*/
export const createBlackBoxRecorder = (
	{file, maxBytes, noteFile}: RecorderOptions,
	severity: Severity,
): Recorder => {
	const stream = createRecordingStream();
	const box = createBlackBox(secondsBefore);
	const files: string[] = [];
	let output: RecordingFile | undefined;
	let lastSeconds = Number.NEGATIVE_INFINITY;
	let records = 0;
	let bytesBefore = 0;

	const close = async (): Promise<void> => {
		const chunks = await stream.finish();
		if (output !== undefined) {
			output.append(chunks);
			bytesBefore += output.bytesWritten;
			output.close();
			output = undefined;
		}
	};

	const open = (snapshot: Snapshot): RecordingFile => {
		const name = numbered(file ?? recordingFileName(snapshot), file ? files.length + 1 : 1);
		const opened = openRecordingFile(name, maxBytes);
		files.push(name);
		noteFile?.(name);
		opened.append(box.take());
		return opened;
	};

	return {
		async add(snapshot) {
			const {observedSeconds} = snapshot;
			const chunks = await stream.add(snapshot, output?.isFull);
			records++;
			if (output === undefined) {
				box.add(chunks, observedSeconds);
			} else {
				output.append(chunks);
			}

			if (meetsSeverity(snapshot, severity)) {
				lastSeconds = observedSeconds;
				output ??= open(snapshot);
			} else if (observedSeconds - lastSeconds > secondsAfter) {
				await (output && close());
			}
		},
		finish: close,
		get records() {
			return records;
		},
		get bytesWritten() {
			return bytesBefore + (output?.bytesWritten ?? 0);
		},
		files,
	};
};
