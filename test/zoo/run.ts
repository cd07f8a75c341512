/**
Starts each program of the zoo, watches it with the built program as root and as another user, and prints what was said against
what is so. `npm run zoo`, `npm run zoo -- WORD…` for those whose name holds one of the words, `--fast` for the few.
*/
import process from 'node:process';
import {setTimeout as pause} from 'node:timers/promises';
import {missingFor, startAnimal} from './animal-process.ts';
import {type Animal, animals} from './labels.ts';
import {judge, matrixText, scoreOf, type Verdict} from './score.ts';
import {type Watcher, watchFamily} from './watch-animal.ts';

const ticksToWatch = 6;
/** Virtual machines compile, interpreters import, servers fork: what they do then isn't what they do. */
const millisecondsToSettle = 2500;
/** Nobody starts two at once; where all CPUs are taken each would wait for the other. */
const millisecondsBetweenStarts = 1500;
/** From the start of ctop to the first right finding. */
const secondsWanted = 5;

const isRoot = process.getuid?.() === 0;
const watchers: readonly Watcher[] = isRoot ? ['root', 'others'] : ['root'];
const words = process.argv.slice(2);
const wanted = words.filter(word => !word.startsWith('--'));
const isWanted = ({name, command, fast}: Animal): boolean =>
	(!words.includes('--fast') || fast === true) &&
	(wanted.length === 0 || wanted.some(word => `${name} ${command.join(' ')}`.includes(word)));

const print = (line: string) => process.stdout.write(`${line}\n`);

const watch = async (animal: Animal, pid: number, watcher: Watcher): Promise<Verdict> => {
	const all = await watchFamily(watcher, pid, ticksToWatch);
	const shown = all.filter(({isGone}) => !isGone);
	// What may be said beside its label is right as well.
	const right = [...animal.labels, ...(animal.mayAlsoSay ?? [])];
	const first = shown.find(({finding}) => right.includes(finding.rule));
	if (words.includes('--show')) {
		for (const {finding, secondsAfterStart} of all) {
			const {rule, severity, confidence, title} = finding;
			print(
				`      ${watcher}, ${secondsAfterStart.toFixed(1)} s: ${rule} ${severity} ${confidence}: ${title}`,
			);
		}
	}

	return {
		animal,
		said: [...new Set(shown.map(({finding}) => finding.rule))],
		// Of a healthy program nothing has to be told in time.
		...(animal.labels.length > 0 &&
			first && {
				firstSeconds: first.secondsAfterStart,
				secondsWaitedForCpu: first.secondsWaitedForCpu,
			}),
	};
};

const line = (watcher: Watcher, verdict: Verdict): string => {
	const {missed, wrong} = judge(verdict);
	const parts = [
		...missed.map(label => `missed ${label}`),
		...wrong.map(rule => (verdict.animal.invisible ? `says ${rule}` : `FALSE ${rule}`)),
	];
	return `${watcher}: ${parts.join(', ') || 'right'}`;
};

const verdicts = new Map<Watcher, Verdict[]>(watchers.map(watcher => [watcher, []]));
const skipped: string[] = [];
for (const animal of animals.filter(isWanted)) {
	const missing = missingFor(animal);
	if (missing !== undefined) {
		skipped.push(`${animal.name}: no ${missing}`);
		continue;
	}

	try {
		const {pid, stop} = await startAnimal(animal);
		try {
			await pause(millisecondsToSettle);
			const seen = await Promise.all(
				watchers.map(async (watcher, index) => {
					await pause(index * millisecondsBetweenStarts);
					return watch(animal, pid, watcher);
				}),
			);
			for (const [index, watcher] of watchers.entries()) {
				verdicts.get(watcher)!.push(seen[index]!);
			}

			print(
				`${animal.name.padEnd(50)} ${watchers.map((watcher, index) => line(watcher, seen[index]!)).join(' | ')}`,
			);
		} finally {
			await stop();
		}
	} catch (error) {
		skipped.push(`${animal.name}: ${error instanceof Error ? error.message : String(error)}`);
	}
}

for (const [watcher, all] of verdicts) {
	const score = scoreOf(all.filter(({animal}) => !animal.invisible));
	const times = all
		.flatMap(({firstSeconds}) => firstSeconds ?? [])
		.sort((one, other) => one - other);
	print(`\n${watcher === 'root' ? 'as root' : 'as another user, without privilege'}`);
	print(matrixText(score));
	print(
		`${all.length} programs: ${score.right} right, ${score.missed} missed, ${score.wrong} false; recall ${score.recall.toFixed(3)}, precision ${score.precision.toFixed(3)}`,
	);
	for (const {animal, firstSeconds = 0, secondsWaitedForCpu = 0} of all) {
		if (firstSeconds > secondsWanted) {
			// The kernel may keep a CPU from any program for seconds beside one that switches all the time.
			print(
				`late: ${animal.name}, ${firstSeconds.toFixed(1)} s, of which ctop waited ${secondsWaitedForCpu.toFixed(1)} s for a CPU`,
			);
		}
	}

	if (times.length > 0) {
		print(
			`first right finding after ${times[Math.floor(times.length / 2)]!.toFixed(1)} s (median), ${times.at(-1)!.toFixed(1)} s (slowest)`,
		);
	}
}

print(`\nskipped: ${skipped.length}`);
for (const each of skipped) {
	print(`  ${each}`);
}
