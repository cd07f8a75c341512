/**
What being watched costs a program: the rate of a futex ping-pong, alone and while ctop looks at it closely, in turns of one run.

node benchmark/effect.ts [ROUNDS]     (10 if not given; a round takes about ten seconds)
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

/** Rates seen during a turn, a second. */
const turn = async (isWatched: boolean): Promise<readonly number[]> => {
	const observer = isWatched
		? spawn(ctop, ['-b', '-n', String(secondsPerTurn + 2), '-p', String(watched.pid)], {
				stdio: ['ignore', 'ignore', 'inherit'],
			})
		: undefined;
	// Its start is not what is asked.
	await sleep(1000);
	samples = [];
	await sleep(secondsPerTurn * 1000);
	const seen = samples.map(each => each * samplesPerSecond);
	if (observer && observer.exitCode === null) {
		await new Promise(resolve => observer.once('exit', resolve));
	}

	return seen;
};

const alone: number[] = [];
const looked: number[] = [];
const ratios: number[] = [];
try {
	for (let round = 0; round < rounds; round++) {
		// Which is first changes from round to round, so that a trend of the machine's own hits both.
		const order = round % 2 === 0 ? [false, true] : [true, false];
		const medians = new Map<boolean, number>();
		for (const isWatched of order) {
			const seen = await turn(isWatched);
			(isWatched ? looked : alone).push(...seen);
			medians.set(isWatched, median(seen) ?? Number.NaN);
		}

		ratios.push(medians.get(true)! / medians.get(false)!);
	}
} finally {
	watched.stdin.end();
	rmSync(folder, {recursive: true, force: true});
}

const spread = spreadOf(ratios);
console.log(`hand-overs a second, median of ${alone.length} quarters of a second
  alone               ${Math.round(median(alone) ?? 0)}
  watched by ctop     ${Math.round(median(looked) ?? 0)}
  watched to alone    ${spread?.median.toFixed(3)}, in the ${ratios.length} rounds from ${spread?.minimum.toFixed(3)} to ${spread?.maximum.toFixed(3)}`);
