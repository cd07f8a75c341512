import {constants, gunzipSync} from 'node:zlib';
import type {Snapshot} from '../model/snapshot.js';
import {maskSecrets} from './mask-secrets.js';
import {parseSnapshot} from './read-snapshot.js';
import {createRecordingDecoder} from './recording-decoder.js';
import type {Delta} from './recording-format.js';
import {UnreadableSnapshot} from './unreadable-snapshot.js';

/** Records that are decoded together, by their place among all. */
export type RecordingPart = {first: number; count: number};

/** An open recording; whole records alone, however it was cut off. */
export type Recording = {
	/** How many records there are; at least one. */
	count: number;
	parts: readonly RecordingPart[];
	/** Decodes the records of a part; throws UnreadableSnapshot when they are damaged. */
	readPart: (part: number) => readonly Snapshot[];
};

/** How a gzip member begins that has no name and no time, see RFC 1952, 2.3: `ctop record` writes such ones. */
const memberStart = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);

/** A file that unpacks to more than this is no recording. */
const mostBytes = 2 ** 29;

/** Whether bytes are gzip's, as those of a recording are. */
export const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const startsOf = (bytes: Buffer): number[] => {
	const starts: number[] = [0];
	for (let at = bytes.indexOf(memberStart, 1); at !== -1; at = bytes.indexOf(memberStart, at + 1)) {
		starts.push(at);
	}

	return starts;
};

/** What a member holds as far as it goes: the last bytes of a file that was cut off are a part of a record. */
const unpack = (member: Buffer): Buffer => {
	try {
		return gunzipSync(member, {finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostBytes});
	} catch {
		return Buffer.alloc(0);
	}
};

const newline = 0x0a;

const countLines = (text: Buffer): number => {
	let count = 0;
	for (let at = text.indexOf(newline); at !== -1; at = text.indexOf(newline, at + 1)) {
		count++;
	}

	return count;
};

type Member = {from: number; to: number; count: number};

/** Members with at least one whole line. The same bytes inside a member, however unlikely, begin none: what they begin isn't gzip. */
const findMembers = (bytes: Buffer): Member[] => {
	const starts = startsOf(bytes);
	return starts
		.map((from, index) => {
			const to = starts[index + 1] ?? bytes.length;
			return {from, to, count: countLines(unpack(bytes.subarray(from, to)))};
		})
		.filter(({count}) => count > 0);
};

const decode = (file: string, lines: readonly string[]): Snapshot[] => {
	const key = parseSnapshot(file, lines[0] ?? '');
	const decoder = createRecordingDecoder(key);
	const snapshots = [key];
	for (const line of lines.slice(1)) {
		try {
			const delta = JSON.parse(line) as Delta;
			if (delta.kind !== 'ctop.delta') {
				throw new Error(`damaged recording: a line is of kind ${String(delta.kind)}`);
			}

			decoder.apply(delta);
		} catch (error) {
			throw new UnreadableSnapshot(`${file}: ${(error as Error).message}`);
		}

		snapshots.push(maskSecrets(decoder.snapshot()));
	}

	return snapshots;
};

/** Opens the bytes of a recording; throws UnreadableSnapshot when not even its first record is whole. */
export const openRecording = (file: string, bytes: Buffer): Recording => {
	const members = findMembers(bytes);
	if (members.length === 0) {
		throw new UnreadableSnapshot(`${file}: no recording of ctop, or cut off in its first record`);
	}

	let count = 0;
	const parts = members.map(member => {
		const part = {first: count, count: member.count};
		count += member.count;
		return part;
	});
	const readPart = (part: number): readonly Snapshot[] => {
		const {from, to, count: lines} = members[part]!;
		const text = unpack(bytes.subarray(from, to)).toString('utf8');
		return decode(file, text.split('\n', lines));
	};

	// A foreign file is refused now, not in the middle of the screen.
	const [firstLine] = unpack(bytes.subarray(members[0]!.from, members[0]!.to))
		.toString('utf8')
		.split('\n', 1);
	parseSnapshot(file, firstLine ?? '');
	return {count, parts, readPart};
};
