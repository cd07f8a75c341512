import {countText} from '../model/count-text.js';
import type {Fix, NextStep} from '../model/finding.js';
import type {GilFight} from './gil-fight-parts.js';
import type {ProcessGroup} from './group.js';
import type {Polling} from './group-polling.js';
import {fewerThreadsFix, fewerWorkersFix} from './service-advice.js';
import {sum, wantedCpuPercent} from './thread-facts.js';
import {plural, roughText} from './words.js';

/** Threads that share one interpreter well: one computes while the others wait for something else. */
const fewThreads = 2;

const rubyFixes = (cpus: number): readonly Fix[] => [
	{
		what: `Processes for what computes: ${plural(cpus, 'worker')} for ${plural(cpus, 'CPU')}`,
		why: 'each process has a lock of its own, so they really run side by side',
		command: `puma -w ${cpus} -t 3:3`,
	},
	{
		what: 'Ractors (from Ruby 3.0), JRuby or TruffleRuby for threads that compute at the same time',
		why: 'a Ractor has a lock of its own; JRuby and TruffleRuby have none',
		command: 'Ractor.new { compute }',
	},
];

const rubySteps = (pid: number): NextStep[] => [
	{
		what: 'see which Ruby code runs',
		command: `rbspy record --pid ${pid} --duration 10`,
		needs: 'root',
	},
];

const moreProcesses = (cpus: number, python2: boolean): Fix => ({
	what: `Move the computing to processes: ${plural(cpus, 'worker process')} for ${plural(cpus, 'CPU')}`,
	why: 'each process has a lock of its own, so they really run side by side',
	command: python2
		? `multiprocessing.Pool(${cpus})`
		: `concurrent.futures.ProcessPoolExecutor(max_workers=${cpus})`,
});

const oneThreadAProcess = (fights: readonly GilFight[]): Fix => ({
	what: `Let one thread compute in each of the ${plural(fights.length, 'process')}, not ${countText(
		Math.max(2, Math.round(sum(fights, ({tids}) => tids.length) / fights.length)),
	)}`,
	why: 'these processes run side by side already; more computing threads in each only hand its lock around',
});

const stopPolling = ({threads}: Polling, python2: boolean): Fix => ({
	what: python2
		? `Python 2.7: get, wait and join without a timeout in the ${plural(threads.length, 'thread')} that poll`
		: `Stop ${plural(threads.length, 'thread')} from polling: let each wait for its event`,
	why: python2
		? 'Python 2.7 waits with a timeout by sleeping 0.5 to 50 ms over and over, and each wake has to ask for the lock'
		: 'each wake of a polling thread has to take the lock from those that compute',
	command: 'item = queue.get()  # and queue.put(None) to end the worker',
});

const tooManyWorkers = ({processes}: ProcessGroup, cpus: number): string => {
	const runnable = sum(processes, process => wantedCpuPercent(process) ?? 0) / 100;
	return `${plural(cpus, 'CPU')}, ${roughText(runnable)} threads runnable on average: each worker brings its own pollers and its own fight, and they share the same CPUs`;
};

/** What helps, with this service's own numbers. */
export const fixesOf = (
	fights: readonly GilFight[],
	group: ProcessGroup,
	cpus: number,
	polling: Polling | undefined,
): Fix[] => {
	const fixes: Fix[] = [];
	const isRuby = fights.some(fight => fight.by === 'turns');
	const python2 = fights.some(
		({by, process}) => by === 'switches' && !process.runtime?.version?.startsWith('3'),
	);
	const why =
		'only one thread of a process can run the interpreter at a time; the others only pay for the hand-over';
	const threads = fewerThreadsFix(group, fewThreads, why);
	if (isRuby) {
		return [...(threads ? [threads] : []), ...rubyFixes(cpus)];
	}

	if (polling) {
		fixes.push(stopPolling(polling, python2));
	}

	const workers = fewerWorkersFix(group, cpus, tooManyWorkers(group, cpus));
	fixes.push(...[workers, threads].filter(fix => fix !== undefined));

	// Where there is a process for each CPU already, more of them would only take turns.
	fixes.push(fights.length >= cpus ? oneThreadAProcess(fights) : moreProcesses(cpus, python2));
	// Its interpreter counts bytecodes: no interval changes how often PyPy's threads hand the lock over.
	if (fights.some(({process}) => process.runtime?.name === 'pypy')) {
		fixes.push({
			what: 'Do the heavy part in code that lets go of the lock: calls through cffi, hashlib, zlib',
			why: 'threads that compute outside the interpreter need no lock',
		});
		return fixes;
	}

	if (python2) {
		fixes.push({
			what: 'Python 2.7: let a thread keep the lock for longer, until Python 3 runs it',
			why: 'it gives the lock up every 100 instructions; Python 3 does every 5 ms and hands over fairly',
			command: 'sys.setcheckinterval(10000)',
		});
	} else {
		fixes.push({
			what: 'Let a thread keep the lock for longer, if its answers may come later',
			why: 'each waiter wakes every 5 ms to ask for the lock; at 50 ms it is a tenth of the switches',
			command: 'sys.setswitchinterval(0.05)',
		});
	}

	fixes.push({
		what: 'Do the heavy part in code that lets go of the lock (NumPy, hashlib, zlib, Cython nogil), or in a free-threaded build',
		why: 'threads that compute outside the interpreter need no lock',
	});
	return fixes;
};

const pythonSteps = (pid: number): NextStep[] => [
	{
		what: 'see which Python code holds the lock',
		command: `py-spy top --gil --pid ${pid}`,
		needs: 'root or the same user',
	},
	{
		what: 'see where every thread stands',
		command: `py-spy dump --pid ${pid}`,
		needs: 'root or the same user',
	},
];

/** py-spy doesn't know PyPy. */
const pypySteps: readonly NextStep[] = [
	{
		what: 'see where every thread stands, from inside the program: every ten seconds on its standard error',
		command: 'import faulthandler; faulthandler.dump_traceback_later(10, repeat=True)',
	},
];

const stepsOf = (runtime: string | undefined, pid: number): readonly NextStep[] => {
	if (runtime === 'ruby') {
		return rubySteps(pid);
	}

	return runtime === 'pypy' ? pypySteps : pythonSteps(pid);
};

/** What to look at to be surer. */
export const nextOf = (fights: readonly GilFight[]): NextStep[] => {
	const {pid, runtime} = fights.toSorted((one, other) => other.waiters - one.waiters)[0]!.process;
	const steps = [...stepsOf(runtime?.name, pid)];
	if (fights.some(fight => fight.confidence === 'possible')) {
		steps.unshift({
			what: 'read the lock itself: the kernel refused it to this user',
			command: `sudo ctop -p ${pid}`,
			needs: 'root',
		});
	}

	return steps;
};
