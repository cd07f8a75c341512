import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import process from 'node:process';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Wait} from '../../source/model/wait.js';
import {createDescriptorNames} from '../../source/observer/descriptor-names.js';
import {createProcessEntry} from '../../source/sampler/task-entry.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

const program = 'descriptor-ends.c';
const missing = missingForZoo(program);

let zoo: ZooProcess | undefined;
let watched: Watched | undefined;
let snapshot: Snapshot;

const waitIn = (from: Snapshot, thread: string): Wait | null | undefined =>
	processIn(from, zoo!.pid)?.threads.find(({name}) => name === thread)?.wait;

const waitOf = (thread: string): Wait => waitIn(snapshot, thread)!;

/** By the pipe that only it and the program have: the program's reader of it names the inode. */
const strangerPid = (): number => {
	const inode = readlinkSync(`/proc/${zoo!.pid}/fd/${waitOf('pipe-reader').fd}`);
	const holds = (pid: string): boolean => {
		try {
			return readdirSync(`/proc/${pid}/fd`).some(
				fd => readlinkSync(`/proc/${pid}/fd/${fd}`) === inode,
			);
		} catch {
			return false;
		}
	};
	return Number(
		readdirSync('/proc').find(pid => /^\d+$/.test(pid) && Number(pid) !== zoo!.pid && holds(pid)),
	);
};

beforeAll(async () => {
	if (missing !== undefined) {
		return;
	}

	zoo = await startZoo(program);
	watched = watchTarget();
	watched.setFocus([zoo.pid]);
	const toFind = [
		'pipe-reader',
		'pipe-writer',
		'own-reader',
		'fifo-reader',
		'connected',
		'poll-one',
	];
	snapshot = await watched.tickUntil(
		each =>
			toFind.every(name => waitIn(each, name)?.peerPids !== undefined) &&
			['not-accepted', 'paired'].every(name => waitIn(each, name)?.target !== undefined) &&
			waitIn(each, 'epolling')?.watches !== undefined &&
			waitIn(each, 'polling')?.target?.endsWith('itself') === true,
		50,
	);
}, 60_000);

afterAll(async () => {
	watched?.close();
	await zoo?.stop();
});

test.skipIf(missing)('the other end of a pipe is found in a process that is no relative', () => {
	const stranger = strangerPid();
	const stat = readFileSync(`/proc/${stranger}/stat`, 'utf8');
	expect(stat).not.toContain(`) S ${zoo!.pid} `);
	expect(waitOf('pipe-reader')).toMatchObject({
		call: 'read',
		target: `pipe from ${stranger} stranger`,
		peerPids: [stranger],
	});
	expect(waitOf('pipe-writer')).toMatchObject({
		call: 'write',
		target: `pipe to ${stranger} stranger`,
		peerPids: [stranger],
	});
});

test.skipIf(missing)('a pipe that only its reader can write to is from itself', () => {
	expect(waitOf('own-reader')).toMatchObject({target: 'pipe from itself', peerPids: [zoo!.pid]});
});

test.skipIf(missing)('a named pipe has its path and its writer', () => {
	const stranger = strangerPid();
	expect(waitOf('fifo-reader').target).toMatch(
		new RegExp(
			`^pipe /tmp/ctop-descriptor-ends-\\w+/fifo \\(deleted\\) from ${stranger} stranger$`,
		),
	);
});

test.skipIf(missing)('a connection within the machine has the process at its far end', () => {
	const stranger = strangerPid();
	expect(waitOf('connected')).toMatchObject({
		call: 'recvfrom',
		target: expect.stringMatching(
			new RegExp(`^socket 127\\.0\\.0\\.1:\\d+ -> 127\\.0\\.0\\.1:\\d+ of ${stranger} stranger$`),
		),
		peerPids: [stranger],
	});
});

test.skipIf(missing)('a connection that nobody has accepted is said to be one', () => {
	const {target, peerPids} = waitOf('not-accepted');
	expect(target).toMatch(/^socket 127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+, not accepted yet$/);
	expect(peerPids).toBeUndefined();
});

test.skipIf(missing)('the peer of a socket pair is not guessed', () => {
	const {target, peerPids} = waitOf('paired');
	expect(target).toBe('socket unix');
	expect(peerPids).toBeUndefined();
});

test.skipIf(missing)('epoll and poll tell how many files of which kind they watch', () => {
	expect(waitOf('epolling').watches).toEqual({
		socket: 12,
		timerfd: 1,
		eventfd: 1,
		'closed since': 1,
	});
	// None of these has a name.
	expect(waitOf('epolling').target).toBeUndefined();
	expect(waitOf('polling').watches).toEqual({socket: 1, pipe: 2});
	const stranger = strangerPid();
	expect(waitOf('polling').target).toBe(
		`socket unix, pipe from ${stranger} stranger, pipe from itself`,
	);
	expect(waitOf('poll-one')).toMatchObject({
		watches: {pipe: 1},
		target: `pipe from ${stranger} stranger`,
		peerPids: [stranger],
	});
});

/** What is told of the reader's pipe when only these processes are known, and those of other users are refused or not. */
const pipeAmong = (pids: readonly number[], isRefused: boolean): string | undefined => {
	const processes = new Map(pids.map(pid => [pid, createProcessEntry(pid)]));
	const names = createDescriptorNames('/proc', processes);
	const name = () => names.nameOf(processes.get(zoo!.pid)!, waitOf('pipe-reader').fd!)?.text;
	expect(name()).toBe('pipe');
	const isRoot = isRefused && process.geteuid!() === 0;
	if (isRoot) {
		process.seteuid!(65_534);
	}

	try {
		// Each time it goes on for some milliseconds, in which a busy machine may do nothing of it.
		for (let round = 0; round < 100; round++) {
			names.proceed();
		}
	} finally {
		if (isRoot) {
			process.seteuid!(0);
		}
	}

	return name();
};

test.skipIf(missing)('an end that nobody has is told from one that may be refused', context => {
	expect(pipeAmong([zoo!.pid], false)).toBe('pipe, other end held by no process');
	const refused = pipeAmong([zoo!.pid, 1], true);
	context.skip(refused === 'pipe, other end held by no process', 'process 1 is open to this user');
	expect(refused).toMatch(/^pipe, other end not seen: (?:1 process|2 processes) refused$/);
});

const runs = (command: string): boolean => {
	try {
		execFileSync(command, ['-v'], {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
};

const noLsof = missing ?? (runs('lsof') ? undefined : 'no lsof here');

test.skipIf(noLsof)('lsof names the same process at the other ends', () => {
	const stranger = strangerPid();
	const {pid} = zoo!;
	for (const name of ['pipe-reader', 'pipe-writer']) {
		const {fd, peerPids} = waitOf(name);
		// With +E it adds to each end of a pipe which process has the other one.
		const text = execFileSync('lsof', ['+E', '-a', '-p', String(pid), '-d', String(fd)], {
			encoding: 'utf8',
		});
		expect(peerPids).toEqual([stranger]);
		expect(text).toMatch(new RegExp(` ${pid} .*FIFO.* ${stranger},strang`));
	}
});

const noSs = missing ?? (runs('ss') ? undefined : 'no ss here');

test.skipIf(noSs)('ss names the same process at the far end of a connection', () => {
	const [, local, remote] = /^socket (\S+) -> (\S+) of /.exec(waitOf('connected').target!)!;
	const text = execFileSync('ss', ['-tnpH', `src ${remote} dst ${local}`], {encoding: 'utf8'});
	const pids = Array.from(text.matchAll(/pid=(\d+)/g), ([, pid]) => Number(pid));
	expect(pids).toEqual(waitOf('connected').peerPids);
});
