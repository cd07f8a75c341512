import type {Evidence} from '../model/finding.js';
import type {Process} from '../model/process.js';
import type {GilFight} from './gil-fight-parts.js';
import {fact, procFile} from './parts.js';
import {sum} from './thread-facts.js';
import {sumByFunction, threadsOf, whereEvidence} from './where.js';

const functionsTold = 3;

const share = (percent: number): string => `${Math.round(percent)} %`;

/** The thread that held it most: of one process alone, and only if it's one that stands out. */
const mostOf = (process: Process): Evidence[] => {
	const {holders = []} = process.runtime?.gil ?? {};
	const [most, next] = holders;
	if (most === undefined || most.percent < 2 * (next?.percent ?? 0)) {
		return [];
	}

	const name = process.threads.find(({tid}) => tid === most.tid)?.name;
	return [
		fact(
			'held most of the time by thread',
			`${most.tid}${name === undefined ? '' : ` (${name})`}, ${share(most.percent)} of looks`,
			'',
			`/proc/${process.pid}/mem`,
		),
	];
};

/** Who has the lock, and in which lines of the application; where those who want it are. Nothing where the interpreter wasn't read. */
export const gilHolderEvidence = (fights: readonly GilFight[]): Evidence[] => {
	const seen = fights.filter(({process}) => process.runtime?.gil?.freePercent !== undefined);
	const processes = seen.map(({process}) => process);
	const lines = sumByFunction(
		processes.flatMap(({runtime}) =>
			(runtime?.gil?.holders ?? []).flatMap(({frame, percent}) =>
				frame === undefined ? [] : [{frame, weight: percent / processes.length}],
			),
		),
	);
	const source = procFile(processes, 'mem');
	const evidence: Evidence[] = fights.length === 1 ? processes.flatMap(mostOf) : [];
	if (lines.length > 0) {
		const told = lines
			.slice(0, functionsTold)
			.map(({frame, weight}) => `${frame} ${share(weight)}`);
		evidence.push(fact('held in, share of looks', told.join('; '), '', source));
	}

	if (processes.length > 0) {
		const free = sum(processes, ({runtime}) => runtime?.gil?.freePercent ?? 0) / processes.length;
		evidence.push(fact('nobody has it', free, '%', source));
	}

	const waiters = fights.flatMap(({process}) =>
		threadsOf(process, process.runtime?.gil?.waiterTids ?? []),
	);
	const all = fights.map(({process}) => process);
	return [...evidence, ...whereEvidence('those who wait for it', waiters, all)];
};
