import type {Process} from '../model/process.js';
import {costOf, fact, graded, stackStep} from './parts.js';
import type {Candidate, Rule} from './rule.js';
import {plural} from './words.js';

/** A few are children between their end and their parent's next look. */
const fewest = 10;
const many = {warning: 50, critical: 1000};

const namesOf = (zombies: readonly Process[]): string => {
	const names = new Map<string, number>();
	for (const {name} of zombies) {
		names.set(name, (names.get(name) ?? 0) + 1);
	}

	return [...names]
		.sort((one, other) => other[1] - one[1])
		.slice(0, 3)
		.map(([name, count]) => `${name} (${count})`)
		.join(', ');
};

const toCandidate = (parent: Process, zombies: readonly Process[]): Candidate => ({
	subject: `${parent.pid}:${parent.startTimeTicks}`,
	severity: graded(zombies.length, many.warning, many.critical),
	confidence: 'certain',
	pid: parent.pid,
	pids: [parent.pid, ...zombies.map(({pid}) => pid)],
	tids: [],
	title: `${plural(zombies.length, 'zombie')}: ${parent.name} does not reap its children`,
	evidence: [
		fact(
			'children that have ended and wait for their parent',
			zombies.length,
			'processes',
			'/proc/PID/stat',
		),
		fact('they were', namesOf(zombies), '', '/proc/PID/stat'),
		fact('their parent', `${parent.pid} ${parent.name}`, '', `/proc/${parent.pid}/stat`),
	],
	cost: costOf([parent]),
	fixes: [
		{
			what: 'Wait for children: waitpid in a loop whenever SIGCHLD arrives',
			why: 'an ended process keeps its pid and its entry until its parent has asked how it ended; pids run out',
			command: 'while (waitpid(-1, NULL, WNOHANG) > 0);',
		},
		{
			what: 'Or say that nobody wants to know',
			why: 'the kernel then forgets children as soon as they end',
			command: 'signal(SIGCHLD, SIG_IGN);',
		},
		...(parent.pid === 1
			? [
					{
						what: 'In a container: an init that reaps',
						why: 'orphans become children of process 1, and a program that is no init does not expect them',
						command: 'docker run --init',
					},
				]
			: []),
		{
			what: 'To be rid of these now: restart the parent',
			why: 'its children then go to init, which reaps them; they themselves cannot be killed',
		},
	],
	next: [stackStep(parent, 'see what the parent does instead')],
});

const explanation = `Zombies: children that have ended and nobody reaps

What it is
  A process that has ended stays in the table, state Z, until its parent asks for its exit
  code with wait. A parent that never asks collects them: each costs a pid and an entry, and
  when pids run out nothing can be started any more.

How ctop knows
  Ten children and more of one parent in state Z for three seconds. That is certain, and
  everybody may see it.

What does not fool it
  A child that has just ended and is reaped a moment later.

How to fix it
  waitpid after SIGCHLD, or SIGCHLD ignored, or SA_NOCLDWAIT. In containers: an init
  (docker run --init, tini, dumb-init). subprocess in Python: keep the object, call wait.

Further reading
  man 2 wait (NOTES), man 7 signal
`;

/** Children that have ended and that their parent doesn't reap. */
export const zombies: Rule = {
	name: 'zombies',
	summary: 'children that have ended and that nobody reaps',
	explanation,
	find: ({latest}) => {
		const byParent = new Map<number, Process[]>();
		for (const process of latest.processes) {
			if (process.state === 'Z') {
				const siblings = byParent.get(process.parentPid) ?? [];
				siblings.push(process);
				byParent.set(process.parentPid, siblings);
			}
		}

		return [...byParent].flatMap(([parentPid, children]) => {
			const parent = latest.processes.find(({pid}) => pid === parentPid);
			return parent && children.length >= fewest ? [toCandidate(parent, children)] : [];
		});
	},
};
