import {countText} from '../model/count-text.js';
import type {Confidence, Evidence, Severity} from '../model/finding.js';
import {isKnown} from '../model/reading.js';
import type {Snapshot} from '../model/snapshot.js';
import {gilFightOf} from './gil-fight.js';
import type {GilFight} from './gil-fight-parts.js';
import {fixesOf, nextOf} from './gil-fixes.js';
import {gilHolderEvidence} from './gil-holders.js';
import type {ProcessGroup} from './group.js';
import {type Polling, pollingOfGroup} from './group-polling.js';
import type {Candidate, Rule} from './rule.js';
import {orZero, sum, switchesOf} from './thread-facts.js';
import {measured, plural, roughText} from './words.js';

/** From two waiters on, threads are in each other's way; below, two of them take turns. */
const thrashWaiters = 2;
const criticalWaiters = 8;

/** Switches alone burn a good part of a CPU: 7 to 25 µs each. */
const manySwitches = {warning: 10_000, critical: 50_000};

const severityOf = (fights: readonly GilFight[], confidence: Confidence): Severity => {
	const waiters = Math.max(...fights.map(fight => fight.waiters));
	const switches = sum(fights, fight => switchesOf(fight.process));
	if (waiters >= criticalWaiters || switches >= manySwitches.critical) {
		// What was told by rates alone may be something else.
		return confidence === 'possible' ? 'warning' : 'critical';
	}

	return waiters >= thrashWaiters || switches >= manySwitches.warning ? 'warning' : 'notice';
};

const order: readonly Confidence[] = ['certain', 'likely', 'possible'];

/** One worker whose lock was read makes the same trouble of its siblings as sure. */
const surest = (fights: readonly GilFight[]): Confidence =>
	order.find(confidence => fights.some(fight => fight.confidence === confidence)) ?? 'possible';

const languageOf = ([fight]: readonly GilFight[]): string =>
	fight?.by === 'turns' ? 'Ruby' : 'Python';

/** Below, so many wakes are in nobody's way. */
const notableWakes = 50;

/** The polling of the whole service, which feeds the fight: each wake asks for the lock. */
const feedingOf = (
	group: ProcessGroup,
	fights: readonly GilFight[],
	latest: Snapshot,
): Polling | undefined => {
	const fighting = new Set(fights.flatMap(({tids}) => tids));
	const polling = pollingOfGroup(group, latest, tid => fighting.has(tid));
	return polling && polling.wakesPerSecond >= notableWakes ? polling : undefined;
};

const titleOf = (
	fights: readonly GilFight[],
	group: ProcessGroup,
	severity: Severity,
	polling: Polling | undefined,
): string => {
	const threads = sum(fights, fight => fight.tids.length);
	const waiters = sum(fights, fight => fight.waiters);
	const switches = roughText(
		sum(fights, fight => orZero(fight.process.voluntarySwitchesPerSecond)),
	);
	const where = fights.length > 1 ? ` in ${countText(fights.length)} ${group.name} processes` : '';
	const name = severity === 'notice' ? 'GIL contention' : 'GIL thrash';
	const count = polling?.threads.length ?? 0;
	const fed = count === 0 ? '' : `, fed by ${plural(count, 'poller')}`;
	if (fights.every(fight => fight.by === 'switches')) {
		const locks = fights.length > 1 ? 'locks' : 'one lock';
		return `${name}${where}: ${plural(threads, 'thread')} hand ${locks} around ${switches} times a second${fed}`;
	}

	// Of two threads each waits a little less than half of the time: a rounded 1 is what a person would say.
	const waiting = countText(Math.max(1, Math.round(waiters)));
	// The thread that runs takes part too, even where the lock doesn't tell which one it is.
	const taking = Math.max(threads, Math.round(waiters) + fights.length);
	return `${name}${where}: ${waiting} of ${plural(taking, 'thread')} wait for ${languageOf(fights)}'s one lock${fed}, ${switches} switches a second`.replace(
		/: 1 of (.*) wait /,
		': 1 of $1 waits ',
	);
};

const evidenceOf = (fights: readonly GilFight[], polling: Polling | undefined): Evidence[] => {
	const pid = fights.length === 1 ? fights[0]!.process.pid : 'PID';
	const processes = fights.map(fight => fight.process);
	const evidence: Evidence[] = [];
	const word = fights.find(fight => fight.region !== undefined);
	const waits = fights.filter(fight => fight.by === 'word' || fight.by === 'turns');
	if (waits.length > 0) {
		evidence.push({
			what: `threads waiting for the lock in ${word?.region ?? 'the interpreter'}, on average`,
			value: measured(sum(waits, fight => fight.waiters)),
			unit: 'threads',
			source: `/proc/${pid}/task/*/syscall`,
		});
	}

	const handOffs = fights.filter(fight => fight.handOffsPerSecond !== undefined);
	if (handOffs.length > 0) {
		evidence.push({
			what: 'hand-overs counted by the interpreter',
			value: measured(sum(handOffs, fight => fight.handOffsPerSecond ?? 0)),
			unit: '/s',
			source: `/proc/${pid}/mem`,
		});
	}

	evidence.push(...gilHolderEvidence(fights));
	const bySwitches = fights.filter(fight => fight.by === 'switches');
	if (bySwitches.length > 0) {
		evidence.push({
			what: 'threads that want a CPU although only one may run Python, on average',
			value: measured(sum(bySwitches, fight => fight.waiters + 1)),
			unit: 'threads',
			source: `/proc/${pid}/task/*/schedstat`,
		});
		const atLock = bySwitches.filter(fight => fight.asleep !== undefined);
		if (atLock.length > 0) {
			evidence.push({
				what: `threads seen asleep at one semaphore in ${word?.region}, on average`,
				value: measured(sum(atLock, fight => fight.asleep ?? 0)),
				unit: 'threads',
				source: `/proc/${pid}/task/*/syscall`,
			});
		}
	}

	const switches = sum(processes, switchesOf);
	const cpu = sum(processes, process => orZero(process.cpuPercent));
	evidence.push(
		{
			what: 'voluntary switches, all threads',
			value: measured(sum(processes, process => orZero(process.voluntarySwitchesPerSecond))),
			unit: '/s',
			source: `/proc/${pid}/task/*/status`,
		},
		{
			what: `CPU used by ${plural(processes.length, 'process')}`,
			value: measured(cpu),
			unit: '%',
			source: `/proc/${pid}/task/*/schedstat`,
		},
	);
	if (switches > 0) {
		evidence.push({
			what: 'CPU from one switch to the next',
			value: measured((cpu * 10_000) / switches),
			unit: 'µs',
			source: `/proc/${pid}/task/*/schedstat`,
		});
	}

	const {runtime} = fights[0]!.process;
	evidence.push({
		what: 'interpreter',
		value: [runtime?.name, runtime?.version].filter(Boolean).join(' '),
		unit: '',
		source: `/proc/${pid}/${runtime?.source === 'commandLine' ? 'cmdline' : (runtime?.source ?? 'exe')}`,
	});
	if (polling) {
		evidence.push(
			{
				what: 'threads of the service that poll: each wake asks for the lock too',
				value: polling.threads.length,
				unit: 'threads',
				source: `/proc/${pid}/task/*/syscall`,
			},
			{
				what: 'wakes of those by their time limit',
				value: measured(polling.wakesPerSecond),
				unit: '/s',
				source: `/proc/${pid}/task/*/status`,
			},
		);
	}

	return evidence;
};

const toCandidate = (
	fights: readonly GilFight[],
	group: ProcessGroup,
	latest: Snapshot,
): Candidate => {
	const {cpus} = latest.host;
	const polling = feedingOf(group, fights, latest);
	const confidence = surest(fights);
	const severity = severityOf(fights, confidence);
	const processes = fights.map(fight => fight.process);
	const known = (of: 'cpuPercent' | 'systemCpuPercent' | 'runQueueWaitPercent') =>
		processes.some(process => isKnown(process[of])) && {
			[of]: measured(sum(processes, process => orZero(process[of]))),
		};
	return {
		subject: group.key,
		severity,
		confidence,
		pid: fights.toSorted((one, other) => other.waiters - one.waiters)[0]!.process.pid,
		pids: [...new Set([...processes, ...(polling?.processes ?? [])].map(process => process.pid))],
		// The pollers too: what feeds the fight is told as its cause, not as another alarm.
		tids: [...fights.flatMap(fight => fight.tids), ...(polling?.threads.map(({tid}) => tid) ?? [])],
		title: titleOf(fights, group, severity, polling),
		evidence: evidenceOf(fights, polling),
		cost: {
			switchesPerSecond: measured(sum(processes, switchesOf)),
			...known('cpuPercent'),
			...known('systemCpuPercent'),
			...known('runQueueWaitPercent'),
		},
		fixes: fixesOf(fights, group, cpus, polling),
		next: nextOf(fights),
	};
};

const explanation = `GIL thrash: threads of one Python (or Ruby) process fight for its one lock

What it is
  CPython lets one thread at a time run Python code: the one that holds the global
  interpreter lock, the GIL. When two or more threads compute, they hand it around.
  Python 3 makes each waiter ask for it every 5 ms; Python 2.7 gives it up every 100
  instructions, wakes a waiter each time and often takes it back at once: up to
  250,000 switches a second, with most of the CPU burned in the kernel.

How ctop knows
  Python 3, PyPy: the word that a thread waits on lies inside the interpreter's own image
  (libpython3.x.so, python3.x); nothing else of Python's does. Mean waiters of 0.5 and
  more are told, 2 and more are called thrash. That is certain. CPython 2.7 and 3.6 to 3.14
  also keep who has it: ctop looks some times a second, and tells the lines that keep it.
  Python 2.7: at least two threads want a CPU most of the time, switch of themselves
  hundreds of times a second, with under 200 µs of CPU in between. That is likely: a lock
  of the program itself, used as hard, looks the same.
  Ruby: two threads and more compute, all together they use one CPU, and the others sleep in
  futex meanwhile. That is likely. Its turns last 100 ms, so there are hardly any switches.
  Another user's process, without root: only the rhythm is left, about 200 wakes a second
  in each of three or more threads, in a process that uses one CPU; or thousands of wakes a
  second in each with under 100 µs of CPU: whatever is handed over, the GIL is too; or four
  threads and more that get one CPU between them, and wait for it, while another is idle. Possible.
  Where the interpreter counts 2,000 hand-overs a second and more, it is certain again; the
  lock of the program that makes them is then told beside it.

What does not fool it
  One thread that computes while others wait for work. Threads in hashlib, zlib or NumPy,
  which let go of the lock. Threads that sleep or poll. Builds without a GIL (3.13t).

How to fix it
  Processes instead of threads for what computes: one a CPU. gunicorn: fewer --threads, -w
  by the CPUs. Threads remain right for waiting, on sockets or on disks.
  Python 2.7: no time limits on Queue.get, Condition.wait, Event.wait, Thread.join: they
  poll every 0.5 to 50 ms, and each wake asks for the lock. sys.setcheckinterval(10000).
  Python 3: sys.setswitchinterval(0.05) if answers may come a little later.
  PyPy has a GIL as well, which no interval changes: processes again.
  Ruby: processes (puma -w), or Ractors.

Further reading
  docs.python.org/3/c-api/init.html (thread state and the global interpreter lock)
  docs.python.org/3/library/sys.html#sys.setswitchinterval
  PEP 703, making the global interpreter lock optional
`;

/** Threads of a Python process that hand the interpreter's lock around; forty workers that do are one finding. */
export const gilThrash: Rule = {
	name: 'gil-thrash',
	summary: 'threads of a Python or Ruby process hand its one lock, the GIL, around',
	explanation,
	find: ({latest, groups}) =>
		groups.flatMap(group => {
			const fights = group.processes.flatMap(process => gilFightOf(process, latest) ?? []);
			return fights.length > 0 ? [toCandidate(fights, group, latest)] : [];
		}),
};
