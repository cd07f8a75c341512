import {describe, expect, test} from 'vitest';
import {createFindingsEngine} from '../../source/findings/engine.js';
import {rules} from '../../source/findings/rules.js';
import type {ClosedSet} from '../../source/model/closed-set.js';
import type {Deadlock, Lock} from '../../source/model/lock.js';
import type {Process} from '../../source/model/process.js';
import type {Thread} from '../../source/model/thread.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';
import {
	futex,
	mutex,
	processWith,
	python3,
	snapshotsOf,
	stillRates,
	timed,
	untimed,
	watch,
} from './watched.js';

const still = (wait: Thread['wait']) => ({count: 4, wait});
const withMain = (process: Process, wait: Thread['wait']): Process => ({
	...process,
	threads: process.threads.map((thread, index) => (index === 0 ? {...thread, wait} : thread)),
});

/** A mutex that is recognised for certain, unless something else is said. */
const lockAt = (
	word: string,
	of: Partial<Lock> & Pick<Lock, 'name' | 'waiterTids' | 'waitersAverage'>,
): Lock => ({
	id: `futex:${word}`,
	kind: 'mutex',
	contendedPercent: 100,
	confidence: 'certain',
	...of,
});

const rulesOf = (process: Process) => watch([process]).findings.map(({rule}) => rule);

describe('threads that do not move', () => {
	test('at a mutex they are stuck, and the holder is told with what it does', () => {
		const word = '0x1000';
		const lock = lockAt(word, {
			name: 'shop!stock',
			holderTid: 2000,
			waiterTids: [1001],
			waitersAverage: 4,
		});
		const process = processWith({locks: [lock]}, still({...mutex(100), futexAddress: word}));
		const holder = makeThread({tid: 2000, name: 'net', wait: untimed('socket', 'recvfrom')});
		const [finding] = watch([{...process, threads: [...process.threads, holder]}]).findings;
		expect(finding).toMatchObject({
			rule: 'stuck-lock',
			confidence: 'certain',
			title:
				"Stuck: 4 threads wait for a lock that doesn't move, held by thread 2000, which sleeps in recvfrom",
		});
	});

	test('behind one that waits for the next connection they only wait for their turn', () => {
		const word = '0x1000';
		const lock = lockAt(word, {
			name: 'uwsgi-core!uwsgi+0x18b8',
			holderTid: 2000,
			waiterTids: [1001],
			waitersAverage: 4,
		});
		const process = processWith({locks: [lock]}, still({...mutex(100), futexAddress: word}));
		const rulesBehind = (holder: Thread) =>
			rulesOf({...process, threads: [...process.threads, holder]});
		const leader = makeThread({tid: 2000, wait: untimed('epoll', 'epoll_wait')});
		expect(rulesBehind(leader)).toEqual([]);
		expect(rulesBehind({...leader, wait: untimed('socket', 'accept4')})).toEqual([]);
		// One that waits for an answer has the others wait for somebody else.
		expect(rulesBehind({...leader, wait: untimed('poll', 'poll')})).toEqual(['stuck-lock']);
	});

	test('in memory that processes share the holder may be in another one', () => {
		const word = '0x1000';
		const lock = lockAt(word, {
			name: 'shop!table',
			sharedId: '00:01:77+0x0',
			holderTid: 2000,
			holderPid: 2000,
			waiterTids: [1001],
			waitersAverage: 4,
		});
		const process = processWith({locks: [lock]}, still({...mutex(100), futexAddress: word}));
		const findingsBehind = (wait: Thread['wait']) => {
			const thread = makeThread({tid: 2000, ...stillRates, wait});
			const holder = makeProcess({pid: 2000, name: 'writer', threads: [thread]});
			return watch([process, holder]).findings;
		};

		expect(findingsBehind(untimed('socket', 'recvfrom'))).toMatchObject([
			{
				rule: 'stuck-lock',
				confidence: 'certain',
				title:
					"Stuck: 4 threads wait for a lock that doesn't move, held by thread 2000 of process 2000 (writer), which sleeps in recvfrom",
			},
		]);
		expect(findingsBehind(untimed('socket', 'accept4'))).toEqual([]);
	});

	test('as writers of a RwLock of Rust, whose counter they wait for is zero, they are stuck', () => {
		const word = '0x1000';
		const lock = lockAt(word, {
			kind: 'rwlock',
			name: 'accounts',
			holderNote: 'held by a writer, which this kind of lock does not record',
			waiterTids: [1001],
			waitersAverage: 1,
			confidence: 'likely',
		});
		const atCounter = still({...futex(100), futexAddress: word});
		expect(rulesOf(processWith({locks: [lock]}, atCounter))).toEqual(['stuck-lock']);
		expect(rulesOf(processWith({locks: [{...lock, kind: 'condition'}]}, atCounter))).toEqual([]);
	});

	test('without an owner they are stuck too, which is likely', () => {
		expect(watch([processWith({}, still(mutex(100)))]).findings[0]).toMatchObject({
			rule: 'stuck-lock',
			confidence: 'likely',
		});
	});

	test('at a condition variable or with a time limit they are a pool at rest', () => {
		expect(rulesOf(processWith({}, still(futex(100))))).toEqual([]);
		expect(rulesOf(processWith({}, still({...mutex(100), timed: true})))).toEqual([]);
	});

	test('a circle of owners is a deadlock, and explains those who are stuck', () => {
		const process = processWith({}, still(mutex(100)));
		const edge = (tid: number, holderTid: number) => ({
			pid: 1000,
			tid,
			what: `mutex ${tid}`,
			holderPid: 1000,
			holderTid,
		});
		const deadlock: Deadlock = {
			circle: [edge(1001, 1002), edge(1002, 1001)],
			blockedTids: [1003, 1004],
			since: '2026-01-01T12:00:00.000Z',
			seconds: 9,
		};
		const snapshots = snapshotsOf([process]).map(each => ({...each, deadlocks: [deadlock]}));
		const {findings} = createFindingsEngine(rules).evaluate(snapshots);
		expect(findings.map(({rule}) => rule)).toEqual(['deadlock']);
		expect(findings[0]?.title).toBe(
			'Deadlock: 2 threads wait for each other in a circle, 2 threads behind them',
		);
	});

	test('in CPython the stacks tell those at a lock from a pool at rest', () => {
		const word = '0x55000000cd10';
		const lock = lockAt(word, {
			kind: 'semaphore',
			name: 'taken in place_order (shop/orders.py:22)',
			waiterTids: [1001],
			waitersAverage: 4,
		});
		const stackVia = (frame: string) => [
			'__new_sem_wait_slow64.constprop.0+0x90',
			'PyThread_acquire_lock_timed+0x68',
			frame,
			'_PyEval_EvalFrameDefault+0x4a52',
		];
		const process = processWith(
			{...python3, locks: [lock]},
			still({...futex(100), futexAddress: word}),
		);
		const toldWith = (stack: readonly string[], line: string) =>
			rulesOf(
				withMain(
					{
						...process,
						threads: process.threads.map(thread =>
							thread.tid === 1001 ? {...thread, stack, runtimeStack: [line]} : thread,
						),
					},
					untimed('signal', 'pause'),
				),
			);
		const logging = 'Handler.acquire (python3.11/logging/__init__.py:917)';
		const waiting = 'Condition.wait (python3.11/threading.py:320)';
		const bare = stackVia('python3.11+0x5899af');
		expect(toldWith(bare, logging)).toEqual(['stuck-lock']);
		expect(toldWith(bare, 'place_order (shop/orders.py:22)')).toEqual(['stuck-lock']);
		expect(toldWith(bare, waiting)).toEqual([]);
		expect(toldWith(bare, 'acquire (python2.7/threading.py:174)')).toEqual(['stuck-lock']);
		expect(toldWith(stackVia('rlock_acquire+0x10c'), waiting)).toEqual(['stuck-lock']);
		expect(toldWith(stackVia('_queue.so+0x2bf5'), logging)).toEqual([]);
	});

	test('an idle thread whose condition variable of Rust has been notified twice is not stuck', () => {
		const wait = {
			...futex(100),
			futexOperation: 'WAIT_BITSET',
			futexValue: 2,
			futexAddress: '0x7f0010',
		};
		const lock = (confidence: 'possible' | 'likely') => ({
			id: 'futex:0x7f0010',
			kind: 'mutex',
			name: 'anonymous',
			waiterTids: [1001],
			waitersAverage: 1,
			contendedPercent: 100,
			confidence,
		});
		const pool = (process: Parameters<typeof processWith>[0]) =>
			rulesOf(withMain(processWith(process, still(wait)), untimed('signal', 'pause')));
		expect(pool({})).toEqual([]);
		expect(pool({locks: [lock('possible')]})).toEqual([]);
		expect(pool({locks: [lock('likely')]})).toEqual(['stuck-lock']);
	});

	test('a circle is also found by the owners of the locks that its threads wait at', () => {
		const locks = [1001, 1002].map(waiter => ({
			id: `futex:0x${waiter}0`,
			kind: 'mutex',
			name: `bank!lock${waiter}`,
			holderTid: waiter === 1001 ? 1002 : 1001,
			waiterTids: [waiter],
			waitersAverage: 1,
			contendedPercent: 100,
			confidence: 'certain' as const,
		}));
		const process = processWith({locks}, still(mutex(100)));
		const threads = process.threads.map(thread =>
			[1001, 1002, 1003].includes(thread.tid)
				? {
						...thread,
						wait: {...mutex(100), lockId: `futex:0x${thread.tid === 1002 ? 1002 : 1001}0`},
					}
				: {...thread, wait: untimed('signal', 'pause')},
		);
		expect(watch([{...process, threads}]).findings).toMatchObject([
			{
				rule: 'deadlock',
				title: 'Deadlock: 2 threads wait for each other in a circle, 1 thread behind them',
			},
		]);
		// One that runs now and then is in no deadlock.
		const moving = threads.map(thread =>
			thread.tid === 1002 ? {...thread, voluntarySwitchesPerSecond: 1} : thread,
		);
		expect(rulesOf({...process, threads: moving})).not.toContain('deadlock');
	});

	test('a thread that wants what it has is a deadlock at once, never a stuck lock', () => {
		const lock = {
			id: 'futex:0x10010',
			kind: 'mutex',
			name: 'bank!lock',
			holderTid: 1001,
			waiterTids: [1001],
			waitersAverage: 1,
			contendedPercent: 100,
			confidence: 'certain' as const,
		};
		const process = processWith({locks: [lock]}, still({...mutex(100), lockId: lock.id}));
		const threads = process.threads.map(thread =>
			[1001, 1002].includes(thread.tid) ? thread : {...thread, wait: untimed('signal', 'pause')},
		);
		const snapshots = snapshotsOf([{...process, threads}]);
		const engine = createFindingsEngine(rules);
		const seen = snapshots.map(
			(_, index) => engine.evaluate(snapshots.slice(0, index + 1)).findings,
		);
		expect(seen.flat().map(({rule}) => rule)).not.toContain('stuck-lock');
		expect(seen.at(-1)).toMatchObject([
			{
				rule: 'deadlock',
				title: 'Deadlock: a thread waits for what it has itself, 1 thread behind it',
				tids: [1001, 1002],
			},
		]);
		expect(seen.at(-1)![0]!.fixes[0]!.what).toContain('Do not take the lock again');
	});

	test('processes that wait in a circle for locks on files are a deadlock, with those behind them', () => {
		const job = (pid: number, more = {}) =>
			makeProcess({
				pid,
				name: 'job',
				threads: [
					makeThread({tid: pid, ...stillRates, wait: untimed('file-lock', 'flock'), ...more}),
				],
			});
		const fileLock = (path: string, holderPid: number, waiterPids: readonly number[]) => ({
			kind: 'FLOCK',
			access: 'write' as const,
			file: `08:01:${holderPid}`,
			path,
			holderPid,
			waiterPids,
			range: '0-EOF',
		});
		const fileLocks = [fileLock('/run/a', 10, [20, 30]), fileLock('/run/b', 20, [10])];
		const findingsOf = (processes: readonly Process[]) =>
			createFindingsEngine(rules).evaluate(
				snapshotsOf(processes).map(each => ({...each, fileLocks})),
			).findings;
		expect(findingsOf([job(10), job(20), job(30)])).toMatchObject([
			{
				rule: 'deadlock',
				confidence: 'certain',
				pids: [20, 10],
				title: 'Deadlock: 2 threads wait for each other in a circle, 1 thread behind them',
				evidence: [
					{value: 'FLOCK lock on /run/a, held by 10 (worker)', source: '/proc/locks'},
					{},
					{},
				],
			},
		]);
		// The list shows it to everybody, whatever else is refused.
		const refused = [10, 20, 30].map(pid => job(pid, {wait: null}));
		expect(findingsOf(refused).map(({rule}) => rule)).toEqual(['deadlock']);
		// As the command flock does, which waits for the one that it runs under its lock.
		const parent = {...job(20, {wait: untimed('child', 'wait4')})};
		const locks = [fileLock('/run/a', 10, [21]), fileLock('/run/b', 20, [10])];
		const behind = createFindingsEngine(rules).evaluate(
			snapshotsOf([job(10), parent, {...job(21), parentPid: 20}]).map(each => ({
				...each,
				fileLocks: locks,
			})),
		);
		expect(behind.findings).toMatchObject([
			{
				rule: 'deadlock',
				confidence: 'certain',
				title: 'Deadlock: 3 threads wait for each other in a circle',
			},
		]);
		// Where nobody may see what that one waits for, its one child is likely.
		const child = {...job(21, {wait: null}), parentPid: 20};
		const hidden = createFindingsEngine(rules).evaluate(
			snapshotsOf([job(10, {wait: null}), job(20, {wait: null}), child]).map(each => ({
				...each,
				fileLocks: locks,
			})),
		);
		expect(hidden.findings).toMatchObject([{rule: 'deadlock', confidence: 'likely'}]);
		// Whoever runs now and then has what it wants; another thread of a process may let go.
		const rulesFor = (first: Process) =>
			findingsOf([first, job(20), job(30)]).map(({rule}) => rule);
		expect(rulesFor(job(10, {voluntarySwitchesPerSecond: 1}))).toEqual(['lock-contention']);
		const second = makeThread({tid: 11, ...stillRates, wait: untimed('signal', 'pause')});
		expect(rulesFor({...job(10), threads: [...job(10).threads, second]})).not.toContain('deadlock');
		// Those of Go's runtime wait for others of it, whatever they sleep in.
		const ofGo = {
			threads: [...job(10).threads, second],
			runtime: {name: 'go', source: 'exe'} as const,
		};
		expect(findingsOf([{...job(10), ...ofGo}, job(20), job(30)])).toMatchObject([
			{rule: 'deadlock', confidence: 'likely', pids: [20, 10]},
		]);
	});

	test('a circle over two processes is a deadlock at once, never two stuck locks', () => {
		const lockHeldBy = (holderTid: number, holderPid: number, waiter: number) => ({
			id: 'futex:0x10',
			kind: 'mutex',
			name: 'shared',
			holderTid,
			holderPid,
			waiterTids: [waiter],
			waitersAverage: 1,
			contendedPercent: 100,
			confidence: 'certain' as const,
		});
		const wait = {...mutex(100), lockId: 'futex:0x10'};
		const one = makeProcess({
			pid: 10,
			threads: [makeThread({tid: 10, ...stillRates, wait})],
			locks: [lockHeldBy(20, 20, 10)],
		});
		const other = makeProcess({
			pid: 20,
			threads: [makeThread({tid: 20, ...stillRates, wait})],
			locks: [lockHeldBy(10, 10, 20)],
		});
		const snapshots = snapshotsOf([one, other]);
		const engine = createFindingsEngine(rules);
		const seen = snapshots.map(
			(_, index) => engine.evaluate(snapshots.slice(0, index + 1)).findings,
		);
		expect(seen.flat().map(({rule}) => rule)).not.toContain('stuck-lock');
		expect(seen.at(-1)).toMatchObject([{rule: 'deadlock', pids: [10, 20]}]);
	});

	test('a process is hung when each of its threads waits for another one', () => {
		const pool = processWith({}, still(futex(100)));
		expect(rulesOf(withMain(pool, {kind: 'join', timed: false}))).toEqual(['hung']);
		expect(rulesOf(withMain(pool, futex(100)))).toEqual(['hung']);
		for (const wait of [
			untimed('signal', 'pause'),
			timed('sleep', 'clock_nanosleep', 60_000),
			{...futex(100), futexShared: true} as const,
			{...futex(100), timed: true},
			null,
			undefined,
		]) {
			expect(rulesOf(withMain(pool, wait))).toEqual([]);
		}
	});

	test('processes are hung together when nobody else has what they wait at', () => {
		const shared = {...futex(100), futexShared: true} as const;
		const worker = (pid: number, wait: Thread['wait']) =>
			makeProcess({pid, threads: [makeThread({tid: pid, ...stillRates, wait})]});
		const processes = [worker(10, untimed('child', 'wait4')), worker(11, shared)];
		const closed = {pids: [10, 11], objects: 1, processesLookedThrough: 99, seconds: 7};
		const findingsOf = (of: readonly Process[], sets = [closed]) =>
			createFindingsEngine(rules).evaluate(
				snapshotsOf(of).map(each => ({...each, closedSets: sets})),
			).findings;
		expect(findingsOf(processes)).toMatchObject([
			{
				rule: 'hung',
				confidence: 'likely',
				pids: [10, 11],
				title:
					'Hung: all 2 threads of 2 processes (service) wait for each other, and nobody is left to wake them',
			},
		]);
		expect(findingsOf(processes)[0]!.evidence.map(({value}) => value)).toEqual([
			2,
			'1 child, 1 futex',
			1,
			99,
			7,
			0,
		]);
		// One that is gone, or has moved, was another set.
		expect(findingsOf(processes, [{...closed, pids: [10, 12]}])).toEqual([]);
		const moved = makeProcess({
			pid: 11,
			threads: [makeThread({tid: 11, voluntarySwitchesPerSecond: 1, wait: shared})],
		});
		expect(findingsOf([processes[0]!, moved])).toEqual([]);
	});

	test('a thread alone is hung where the observer found that no signal is meant to wake it', () => {
		const alone = makeProcess({
			pid: 11,
			threads: [makeThread({tid: 11, ...stillRates, wait: futex(100)})],
		});
		const findings = (closedSets: readonly ClosedSet[]) =>
			createFindingsEngine(rules).evaluate(
				snapshotsOf([alone]).map(each => ({...each, closedSets})),
			).findings;
		expect(findings([])).toEqual([]);
		const [finding] = findings([{pids: [11], objects: 0, processesLookedThrough: 0, seconds: 7}]);
		expect(finding).toMatchObject({
			rule: 'hung',
			title: 'Hung: the only thread of service waits, and nobody is left to wake it',
		});
		expect(finding!.evidence.map(({what}) => what)).toContain(
			'threads that wait for anything else (time, data, children, signals)',
		);
	});

	test('behind a lock that a thread of the process it was forked from had, it is hung and not only stuck', () => {
		const word = '0x1000';
		const lock = lockAt(word, {
			name: 'shop!log',
			waiterTids: [11],
			waitersAverage: 1,
		});
		const wait = {...mutex(100), futexAddress: word};
		const child = makeProcess({
			pid: 11,
			locks: [lock],
			threads: [makeThread({tid: 11, ...stillRates, wait})],
		});
		const rulesWith = (closedSets: readonly ClosedSet[], process: Process = child) =>
			createFindingsEngine(rules)
				.evaluate(snapshotsOf([process]).map(each => ({...each, closedSets})))
				.findings.map(({rule}) => rule);
		const alone = {pids: [11], objects: 0, processesLookedThrough: 0, seconds: 7};
		expect(rulesWith([alone])).toEqual(['hung']);
		expect(rulesWith([])).toEqual(['stuck-lock']);
		const living = makeThread({tid: 12, wait: timed('sleep', 'clock_nanosleep', 500)});
		const withOther = {...child, threads: [...child.threads, living]};
		expect(rulesWith([alone], withOther)).toEqual(['stuck-lock']);
	});

	test('processes that wait for each other in a circle at pipes, or for a child, are a deadlock', () => {
		const end = (pid: number, wait: Thread['wait']) =>
			makeProcess({pid, threads: [makeThread({tid: pid, ...stillRates, wait})]});
		const writing = {kind: 'pipe', call: 'write', fd: 5} as const;
		const reading = {kind: 'pipe', call: 'read', fd: 0} as const;
		const child = {kind: 'child', call: 'wait4'} as const;
		const closedSets = [
			{pids: [10, 11], objects: 2, processesLookedThrough: 99, seconds: 7, circle: [10, 11]},
		];
		const findingOf = (one: Thread['wait'], other: Thread['wait']) =>
			createFindingsEngine(rules).evaluate(
				snapshotsOf([end(10, one), end(11, other)]).map(each => ({...each, closedSets})),
			).findings;
		const findings = findingOf(writing, writing);
		expect(findings).toMatchObject([
			{
				rule: 'deadlock',
				confidence: 'likely',
				pids: [10, 11],
				title: 'Deadlock: 2 processes wait for each other in a circle (service 10, service 11)',
			},
		]);
		expect(findings[0]!.evidence.slice(0, 2).map(({value}) => value)).toEqual([
			'writes to a pipe that is full (descriptor 5), and which service 11 alone reads',
			'writes to a pipe that is full (descriptor 5), and which service 10 alone reads',
		]);
		expect(findings[0]!.fixes[0]!.command).toContain('communicate(data)');
		const [waiting] = findingOf(child, writing);
		expect(waiting!.evidence[0]!.value).toBe('waits for the end of its child service 11');
		expect(waiting!.fixes[0]!.command).toContain('communicate()');
		const [asking] = findingOf(reading, reading);
		expect(asking!.evidence[1]!.value).toBe(
			'reads from a pipe that is empty (descriptor 0), and which service 10 alone writes',
		);
		expect(asking!.fixes[0]!.command).toContain('fflush');
	});

	test('who waits for a child that writes to a full pipe is in a deadlock with it, whoever else could read', () => {
		const end = (pid: number, wait: Thread['wait']) =>
			makeProcess({pid, threads: [makeThread({tid: pid, ...stillRates, wait})]});
		const set = {
			pids: [10, 11, 12],
			objects: 2,
			processesLookedThrough: 99,
			seconds: 7,
			circle: [10, 11],
			otherReaders: 1,
		};
		const writing = {kind: 'pipe', call: 'write', fd: 5} as const;
		const processes = [end(10, {kind: 'child', call: 'wait4'}), end(11, writing), end(12, writing)];
		const {findings} = createFindingsEngine(rules).evaluate(
			snapshotsOf(processes).map(each => ({...each, closedSets: [set]})),
		);
		expect(findings).toMatchObject([
			{
				rule: 'deadlock',
				pids: [10, 11, 12],
				title:
					'Deadlock: 2 processes wait for each other in a circle (service 10, service 11), 1 process behind them',
			},
		]);
		expect(findings[0]!.evidence.slice(0, 3).map(({value}) => value)).toEqual([
			'waits for the end of its child service 11',
			'writes to a pipe that is full (descriptor 5), and which service 10 reads',
			1,
		]);
	});

	test('a process that waits at pipes of its own is hung, where nobody else has the other end', () => {
		const wait = {kind: 'pipe', call: 'read', fd: 3} as const;
		const reader = (pid: number) => ({
			...withMain(processWith({}, still(futex(100))), wait),
			pid,
		});
		const set = {pids: [1000], objects: 1, processesLookedThrough: 99, seconds: 7};
		const snapshots = (sets: (typeof set)[]) =>
			snapshotsOf([reader(1000)]).map(each => ({...each, closedSets: sets}));
		const findings = (sets: (typeof set)[]) =>
			createFindingsEngine(rules).evaluate(snapshots(sets)).findings;
		expect(findings([set])).toMatchObject([{rule: 'hung', pids: [1000]}]);
		expect(findings([])).toEqual([]);
	});

	test('threads that have not run for a minute are a notice, when they are most of many', () => {
		const pool = processWith({}, {count: 44, wait: futex(100)});
		expect(watch([{...pool, idleThreadCount: 41}]).findings).toMatchObject([
			{
				rule: 'idle-threads',
				severity: 'notice',
				title: '41 of 45 threads have not run for a minute',
			},
		]);
		expect(rulesOf({...pool, idleThreadCount: 20})).toEqual([]);
		expect(rulesOf(pool)).toEqual([]);
	});
});
