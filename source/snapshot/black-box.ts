import type {RecordedChunk} from './recording-stream.js';

/** The last minutes of a recording in memory: whole members, as many as it takes. */
export type BlackBox = {
	/** Adds what was recorded at a time; forgets members that ended longer ago than is kept. */
	add: (chunks: readonly RecordedChunk[], atSeconds: number) => void;
	/** Gives all away, to be written to a file, and begins empty. */
	take: () => readonly RecordedChunk[];
	readonly bytes: number;
};

type Member = {chunks: RecordedChunk[]; lastSeconds: number};

/** Keeps at least `secondsKept`, and up to one member more. */
export const createBlackBox = (secondsKept: number): BlackBox => {
	let members: Member[] = [];
	return {
		add(chunks, atSeconds) {
			for (const chunk of chunks) {
				if (chunk.startsMember || members.length === 0) {
					members.push({chunks: [], lastSeconds: atSeconds});
				}

				const member = members.at(-1)!;
				member.chunks.push(chunk);
				member.lastSeconds = atSeconds;
			}

			members = members.filter(({lastSeconds}) => atSeconds - lastSeconds <= secondsKept);
		},
		take() {
			const chunks = members.flatMap(member => member.chunks);
			members = [];
			return chunks;
		},
		get bytes() {
			return members
				.flatMap(member => member.chunks)
				.reduce((sum, {bytes}) => sum + bytes.length, 0);
		},
	};
};
