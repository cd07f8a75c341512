import {describe, expect, test} from 'vitest';
import {formatDetail} from '../../../source/format/detail/detail.js';
import type {DetailSubject} from '../../../source/format/detail/subject.js';
import {displayWidth} from '../../../source/format/text-width.js';
import type {Lock} from '../../../source/model/lock.js';
import type {Process} from '../../../source/model/process.js';
import type {Snapshot} from '../../../source/model/snapshot.js';
import type {Thread} from '../../../source/model/thread.js';
import {makeIncident} from '../../helpers/incident.js';
import {makeFinding, makeProcess, makeSnapshot, makeThread} from '../../helpers/snapshot.js';

const subject = (tids: readonly number[] = [], pid = 100): DetailSubject => ({
	pid,
	startTimeTicks: 1000,
	tids,
});

type Shown = {
	tids?: readonly number[];
	width?: number;
	moments?: readonly Snapshot[];
	saved?: boolean;
};

const textOf = (
	snapshot: Snapshot,
	{tids, width = 100, moments = [], saved = false}: Shown = {},
): string => {
	const {title, columns} = formatDetail(
		{subject: subject(tids), snapshot, moments},
		{width, ascii: false, saved},
	);
	return [title, ...columns.flat().map(({text}) => text)].join('\n');
};

const withProcess = (process: Partial<Process>, snapshot: Partial<Snapshot> = {}): Snapshot =>
	makeSnapshot({processes: [makeProcess({pid: 100, name: 'server', ...process})], ...snapshot});

const lock: Lock = {
	id: 'futex:0x10',
	kind: 'mutex',
	variant: 'recursive',
	name: 'server!queue_mu',
	holderTid: 101,
	holders: [
		{tid: 101, percent: 80},
		{tid: 102, percent: 12},
	],
	heldWhile: [
		{what: 'clock_nanosleep', percent: 90},
		{what: 'running', percent: 10},
	],
	wantedIn: 'Account::transfer+0x42',
	waiterTids: [102, 103],
	waitersAverage: 1.8,
	contendedPercent: 97,
	confidence: 'certain',
};

const waiting = (tid: number, change: Partial<Thread> = {}): Thread =>
	makeThread({
		tid,
		name: 'teller-1',
		wait: {kind: 'lock', call: 'futex', lockId: lock.id, futexAddress: '0x10'},
		stack: ['__lll_lock_wait+0x2d', 'Account::transfer+0x42', 'main+0x1'],
		...change,
	});

const bank = withProcess({
	threads: [
		makeThread({tid: 100}),
		makeThread({
			tid: 101,
			name: 'owner',
			wait: {kind: 'sleep', call: 'clock_nanosleep', timed: true, timeoutMilliseconds: 20},
			stack: ['clock_nanosleep+0x41', 'work+0x10'],
		}),
		waiting(102, {voluntarySwitchesPerSecond: 400}),
		waiting(103, {voluntarySwitchesPerSecond: 380}),
	],
	locks: [lock],
});

describe('the head', () => {
	const text = textOf(
		withProcess({
			commandLine: ['/usr/bin/python3', '/srv/shop/bin/gunicorn', ...'x'.repeat(90).split('')],
			cgroup: '/system.slice/shop.service',
			cpuQuotaPercent: 150,
			runtime: {
				name: 'cpython',
				version: '3.11',
				source: 'maps',
				hint: 'ask py-spy',
				gil: {holderTid: 100, waiters: 3, waiterTids: [], handOffsPerSecond: 120, region: 'x'},
			},
			service: {name: 'gunicorn', role: 'worker', workers: 40, workersSetting: '-w 40'},
		}),
	);

	test('has the whole command line, in lines', () => {
		expect(text).toMatch(/command {4}\/usr\/bin\/python3 \/srv\/shop\/bin\/gunicorn/);
		expect(text.match(/\bx\b/g)).toHaveLength(90);
	});

	test.each([
		/user +root \(0\)/,
		/started +\d+h\d\dm ago, 2026-01-01T00:00:10/,
		/cgroup +\/system.slice\/shop.service/,
		/CPUs +quota of 150 %/,
		/service +gunicorn worker, 40 workers \(-w 40\)/,
		/runtime +python3\.11, recognised by its maps/,
		/GIL +held by 100/,
		/hint +ask py-spy/,
	])('has %s', pattern => {
		expect(text).toMatch(pattern);
	});
});

test('a lock has its holder with what that does, its waiters, where it is wanted and how sure that is', () => {
	const text = textOf(bank);
	expect(text).toContain('mutex queue_mu (recursive, certain by what was read, futex:0x10)');
	expect(text).toMatch(
		/holder +101 {owner}, which waits on: sleep 20 ms, in clock_nanosleep\+0x41/,
	);
	expect(text).toMatch(/held by +101 80 %, 102 12 %/);
	expect(text).toMatch(/meanwhile +90 % clock_nanosleep, 10 % running/);
	expect(text).toMatch(/waiters +1\.8 on average, somebody in 97 % of the looks: 102 103/);
	expect(text).toMatch(/wanted in +Account::transfer\+0x42/);
});

test('a holder that waited for the lock until just now runs', () => {
	const moved = withProcess({
		threads: [makeThread({tid: 100}), waiting(101, {cpuPercent: 90}), waiting(102)],
		locks: [lock],
	});
	expect(textOf(moved)).toMatch(/holder +101 {teller-1}, which runs/);
});

test('an owner that is not recorded, refused or nobody is said in words', () => {
	const {holderTid: _, ...nobody} = lock;
	const holder = (change: Partial<Lock>): string =>
		/holder +(.*)/.exec(textOf(withProcess({locks: [{...nobody, ...change}]})))![1]!;
	expect(holder({holderNote: 'owner not recorded by this kind of lock'})).toBe(
		'owner not recorded by this kind of lock',
	);
	expect(holder({holderTid: null})).toBe('refused by the kernel');
	expect(holder({})).toBe('nobody at the moment of reading');
});

test('threads are counted by what they wait on, with their rates together', () => {
	expect(textOf(bank)).toMatch(/ 2 {4}780 .* mutex queue_mu +\{teller-#\}/);
	expect(textOf(bank)).toMatch(/ 1 .* sleep 20 ms +\{owner\}/);
});

test('equal stacks stand once, the crowd before the one', () => {
	const text = textOf(bank);
	expect(text).toContain('2 threads | mutex queue_mu | {teller-1}: 102 103');
	expect(text.match(/Account::transfer\+0x42$/gm)).toHaveLength(2);
	expect(text.indexOf('2 threads | mutex')).toBeLessThan(
		text.indexOf('101 {owner}', text.indexOf('Stacks')),
	);
});

test("the runtime's frames stand before the native ones", () => {
	const text = textOf(
		withProcess({
			threads: [
				makeThread({tid: 100, runtimeStack: ['_poll (producer.py:312)'], stack: ['poll+1']}),
			],
		}),
	);
	expect(text).toMatch(/_poll \(producer\.py:312\)\n +poll\+1/);
});

test('a thread whose native stack was not read stands with those in the same frames and wait', () => {
	const runtimeStack = ['_poll (producer.py:312)'];
	const wait = {kind: 'sleep', call: 'clock_nanosleep', timed: true} as const;
	const text = textOf(
		withProcess({
			threads: [
				makeThread({tid: 100, wait, runtimeStack}),
				makeThread({tid: 101, wait, runtimeStack, stack: ['clock_nanosleep+0x1']}),
				makeThread({tid: 102, wait: {kind: 'disk'}, runtimeStack}),
			],
		}),
	);
	expect(text).toMatch(/2 threads \| sleep.*100 101\n +_poll.*\n +clock_nanosleep/);
	expect(text).toMatch(/102 .* \| disk\n +_poll/);
});

test('threads without a stack have a reason: what the runtime says, else what they do', () => {
	const note = 'running Java code: no frame recorded';
	const running = {state: 'R', wait: {kind: 'running'}} as const;
	const text = textOf(
		withProcess({
			threads: [
				makeThread({tid: 100, ...running}),
				makeThread({tid: 101, ...running, runtimeStackNote: note}),
				makeThread({tid: 102, ...running, runtimeStackNote: note}),
			],
		}),
	);
	expect(text.replaceAll(/\s+/g, ' ')).toContain(
		`2 ${note}; 1 ran: only those that sleep have a stack to read`,
	);
});

test('descriptors that are waited on have their far ends', () => {
	const target = 'socket 127.0.0.1:40 -> 127.0.0.1:6379';
	const wait = {kind: 'socket', call: 'recvfrom', fd: 5, target} as const;
	const text = textOf(
		withProcess({threads: [makeThread({tid: 100, wait}), makeThread({tid: 101, wait})]}),
	);
	expect(text).toContain(`fd 5: ${target} (recvfrom): 2 threads, 100 101`);
});

test('what an epoll watches is counted by kind, and the first of it named', () => {
	const wait = {
		kind: 'epoll',
		call: 'epoll_wait',
		fd: 5,
		target: 'socket listens on *:80, eventfd, socket and 11 more',
		watches: {eventfd: 1, socket: 12, 'closed since': 1},
	} as const;
	expect(textOf(withProcess({threads: [makeThread({tid: 100, wait})]}))).toMatch(
		/fd 5: epoll of 12 sockets, 1 closed since, 1 eventfd: socket listens on \*:80, eventfd, socket and\s+11 more \(epoll_wait\): 100/,
	);
});

test('of files without names of their own the number is all', () => {
	const wait = {kind: 'poll', call: 'poll', watches: {socket: 2, pipe: 1}} as const;
	expect(textOf(withProcess({threads: [makeThread({tid: 100, wait})]}))).toContain(
		'  poll of 2 sockets, 1 pipe (poll): 100',
	);
});

test('the peer of a Unix socket is said not to be told', () => {
	const targetOf = (target: string): string => {
		const wait = {kind: 'socket', call: 'recvfrom', fd: 5, target} as const;
		return textOf(withProcess({threads: [makeThread({tid: 100, wait})]}));
	};
	expect(targetOf('socket unix /run/a')).toContain('unix /run/a, whose peer /proc does not tell (');
	expect(targetOf('socket unix listens on /run/a')).toContain('listens on /run/a (recvfrom)');
});

test('a chosen thread comes first, with its own wait, rates and stack', () => {
	const text = textOf(bank, {tids: [101]});
	const lines = text.split('\n');
	expect(lines[0]).toBe('thread 101 {owner} of 100 server  Ssl  4 threads');
	expect(lines[1]).toBe('Thread 101');
	expect(text).toMatch(/now +sleep 20 ms \(clock_nanosleep at most 20 ms\), state S/);
	expect(text.indexOf('Its stack')).toBeLessThan(text.indexOf('\nProcess'));
	expect(textOf(bank, {tids: [999]})).toContain('it has ended');
});

test('chosen threads of a group have a line each', () => {
	expect(textOf(bank, {tids: [102, 103]})).toMatch(
		/The 2 threads chosen\n +102 +400 .*mutex queue_mu, held by 101 {2}{teller-1}\n +103 +380/,
	);
});

describe('rates', () => {
	const at = (observedSeconds: number, rate: number): Snapshot =>
		withProcess(
			{threads: [makeThread({tid: 100, voluntarySwitchesPerSecond: rate})]},
			{observedSeconds},
		);

	test('of the last minute are bars, with what they are now and were', () => {
		const moments = [at(1, 0), at(2, 50), at(3, 100)];
		const text = textOf(at(3, 100), {moments});
		expect(text).toContain('Rates of the last 2s');
		expect(text).toMatch(/switches\/s {2}▁▅█ {2}100 now, 0 to 100/);
	});

	test('of another process with the same pid are not taken for its own', () => {
		const other = withProcess({startTimeTicks: 5}, {observedSeconds: 2});
		expect(textOf(at(3, 100), {moments: [other, at(3, 100)]})).toMatch(
			/switches\/s {3}█ {2}100 now/,
		);
	});

	test('of a saved moment come from the history that it holds', () => {
		const saved: Snapshot = {
			...at(3, 100),
			history: {
				secondsBefore: [2, 1],
				system: {},
				processes: [
					{
						pid: 100,
						startTimeTicks: 1000,
						name: 'server',
						firstSample: 0,
						voluntarySwitchesPerSecond: [200, 50],
					},
				],
				endedFindings: [],
			},
		};
		expect(textOf(saved)).toMatch(/switches\/s {2}█▃▅ {2}100 now, 50 to 200/);
		expect(textOf(at(3, 100))).toContain('nothing is kept of the time before this moment');
	});
});

describe('what was not seen', () => {
	const observer = (userId: number): Process => makeProcess({pid: 4242, userId, name: 'ctop'});
	const refused = (thread: Partial<Thread>, userId = 33): string =>
		textOf(
			makeSnapshot({
				processes: [
					makeProcess({
						pid: 100,
						user: 'www',
						userId,
						threads: [makeThread({tid: 100, ...thread})],
					}),
					observer(1000),
				],
			}),
			{width: 400},
		);

	test('of another user names the level and the step up', () => {
		const text = refused({wait: null, waitChannel: null});
		expect(text).toContain('states and rates alone');
		expect(text).toContain('CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; or run it as www');
		expect(text).toContain('not known: the kernel refused what its threads wait for');
		expect(text).toContain('no stack of 1 threads: the kernel refused their memory');
	});

	test('of root names only what helps', () => {
		const text = refused({wait: null, waitChannel: null}, 0);
		expect(text).toContain('CAP_DAC_READ_SEARCH');
		expect(text).not.toContain('or run it as');
	});

	test('of the same user may be for Yama', () => {
		expect(refused({wait: {kind: 'poll'}, waitChannel: 'poll_schedule_timeout'}, 1000)).toContain(
			'kernel.yama.ptrace_scope=0',
		);
	});

	test('is nothing where system calls were read', () => {
		const text = refused({wait: {kind: 'poll', call: 'poll'}});
		expect(text).not.toContain('to see all');
		expect(text).toContain('none that a thread of it was seen to wait for');
	});
});

test('of many findings the first stand there, and how many more there are', () => {
	const findings = Array.from({length: 12}, () => makeFinding({pid: 100, title: 'Stuck'}));
	const text = textOf(withProcess({}, {findings}));
	expect(text.match(/WARNING Stuck \(\d explains\)/g)).toHaveLength(4);
	expect(text).toContain('and 8 more findings (e shows all)');
});

test('a saved moment says what it does not hold', () => {
	expect(textOf(bank, {saved: true})).toContain('cannot be read any more');
	expect(textOf(bank)).not.toContain('saved moment');
});

test('a process that has ended is shown as it was, or said not to be there', () => {
	const gone = makeSnapshot({observedSeconds: 50});
	expect(textOf(gone, {moments: [{...bank, observedSeconds: 49}]})).toMatch(
		/^100 server .* has ended; as it was at 12:00:41Z/,
	);
	expect(textOf(gone)).toContain('is not in the moment that is shown');
});

test('no line is wider than the terminal, nothing is unsafe to print, whatever the process is called', () => {
	for (const width of [40, 80, 120, 200]) {
		for (const {pid, startTimeTicks, threads} of makeIncident().processes) {
			const {columns, columnWidth} = formatDetail(
				{
					subject: {pid, startTimeTicks, tids: threads.slice(0, 2).map(({tid}) => tid)},
					snapshot: makeIncident(),
					moments: [],
				},
				{width, ascii: true, saved: true},
			);
			expect(columns).toHaveLength(width === 200 ? 2 : 1);
			for (const {text} of columns.flat()) {
				expect(displayWidth(text)).toBeLessThanOrEqual(columnWidth);
				expect(text).not.toMatch(/\p{Cc}/u);
			}
		}
	}
});
