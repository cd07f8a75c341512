import {describe, expect, test} from 'vitest';
import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import type {WaitShare} from '../../source/model/wait.js';
import {
	type Crowd,
	forked,
	futex,
	mutex,
	processWith,
	python2,
	python3,
	running,
	timed,
	timedFutex,
	untimed,
	watch,
} from './watched.js';

const told = (...processes: Process[]): Finding | undefined =>
	watch(processes).findings.find(finding => finding.rule === 'idle-polling');

/** Threads that wake so often each, with 20 µs of CPU a wake. */
const poll = (count: number, wakes: number, ...waits: WaitShare[]): Crowd => ({
	count,
	voluntary: count * wakes,
	cores: count * wakes * 20e-6,
	waits: waits.length > 0 ? waits : [timed('sleep', 'clock_nanosleep', 1000 / wakes)],
});

describe('idle polling', () => {
	test('the title names the line that polls, the evidence how many threads are in which one', () => {
		const inLine = (process: Process, last: string): Process => ({
			...process,
			threads: process.threads.map((thread, index) => ({
				...thread,
				runtimeStack: [
					'wait (python2.7/threading.py:359)',
					index === 1 ? last : '_poll (pykafka/producer.py:312)',
				],
			})),
		});
		const process = processWith(python2, poll(38, 20, timed('poll', 'pselect6', 50)));
		const finding = told(inLine(process, '_send (pykafka/producer.py:40)'));
		expect(finding?.title).toBe(
			'38 threads wake 20 times a second each for nothing in _poll (pykafka/producer.py:312): 760 switches a second',
		);
		expect(finding?.evidence).toContainEqual({
			what: 'the lines that poll',
			value:
				'37 threads in _poll (pykafka/producer.py:312); 1 thread in _send (pykafka/producer.py:40)',
			unit: '',
			source: '/proc/1000/mem',
		});
	});

	test('forty workers of 45 threads are one finding, in the words that count', () => {
		const service = {
			name: 'gunicorn',
			workers: 40,
			workersSetting: '-w 40',
			threadsPerWorker: 45,
			threadsSetting: '--threads 45',
		};
		const finding = told(
			...forked(40, {...python2, service}, poll(45, 20, timed('poll', 'pselect6', 50))),
		);
		expect(finding).toMatchObject({
			severity: 'critical',
			confidence: 'likely',
			title:
				'1,800 threads of 40 gunicorn processes wake 20 times a second each for nothing: 36,000 switches a second',
			cost: {switchesPerSecond: 36_000, cpuPercent: 72},
		});
		expect(finding?.pids).toHaveLength(40);
		expect(finding?.tids).toHaveLength(1800);
		expect(finding?.evidence).toContainEqual({
			what: 'waits in',
			value: 'pselect6, up to 50 ms (1,800 threads)',
			unit: '',
			source: '/proc/PID/task/*/syscall',
		});
		expect(finding?.evidence).toContainEqual(
			expect.objectContaining({what: 'share of all context switches of the machine', value: 9}),
		);
		expect(finding?.fixes[0]?.what).toMatch(/^Python 2\.7/);
		expect(finding?.fixes.map(fix => fix.command)).toContain('-w 4');
	});

	test('the grades: silent below 200 a second, a warning from 1,000, critical from 20,000', () => {
		const severity = (count: number, wakes: number) =>
			told(processWith({}, poll(count, wakes)))?.severity;
		expect(severity(4, 49)).toBeUndefined();
		expect(severity(4, 50)).toBe('notice');
		expect(severity(20, 49)).toBe('notice');
		expect(severity(20, 50)).toBe('warning');
		expect(severity(200, 99)).toBe('warning');
		expect(severity(200, 100)).toBe('critical');
	});

	test('many threads count from 50 a second, if each wakes more than once or twice', () => {
		const severity = (count: number, wakes: number) =>
			told(processWith({}, poll(count, wakes)))?.severity;
		expect(severity(10, 5)).toBe('notice');
		expect(severity(9, 5.6)).toBeUndefined();
		expect(severity(45, 1.3)).toBeUndefined();
	});

	test('one thread that ticks is a notice at most, unless it ticks very fast', () => {
		const one = (wakes: number) => told(processWith({}, poll(1, wakes)));
		expect(one(4000)).toMatchObject({
			severity: 'notice',
			title: '1 thread wakes 4,000 times a second for nothing',
		});
		expect(told(processWith({}, {...poll(1, 6000), cores: 0.08}))?.severity).toBe('warning');
	});

	test.each([
		['a time limit that never runs out', poll(45, 100, timed('epoll', 'epoll_wait', 1000))],
		['no time limit', poll(45, 100, futex(100))],
		[
			'a time limit that nobody could read',
			poll(45, 100, {kind: 'poll', call: 'poll', percent: 100}),
		],
		["waits for Python's lock", poll(45, 200, timedFutex(100, 5, 'libpython3.11.so.1.0'))],
		['waits for the lock of a static Python', poll(45, 200, timedFutex(100, 5, 'python3.11'))],
		[
			'more waits for a lock than sleep',
			poll(45, 100, futex(60), timed('sleep', 'nanosleep', 1, 40)),
		],
		['work between the wakes', {...poll(4, 250), cores: 0.3}],
		['much CPU in each thread', {...poll(4, 5000), cores: 0.45}],
	])('%s is no polling', (_, crowd) => {
		expect(told(processWith(python3, crowd))).toBeUndefined();
	});

	test('the time limit may run out 2.5 times as often as it says, not more', () => {
		const limit = (milliseconds: number) =>
			told(processWith({}, poll(45, 100, timed('poll', 'ppoll', milliseconds))));
		expect(limit(25)).toBeDefined();
		expect(limit(26)).toBeUndefined();
	});

	test('waits of one kind count together, against other kinds', () => {
		const sleeps = [1, 2, 3].map(milliseconds => ({
			...timed('sleep', 'clock_nanosleep', milliseconds, 20),
			futexAddress: String(milliseconds),
		}));
		expect(told(processWith({}, poll(45, 100, futex(40), ...sleeps)))).toBeDefined();
	});

	test('threads that nobody looked at count as their siblings do, and it is said', () => {
		const seen = poll(10, 100);
		const {waits: _, ...unseen} = poll(90, 100);
		const finding = told(processWith({}, seen, unseen));
		expect(finding?.cost.switchesPerSecond).toBe(10_000);
		expect(finding?.evidence).toContainEqual(
			expect.objectContaining({what: expect.stringContaining('hardly seen'), value: 90}),
		);
		const mixed = told(processWith({}, seen, unseen, poll(10, 100, futex(100))));
		expect(mixed?.cost.switchesPerSecond).toBe(1000);
	});

	test('threads that hardly woke in a second count when they wait as their siblings do, those that sleep longer do not', () => {
		const wait = timed('sleep', 'clock_nanosleep', 50);
		const starved: Crowd = {count: 8, waits: [timed('sleep', 'clock_nanosleep', 31)]};
		const atLock: Crowd = poll(5, 20, timedFutex(5, 5, 'libpython3.11.so.1.0'), running(95));
		const daily: Crowd = {count: 3, waits: [timed('sleep', 'clock_nanosleep', 60_000)]};
		const finding = told(processWith(python3, poll(32, 20, wait), starved, atLock, daily));
		expect(finding?.title).toMatch(/^45 threads wake/);
		expect(finding?.tids).toHaveLength(45);
	});

	test('a thread that ticks is silent when others wake for what it does, of its process or of its children', () => {
		const pool: Crowd = {count: 8, voluntary: 1000, cores: 0.1, waits: [futex(100)]};
		expect(told(processWith({}, poll(1, 900)))?.severity).toBe('notice');
		expect(told(processWith({}, poll(1, 900), pool))).toBeUndefined();
		const child = processWith({pid: 2000, parentPid: 1000}, {...pool, count: 1});
		expect(told(processWith({}, poll(1, 900)), child)).toBeUndefined();
		expect(told(processWith({}, poll(10, 100), pool))?.severity).toBe('warning');
	});

	test('without a single look, and with refused ones, nothing is claimed', () => {
		const {waits: _, ...unseen} = poll(45, 100);
		expect(told(processWith({}, unseen))).toBeUndefined();
		const {waits: __, ...few} = poll(3, 100);
		const {notSeen, findings} = watch([processWith({}, {...few, wait: null})]);
		expect(findings).toEqual([]);
		expect(notSeen[0]).toContain('refuses');
	});

	describe('of a process that may not be looked into', () => {
		const hidden = (count: number, wakes: number): Crowd => {
			const {waits: _, ...crowd} = poll(count, wakes);
			return {...crowd, wait: null};
		};

		test('four threads at the rate of a usual time limit are possible, and say how to be surer', () => {
			const finding = told(processWith({}, hidden(4, 99)));
			expect(finding).toMatchObject({confidence: 'possible', severity: 'notice'});
			expect(finding?.next[0]).toMatchObject({command: 'sudo ctop -p 1000', needs: 'root'});
		});

		test("a JVM's own threads wake beside them and count for nothing", () => {
			const jvm = {runtime: {name: 'jvm', source: 'commandLine'}};
			const shards = {...poll(4, 50), waits: undefined, wait: null};
			const own = {...poll(3, 5), waits: undefined, wait: null, name: 'Monitor Deflati'};
			expect(told(processWith(jvm, shards, own))?.tids).toHaveLength(4);
		});

		test('at another rate a few are nothing, and many are possible still', () => {
			expect(told(processWith({}, hidden(4, 140)))).toBeUndefined();
			expect(told(processWith({}, hidden(20, 140)))).toMatchObject({confidence: 'possible'});
		});

		test('a crowd may differ by a tenth, threads that put one another aside wake one another', () => {
			const uneven = (count: number) =>
				processWith(
					{},
					...Array.from({length: count}, (_, index) => ({
						...hidden(1, index % 2 === 0 ? 62 : 57),
					})),
				);
			expect(told(uneven(30))).toMatchObject({confidence: 'possible'});
			expect(told(uneven(12))).toBeUndefined();
			// Of many that go to sleep at the same moment many wake at the same moment.
			const putAside = (involuntary: number) =>
				told(processWith({}, {...hidden(16, 112), involuntary}));
			expect(putAside(190)).toMatchObject({confidence: 'possible'});
			expect(putAside(400)).toBeUndefined();
			// An interpreter's lock puts some of them aside.
			const inPython = (involuntary: number) =>
				told(processWith(python3, {...hidden(45, 70), involuntary}));
			expect(inPython(600)).toMatchObject({confidence: 'possible'});
			expect(inPython(900)).toBeUndefined();
			// And lets some of them wake once more, not all of them as often.
			const turns = [hidden(8, 104), hidden(14, 122), hidden(8, 139)];
			expect(told(processWith(python3, ...turns))).toMatchObject({confidence: 'possible'});
			expect(told(processWith({}, ...turns))).toBeUndefined();
		});

		test('with some who wake as often as all of them together they get work', () => {
			expect(told(processWith({}, hidden(20, 140), hidden(1, 2800)))).toBeUndefined();
			expect(told(processWith({}, hidden(20, 140), hidden(4, 700)))).toBeUndefined();
		});

		test('where packets come in they may be clients that think between two answers', () => {
			const rulesWith = (tcpSegmentsReceivedPerSecond: number) =>
				watch([processWith({}, hidden(6, 208))], {
					system: {tcpSegmentsReceivedPerSecond},
				}).findings.map(({rule}) => rule);
			expect(rulesWith(50)).toEqual(['idle-polling']);
			expect(rulesWith(1250)).toEqual([]);
		});

		test('threads that do real work at each wake do not poll', () => {
			expect(told(processWith({}, {...hidden(20, 99), cores: 20 * 99 * 150e-6}))).toBeUndefined();
		});
	});

	test('who sleeps by the clock, and then does a little work each time, polls for nothing only where it is interpreted', () => {
		const byTheClock = (microseconds: number): Crowd => ({
			...poll(1, 214, timed('sleep', 'clock_nanosleep', 4.5)),
			cores: 214 * microseconds * 1e-6,
		});
		const service = (of: Partial<Process>, microseconds: number) =>
			told(...forked(6, {name: 'records', ...of}, byTheClock(microseconds)));
		expect(service({}, 43)).toBeDefined();
		expect(service({}, 84)).toBeUndefined();
		expect(service(python3, 84)).toBeDefined();
	});

	test("Go's monitor thread is not counted, other sleepers of the program are", () => {
		const goFutex = {...futex(100, 'program'), futexOperation: 'WAIT'};
		const workers = poll(3, 200, goFutex);
		const monitor = poll(1, 900, timed('sleep', 'nanosleep', 10));
		expect(told(processWith({}, workers, monitor))).toBeUndefined();
		expect(
			told(processWith({}, workers, poll(4, 95, timed('sleep', 'nanosleep', 10))))?.tids,
		).toHaveLength(3);
		// In C it's just a thread that sleeps.
		expect(
			told(processWith({}, poll(3, 30, futex(100)), poll(4, 95, timed('sleep', 'nanosleep', 10))))
				?.tids,
		).toHaveLength(4);
	});

	test('whoever wakes more often than its sleep allows has something to do in between', () => {
		const client = (wakes: number, ...waits: WaitShare[]) =>
			told(processWith({}, poll(8, wakes, ...waits)));
		expect(client(227, timed('sleep', 'clock_nanosleep', 8, 98))).toBeUndefined();
		expect(client(120, timed('sleep', 'clock_nanosleep', 8, 98))).toBeDefined();
		expect(client(99, timedFutex(80, 25), untimed('socket', 'read', 20))).toBeUndefined();
		expect(client(41, timedFutex(80, 25), untimed('socket', 'read', 20))).toBeDefined();
		// Who fights for a lock at each wake switches for that too, as interpreters do.
		const inPython = (wakes: number) =>
			told(processWith(python3, poll(8, wakes, timed('sleep', 'clock_nanosleep', 15, 98))));
		expect(inPython(120)).toBeDefined();
		expect(inPython(200)).toBeUndefined();
		expect(client(227, timed('sleep', 'clock_nanosleep', 8, 96), mutex(4))).toBeDefined();
		expect(client(400, timed('sleep', 'clock_nanosleep', 8, 96), mutex(4))).toBeUndefined();
	});

	test('threads that are given work, and in it sleep for a time, do not poll', () => {
		const handler = (wakes: number, asleep: number, packets = 0) =>
			watch(
				[
					processWith(
						{},
						poll(10, wakes, timed('sleep', 'clock_nanosleep', 20, asleep), futex(100 - asleep)),
					),
				],
				{system: {tcpSegmentsReceivedPerSecond: packets}},
			).findings.map(({rule}) => rule);
		expect(handler(60, 60)).toEqual([]);
		expect(handler(45, 97)).toEqual(['idle-polling']);
		expect(handler(45, 70)).toEqual(['idle-polling']);
		expect(handler(45, 70, 1000)).toEqual([]);
	});

	test('a limit of poll that runs out less often than packets come in is not what wakes', () => {
		const server = (wakes: number, packets: number) =>
			watch([processWith({}, poll(10, wakes, timed('poll', 'ppoll', 200)))], {
				system: {tcpSegmentsReceivedPerSecond: packets},
			}).findings.map(({rule}) => rule);
		expect(server(8, 0)).toEqual(['idle-polling']);
		expect(server(8, 160)).toEqual([]);
		expect(server(5.5, 160)).toEqual(['idle-polling']);
	});

	test('threads that work wakes are not counted with those that wait in the same call', () => {
		const limit = timed('poll', 'ppoll', 200);
		const server = processWith({}, poll(4, 12, limit), poll(8, 16, limit));
		expect(told(server)).toBeUndefined();
		expect(told(processWith({}, poll(12, 12, limit)))?.tids).toHaveLength(12);
	});

	test('work between two wakes is work, however often a busy machine interrupts it', () => {
		const sleeper = {...poll(4, 88, timedFutex(100, 10)), involuntary: 1200};
		expect(told(processWith({}, sleeper))?.severity).toBe('notice');
		expect(told(processWith({}, {...sleeper, cores: 0.135}))).toBeUndefined();
	});

	test('a deadline of which little was left at each look is known from threads like it', () => {
		const client = (limit: number): Crowd => poll(1, 101, timedFutex(80, limit));
		const clients = (...limits: readonly number[]) => told(processWith({}, ...limits.map(client)));
		expect(clients(11, 2, 7, 9)).toBeDefined();
		expect(clients(11, 2, 7, 24)).toBeUndefined();
		// One that sleeps longer each time has a limit of its own.
		expect(
			told(processWith({}, client(9), client(8), client(9), poll(1, 4, timedFutex(80, 240)))),
		).toBeDefined();
	});

	test('an event loop that also waits without a limit does not poll', () => {
		const loop = (untimedPercent: number) =>
			told(
				processWith(
					{},
					poll(
						1,
						600,
						timed('epoll', 'epoll_wait', 2, 60),
						untimed('epoll', 'epoll_wait', untimedPercent),
					),
				),
			);
		expect(loop(2)).toBeDefined();
		expect(loop(20)).toBeUndefined();
	});

	test("a Go program's timers are not what wakes it where packets come in", () => {
		const goFutex = {...futex(50), futexOperation: 'WAIT'};
		const next = {...timed('epoll', 'epoll_pwait', 1, 45), timed: true};
		const server = processWith(
			{name: 'server', runtime: {name: 'go', source: 'exe'}},
			poll(3, 1100, goFutex, next),
		);
		const rulesWith = (tcpSegmentsReceivedPerSecond: number) =>
			watch([server], {system: {tcpSegmentsReceivedPerSecond}}).findings.map(({rule}) => rule);
		expect(rulesWith(0)).toEqual(['idle-polling']);
		expect(rulesWith(2000)).toEqual([]);
	});

	test('threads that Go parks and wakes by timers, all equally often, poll', () => {
		const {waits: _, ...rates} = poll(60, 155);
		const parked: Crowd = {
			...rates,
			involuntary: 3000,
			waits: [{...futex(100), futexOperation: 'WAIT'}],
		};
		const go = {name: 'trouble', runtime: {name: 'go', source: 'exe'}} as const;
		const worker: Crowd = {count: 5, voluntary: 9000, cores: 0.2, waits: [futex(90)]};
		expect(told(processWith(go, parked, worker))).toMatchObject({severity: 'warning'});
		expect(told(processWith({name: 'trouble'}, parked, worker))).toBeUndefined();
	});

	test('housekeeping of the JVM is not counted', () => {
		const housekeeping = {...poll(4, 60, timedFutex(100, 16)), name: 'VM Periodic Tas'};
		const jvm = {runtime: {name: 'jvm', source: 'maps'}};
		expect(told(processWith(jvm, housekeeping))).toBeUndefined();
		expect(told(processWith({}, housekeeping))).toBeDefined();
	});
});
