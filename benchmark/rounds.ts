import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {startLoad, type Workload} from './load.ts';
import {type Measurement, measure, type Outcome} from './measure.ts';
import type {Options} from './options.ts';
import type {Peer} from './peers.ts';
import {describeWorkload, type Result} from './targets.ts';

export type Progress = (line: string) => void;

/** The peers from another one on, so that none is always first, or always after the same one. */
export const rotate = <T>(items: readonly T[], by: number): readonly T[] => {
	const start = items.length === 0 ? 0 : by % items.length;
	return [...items.slice(start), ...items.slice(0, start)];
};

const keepTranscript = (file: string, {chunks}: Outcome): void => {
	writeFileSync(file, Buffer.concat(chunks.map(({bytes}) => bytes)));
};

const describeOutcome = (outcome: Outcome): string =>
	'failure' in outcome
		? outcome.failure
		: `${outcome.measurement.cpuMillisecondsPerRefresh.toFixed(1)} ms per refresh`;

/** Measures every peer once per round while the load runs. Rejects when the load can't be started. */
export const runRounds = async (
	peers: readonly Peer[],
	workload: Workload,
	loadProgram: string,
	options: Options,
	progress: Progress,
): Promise<Result> => {
	const measurements = new Map<string, Array<Measurement | undefined>>();
	const failures = new Map<string, string>();
	const load = await startLoad(loadProgram, workload);
	try {
		for (let round = 0; round < options.rounds; round++) {
			for (const peer of rotate(peers, round)) {
				const outcome = await measure(peer, options);
				const soFar = measurements.get(peer.name) ?? [];
				soFar[round] = 'failure' in outcome ? undefined : outcome.measurement;
				measurements.set(peer.name, soFar);
				if ('failure' in outcome) {
					failures.set(peer.name, outcome.failure);
				}

				if (options.transcripts !== undefined) {
					const name = `${workload.threads}-${workload.activePercent}-${round + 1}-${peer.name}`;
					keepTranscript(path.join(options.transcripts, name), outcome);
				}

				progress(
					`${describeWorkload(workload)}, round ${round + 1}: ${peer.name} ${describeOutcome(outcome)}`,
				);
			}
		}
	} finally {
		await load.stop();
	}

	return {workload, machineThreads: load.machineThreads, measurements, failures};
};
