import {describe, expect, test} from 'vitest';
import type {Finding} from '../../source/model/finding.js';
import type {Process} from '../../source/model/process.js';
import type {CpuSplit} from '../../source/model/system.js';
import {
	type Crowd,
	forked,
	futex,
	processWith,
	python2,
	python3,
	running,
	timed,
	timedFutex,
	untimed,
	watch,
	withGil,
} from './watched.js';

const gilFinding = (...processes: Process[]): Finding | undefined =>
	watch(processes).findings.find(finding => finding.rule === 'gil-thrash');

/** Eight computing threads of Python 3.11 as they were measured. */
const eight: Crowd = {count: 8, voluntary: 1661, involuntary: 736, cores: 0.93, delayRatio: 0.3};
const image = 'libpython3.11.so.1.0';
const refused = {
	...python3,
	runtime: {name: 'cpython', version: '3.11', source: 'commandLine'},
} as const;

describe('in Python 3', () => {
	test('the title says how many wait, the evidence says where the lock lies', () => {
		const finding = gilFinding(withGil(processWith(python3, eight), 6.4));
		expect(finding).toMatchObject({
			confidence: 'certain',
			title: "GIL thrash: 6 of 8 threads wait for Python's one lock, 1,660 switches a second",
			pid: 1000,
			cost: {switchesPerSecond: 2397, cpuPercent: 93},
		});
		expect(finding?.tids).toHaveLength(8);
		expect(finding?.evidence[0]).toEqual({
			what: 'threads waiting for the lock in libpython3.11.so.1.0, on average',
			value: 6.4,
			unit: 'threads',
			source: '/proc/1000/task/*/syscall',
		});
	});

	test('who keeps the lock is told, in which lines, and where those wait who want it', () => {
		const process = withGil(processWith(python3, eight), 6.4);
		const [keeper, ...others] = process.threads.slice(1);
		const gil = {
			...process.runtime!.gil!,
			holders: [
				{tid: keeper!.tid, percent: 61, frame: 'burn (pyload.py:6)'},
				{tid: others[0]!.tid, percent: 20, frame: 'burn (pyload.py:7)'},
				{tid: others[1]!.tid, percent: 9, frame: 'serve (shop/views.py:40)'},
			],
			freePercent: 10,
		};
		const threads = process.threads.map(thread => ({
			...thread,
			runtimeStack: [
				`${thread === keeper ? 'burn (pyload.py:6)' : 'serve (shop/views.py:40)'}`,
				'Thread.run (python3.11/threading.py:982)',
			],
		}));
		const finding = gilFinding({...process, threads, runtime: {...process.runtime!, gil}});
		const told = finding?.evidence.map(({what, value, unit}) => [what, `${value}${unit}`]);
		expect(told?.slice(1, 5)).toEqual([
			['held most of the time by thread', `${keeper!.tid} (${keeper!.name}), 61 % of looks`],
			['held in, share of looks', 'burn (pyload.py:6) 81 %; serve (shop/views.py:40) 9 %'],
			['nobody has it', '10%'],
			[
				'those who wait for it',
				'7 threads in serve (shop/views.py:40); 1 thread in burn (pyload.py:6)',
			],
		]);
		expect(finding?.evidence[1]?.source).toBe('/proc/1000/mem');
	});

	test('threads that wait for the lock of another interpreter do not poll', () => {
		const wait = {...timedFutex(100, 4.9, 'anonymous'), lockId: 'futex:0x1230'};
		const crowd = {count: 12, voluntary: 2400, cores: 0.05, waits: [wait]};
		const gil = {waiters: 12, waiterTids: [], lockId: 'futex:0x1230', region: 'anonymous'};
		const process = processWith(python3, crowd);
		const findings = (runtime: Process['runtime']) =>
			watch([{...process, ...(runtime && {runtime})}]).findings.map(({rule}) => rule);
		expect(findings(process.runtime)).toContain('idle-polling');
		expect(findings({...process.runtime!, otherGils: [gil]})).not.toContain('idle-polling');
	});

	test('hand-overs that the interpreter counts are a fight of those who compute, not of a crowd that polls', () => {
		const counted = {
			...python3,
			runtime: {
				name: 'cpython',
				version: '3.11',
				source: 'maps',
				gil: {waiters: 0.1, waiterTids: [1002], handOffsPerSecond: 4000, region: image},
			},
		} as const;
		const crowd = {count: 20, voluntary: 4200, involuntary: 300};
		const sleeping = [timed('sleep', 'clock_nanosleep', 5)];
		const computing = [futex(56), running(44)];
		expect(
			gilFinding(processWith(counted, {...crowd, cores: 1.2, waits: computing})),
		).toMatchObject({confidence: 'certain'});
		expect(
			gilFinding(processWith(counted, {...crowd, cores: 0.08, waits: sleeping})),
		).toBeUndefined();
	});

	test('half a waiter is the least that counts', () => {
		expect(gilFinding(withGil(processWith(python3, eight), 0.49))).toBeUndefined();
		expect(gilFinding(withGil(processWith(python3, eight), 0.5))?.severity).toBe('notice');
		expect(gilFinding(withGil(processWith(python3, eight), 2))?.severity).toBe('warning');
		expect(gilFinding(withGil(processWith(python3, eight), 8))?.severity).toBe('critical');
	});

	test('waits seen in the interpreter are enough where nobody summed them up', () => {
		const waits = [timedFutex(80, 4.9, 'libpython3.11.so.1.0'), running(20)];
		expect(gilFinding(processWith(python3, {...eight, waits}))).toMatchObject({
			severity: 'warning',
			confidence: 'certain',
		});
		const elsewhere = [timedFutex(80, 4.9, '[heap]'), running(20)];
		expect(gilFinding(processWith(python3, {...eight, waits: elsewhere}))).toBeUndefined();
	});

	test('where the lock was read and hardly anybody waits for it, rates like those of a fight are of another lock', () => {
		const archiving = processWith(python3, {
			count: 6,
			voluntary: 1702,
			involuntary: 1848,
			cores: 0.6,
			delayRatio: 0.84,
			waits: [running(60), futex(40, '[heap]')],
		});
		const isTold = (process: Process) =>
			watch([process]).findings.some(({rule}) => rule === 'gil-thrash');
		expect(isTold(withGil(archiving, 0.05))).toBe(false);
		expect(isTold(archiving)).toBe(true);
	});

	test('threads that poll are not those who fight but what feeds it: one finding tells both', () => {
		const process = processWith(
			python3,
			{...eight, waits: [timedFutex(80, 5, 'libpython3.11.so.1.0'), running(20)]},
			{count: 20, voluntary: 2000, cores: 0.02, waits: [timed('sleep', 'clock_nanosleep', 10)]},
		);
		const {findings} = watch([withGil(process, 6)]);
		expect(findings.map(({rule, tids}) => [rule, tids.length])).toEqual([['gil-thrash', 28]]);
		expect(findings[0]?.title).toMatch(/: 6 of 8 threads wait .*, fed by 20 pollers, /);
		expect(findings[0]?.evidence).toContainEqual(
			expect.objectContaining({what: expect.stringContaining('that poll'), value: 20}),
		);
	});

	test('where only pollers wait for the lock, polling is the trouble', () => {
		const waits = [timed('sleep', 'clock_nanosleep', 10, 90), timedFutex(10, 5, 'python3.11')];
		const process = processWith(python3, {count: 45, voluntary: 4500, cores: 0.09, waits});
		const {findings} = watch([withGil(process, 1)]);
		expect(findings.map(({rule}) => rule)).toEqual(['idle-polling']);
	});

	test('on a machine without a CPU to spare pollers that queue up at the lock are no fight', () => {
		const waits = [timed('sleep', 'clock_nanosleep', 50, 60), timedFutex(5, 5, 'python3.11')];
		const pollers: Crowd = {count: 43, voluntary: 1000, cores: 0.03, delayRatio: 0.98, waits};
		const late: Crowd = {
			count: 2,
			voluntary: 50,
			cores: 0.001,
			waits: [timedFutex(100, 5, 'python3.11')],
		};
		const {findings} = watch([withGil(processWith(python3, pollers, late), 2)]);
		expect(findings.map(({rule}) => rule)).toEqual(['idle-polling']);
	});

	test('workers with the same trouble are one finding with the numbers of the service', () => {
		const service = {
			name: 'gunicorn',
			workers: 4,
			workersSetting: '-w 4',
			threadsPerWorker: 8,
			threadsSetting: '--threads 8',
		};
		const [master, ...workers] = forked(4, {...python3, service}, eight);
		const finding = gilFinding(master!, ...workers.map(worker => withGil(worker, 6)));
		expect(finding).toMatchObject({
			title:
				"GIL thrash in 4 gunicorn processes: 24 of 32 threads wait for Python's one lock, 6,640 switches a second",
			pids: [2000, 2100, 2200, 2300],
		});
		expect(finding?.fixes[0]).toMatchObject({
			what: 'gunicorn: 2 threads a worker instead of 8 (--threads 8 → --threads 2)',
			command: '--threads 2',
		});
		expect(finding?.evidence.find(({what}) => what.startsWith('CPU used'))?.source).toBe(
			'/proc/PID/task/*/schedstat',
		);
	});

	test('a build without the lock has no such trouble', () => {
		const process = processWith(
			{...refused, runtime: {...refused.runtime, version: '3.13t'}},
			{...eight, wait: null},
		);
		expect(gilFinding(process)).toBeUndefined();
	});
});

describe('in Python 3 of another user', () => {
	const seen = (crowd: Partial<Crowd>, overrides: Partial<Process> = {}) =>
		gilFinding(processWith({...refused, ...overrides}, {...eight, wait: null, ...crowd}));

	test('the rhythm of 200 wakes a second in one CPU is possible, and says how to be surer', () => {
		const finding = seen({});
		expect(finding).toMatchObject({confidence: 'possible', severity: 'warning'});
		expect(finding?.next[0]).toMatchObject({command: 'sudo ctop -p 1000', needs: 'root'});
	});

	test.each([
		['two threads with a rhythm of their own', {count: 2, voluntary: 1200}],
		[
			'two threads that leave the CPU idle',
			{count: 2, voluntary: 400, cores: 0.5, delayRatio: 0.1},
		],
		['another rhythm is another thing', {voluntary: 8 * 100}],
		['so is a faster one', {voluntary: 8 * 320}],
		['timers of 5 ms that do nothing use no CPU', {cores: 0.05, delayRatio: 0}],
		['with more than one CPU the lock is not the limit', {cores: 1.3}],
	])('%s', (_, crowd) => {
		expect(seen(crowd)).toBeUndefined();
	});

	test('without timers that can have woken them it is another lock, to whose rhythm they sleep by chance', () => {
		const told = (voluntary: number, timerInterruptsPerSecond: number) =>
			watch([processWith(refused, {...eight, voluntary, wait: null})], {
				system: {
					cpu: {idlePercent: 50} as CpuSplit,
					wakeSources: {timerInterruptsPerSecond, receivedPacketsPerSecond: 0},
				},
			}).findings.filter(({rule}) => rule === 'gil-thrash').length;
		expect(told(1769, 1385)).toBe(1);
		expect(told(1769, 287)).toBe(0);
	});

	test('two threads that share one CPU evenly, by turns, are possible as well', () => {
		expect(seen({count: 2, voluntary: 400})).toMatchObject({confidence: 'possible'});
	});

	test('timers of 5 ms beside one thread that computes do not fight', () => {
		const timers = {count: 8, voluntary: 1600, cores: 0.02, wait: null};
		const computing = {count: 1, involuntary: 50, cores: 0.9, wait: null};
		expect(gilFinding(processWith(refused, timers, computing))).toBeUndefined();
	});

	test('threads that hand a lock around thousands of times a second fight, a few or slow ones do not', () => {
		const fast = (crowd: Partial<Crowd>) =>
			seen({voluntary: 79_000, involuntary: 30_000, cores: 1.35, delayRatio: 0.52, ...crowd});
		expect(fast({})).toMatchObject({confidence: 'possible'});
		expect(fast({count: 2})).toBeUndefined();
		expect(fast({voluntary: 3000})).toBeUndefined();
	});

	test('the same rhythm counts for nothing where waits were seen, or outside of Python', () => {
		expect(seen({wait: {kind: 'poll', call: 'poll', timed: false}})).toBeUndefined();
		expect(seen({}, {runtime: {name: 'node', source: 'commandLine'}})).toBeUndefined();
		expect(seen({}, {runtime: undefined})).toBeUndefined();
	});
});

describe('in Python 2.7', () => {
	const fight: Crowd = {
		count: 45,
		voluntary: 187_125,
		involuntary: 20_532,
		cores: 1.74,
		delayRatio: 0.96,
		waits: [running(96), futex(4)],
	};
	const seen = (crowd: Partial<Crowd> = {}) =>
		gilFinding(processWith(python2, {...fight, ...crowd}));

	test('threads that all want the CPU and hand one lock around are told with how often they do', () => {
		expect(seen()).toMatchObject({
			severity: 'critical',
			confidence: 'likely',
			title: 'GIL thrash: 45 threads hand one lock around 187,000 times a second',
		});
		expect(seen()?.fixes.map(fix => fix.command)).toContain('sys.setcheckinterval(10000)');
	});

	test('a semaphore that was seen is evidence, and gives the place', () => {
		const process = processWith(python2, fight);
		const gil = {waiters: 1.9, waiterTids: [1001, 1002], region: '[heap]'};
		const finding = gilFinding({...process, runtime: {...python2.runtime, gil}});
		expect(finding?.evidence).toContainEqual({
			what: 'threads seen asleep at one semaphore in [heap], on average',
			value: 1.9,
			unit: 'threads',
			source: '/proc/1000/task/*/syscall',
		});
		const ofIdlePool = {...gil, waiters: 60, waiterTids: [1000]};
		const other = gilFinding({...process, runtime: {...python2.runtime, gil: ofIdlePool}});
		expect(other?.evidence.some(({what}) => what.includes('semaphore'))).toBe(false);
	});

	test('refused waits leave it possible', () => {
		expect(seen({waits: undefined, wait: null})?.confidence).toBe('possible');
	});

	test('threads that all run when they are looked at hide nothing but that', () => {
		const {waits: _, ...bare} = fight;
		const runtime = {name: 'cpython', version: '2.7', source: 'commandLine'};
		const crowd = {...bare, wait: {kind: 'running'}} as const;
		expect(gilFinding(processWith({...python2, runtime}, crowd))?.confidence).toBe('possible');
		expect(gilFinding(processWith(python2, crowd))?.confidence).toBe('likely');
	});

	test.each([
		[
			'a throttled process has long time slices',
			{count: 4, voluntary: 2000, involuntary: 0, cores: 1, delayRatio: 0.8},
		],
		['threads that do not switch of themselves compute', {voluntary: 100}],
		['sockets are another wait', {waits: [running(60), untimed('socket', 'recvfrom', 40)]}],
		['threads that sleep most of the time do not fight', {delayRatio: 0, cores: 0.9}],
	])('%s', (_, crowd) => {
		expect(seen(crowd)).toBeUndefined();
	});

	test('two that fight are enough, one is not', () => {
		const two = {voluntary: 43_122, involuntary: 197, cores: 1.07, delayRatio: 0.17};
		expect(seen({...two, count: 2})).toBeDefined();
		expect(seen({...two, count: 1})).toBeUndefined();
	});
});

describe('in PyPy', () => {
	test('no interval and no py-spy is advised, which do nothing there', () => {
		const process = withGil(
			processWith({...python3, runtime: {name: 'pypy', version: '3.9', source: 'maps'}}, eight),
			6.4,
		);
		const finding = gilFinding({
			...process,
			runtime: {...process.runtime!, name: 'pypy', version: '3.9'},
		});
		const advice = JSON.stringify([finding?.fixes, finding?.next]);
		expect(advice).toContain('cffi');
		expect(advice).toContain('faulthandler');
		expect(advice).not.toMatch(/switchinterval|py-spy|free-threaded/);
	});
});
