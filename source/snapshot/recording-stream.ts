import {constants, createGzip, type Gzip} from 'node:zlib';
import type {Snapshot} from '../model/snapshot.js';
import {createRecordingBudget} from './recording-budget.js';
import {createRecordingEncoder} from './recording-encoder.js';

/** Compressed bytes of one record; with `startsMember` a file can begin with them. */
export type RecordedChunk = {bytes: Buffer; startsMember: boolean};

/** Snapshots in, compressed records out, each whole as soon as it is there. */
export type RecordingStream = {
	/** Resolves with the record's bytes; a new member begins when it is due, or asked for. */
	add: (snapshot: Snapshot, startMember?: boolean) => Promise<readonly RecordedChunk[]>;
	/** Resolves with what ends the last member. */
	finish: () => Promise<readonly RecordedChunk[]>;
};

/** A reader who wants one moment decodes no more than this many records. */
const recordsPerMember = 120;

type Member = {
	write: (line: string) => Promise<Buffer>;
	end: () => Promise<Buffer>;
};

const openMember = (): Member => {
	const gzip: Gzip = createGzip({level: 9, memLevel: 9});
	let chunks: Buffer[] = [];
	gzip.on('data', (chunk: Buffer) => {
		chunks.push(chunk);
	});
	const take = (): Buffer => {
		const taken = Buffer.concat(chunks);
		chunks = [];
		return taken;
	};

	const settle = async (act: (done: () => void) => void): Promise<Buffer> =>
		new Promise((resolve, reject) => {
			gzip.once('error', reject);
			act(() => {
				gzip.off('error', reject);
				resolve(take());
			});
		});
	return {
		write: async line =>
			settle(done => {
				gzip.write(`${line}\n`);
				gzip.flush(constants.Z_SYNC_FLUSH, done);
			}),
		end: async () =>
			settle(done => {
				gzip.once('end', done);
				gzip.end();
			}),
	};
};

/** Begins a recording. */
export const createRecordingStream = (): RecordingStream => {
	const encoder = createRecordingEncoder();
	const budget = createRecordingBudget();
	let member: Member | undefined;
	let records = 0;
	let keyBytes = 0;

	const finish = async (): Promise<readonly RecordedChunk[]> => {
		const chunks = member ? [{bytes: await member.end(), startsMember: false}] : [];
		member = undefined;
		return chunks;
	};

	return {
		async add(snapshot, startMember = false) {
			const ended = startMember || records >= recordsPerMember ? await finish() : [];
			if (member === undefined) {
				member = openMember();
				records = 1;
				const bytes = await member.write(encoder.encodeKey(snapshot));
				// A whole Snapshot stands for all records of its member.
				keyBytes = bytes.length / recordsPerMember;
				return [...ended, {bytes, startsMember: true}];
			}

			records++;
			const bytes = await member.write(encoder.encodeDelta(snapshot, budget.every));
			budget.note(
				bytes.length + keyBytes,
				snapshot.intervalSeconds ?? 0,
				snapshot.processes.reduce((sum, {threads}) => sum + threads.length, 0),
			);
			return [{bytes, startsMember: false}];
		},
		finish,
	};
};
