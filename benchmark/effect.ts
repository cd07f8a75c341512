/**
What being looked at costs a program: the rate of a futex ping-pong, alone, while ctop watches it and while it is probed, in turns of
one run.

node benchmark/effect.ts [ROUNDS]     (10 if not given; a round takes about twenty seconds)
*/
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {setTimeout as sleep} from 'node:timers/promises';
import {median, spreadOf} from './statistics.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ctop-effect-'));
const program = path.join(folder, 'ping-pong');
const source = path.join(import.meta.dirname, 'ping-pong.c');
const ctop = path.join(import.meta.dirname, '../bin/ctop.js');
const secondsPerTurn = 4;
const samplesPerSecond = 4;
const rounds = Number(process.argv[2] ?? 10);

execFileSync('cc', ['-O2', '-pthread', '-o', program, source]);
const watched = spawn(program, {stdio: ['pipe', 'pipe', 'inherit']});
let samples: number[] = [];
createInterface({input: watched.stdout}).on('line', line => samples.push(Number(line)));

const pid = String(watched.pid);
/** Who looks at it in a turn, by the words that ctop is started with: it starts before the turn and ends after it. */
const turns = {
	alone: undefined,
	watched: ['-b', '-n', String(secondsPerTurn + 2), '-p', pid],
	probed: ['probe', pid, '--seconds', String(secondsPerTurn + 2)],
} as const;
type Turn = keyof typeof turns;
const names = Object.keys(turns) as Turn[];

/** Rates seen during a turn, a second. */
const take = async (turn: Turn): Promise<readonly number[]> => {
	const words = turns[turn];
	// A probe says on standard error what it does.
	const observer = words && spawn(ctop, words, {stdio: 'ignore'});
	const ended = observer && new Promise<number | null>(resolve => observer.once('exit', resolve));
	// Its start is not what is asked.
	await sleep(1000);
	samples = [];
	await sleep(secondsPerTurn * 1000);
	const seen = samples.map(each => each * samplesPerSecond);
	const code = await ended;
	if (code) {
		throw new Error(`ctop ${words?.join(' ')} ended with ${code}`);
	}

	return seen;
};

const rates: Readonly<Record<Turn, number[]>> = {alone: [], watched: [], probed: []};
const ratios: Readonly<Record<Turn, number[]>> = {alone: [], watched: [], probed: []};
try {
	for (let round = 0; round < rounds; round++) {
		// Which is first changes from round to round, so that a trend of the machine's own hits all.
		const first = round % names.length;
		const medians = new Map<Turn, number>();
		for (const turn of [...names.slice(first), ...names.slice(0, first)]) {
			const seen = await take(turn);
			rates[turn].push(...seen);
			medians.set(turn, median(seen) ?? Number.NaN);
		}

		for (const turn of names) {
			ratios[turn].push(medians.get(turn)! / medians.get('alone')!);
		}
	}
} finally {
	watched.stdin.end();
	rmSync(folder, {recursive: true, force: true});
}

const rateLine = (turn: Turn, text: string): string =>
	`  ${text.padEnd(20)}${Math.round(median(rates[turn]) ?? 0)}`;
const ratioLine = (turn: Turn, text: string): string => {
	const spread = spreadOf(ratios[turn]);
	return `  ${text.padEnd(20)}${spread?.median.toFixed(3)}, in the ${ratios[turn].length} rounds from ${spread?.minimum.toFixed(3)} to ${spread?.maximum.toFixed(3)}`;
};

console.log(
	[
		`hand-overs a second, median of ${rates.alone.length} quarters of a second`,
		rateLine('alone', 'alone'),
		rateLine('watched', 'watched by ctop'),
		rateLine('probed', 'probed by ctop'),
		ratioLine('watched', 'watched to alone'),
		ratioLine('probed', 'probed to alone'),
	].join('\n'),
);
