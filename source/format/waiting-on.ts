import type {Lock} from '../model/lock.js';
import type {Process} from '../model/process.js';
import type {Thread} from '../model/thread.js';
import type {Wait, WaitKind} from '../model/wait.js';
import {formatMilliseconds} from './duration.js';
import {absentMark, refusedMark} from './number.js';
import {printable} from './printable.js';
import {dominantWait} from './wait-words.js';
import {watchesCount, watchesText} from './watches.js';

const words: Readonly<Partial<Record<WaitKind, string>>> = {
	'file-lock': 'file lock',
	'kernel-lock': 'kernel lock',
	'page-fault': 'page fault',
	join: 'end of a thread',
};

const wordOf = (kind: WaitKind): string => words[kind] ?? kind;

/** The runtime as its program is called: `python3.11`, `ruby 3.1`; undefined where none was recognised. */
export const runtimeWord = ({runtime}: Process): string | undefined => {
	if (runtime === undefined) {
		return undefined;
	}

	const {name, version = ''} = runtime;
	return printable(
		name === 'cpython' ? `python${version}` : `${name}${version === '' ? '' : ` ${version}`}`,
	);
};

/** A lock's own symbol is enough where it lies in the program itself: `queue_mu` for `server!queue_mu`. */
const shortName = ({name}: Lock, process: Process): string => {
	const [file, ...symbol] = name.split('!');
	return symbol.length > 0 && file === process.name ? symbol.join('!') : name;
};

/** `GIL of python3.11`, `mutex queue_mu`: kind and name of a lock, safe to print. */
export const lockTitle = (process: Process, lock: Lock): string => {
	if (lock.kind === 'gil') {
		const runtime = runtimeWord(process);
		return runtime === undefined ? 'GIL' : `GIL of ${runtime}`;
	}

	return printable(`${lock.kind} ${shortName(lock, process)}`);
};

const locksById = new WeakMap<readonly Lock[], ReadonlyMap<string, Lock>>();

/** A process's lock by its id; undefined for one that isn't known. */
export const lockById = (
	{locks}: Pick<Process, 'locks'>,
	id: string | undefined,
): Lock | undefined => {
	if (locks === undefined || id === undefined) {
		return undefined;
	}

	const byId = locksById.get(locks) ?? new Map(locks.map(lock => [lock.id, lock]));
	locksById.set(locks, byId);
	return byId.get(id);
};

/**
Who has the lock. A thread that was seen to wait for it and has it now says nothing of the kind, unless it waits for
it at this moment: then it waits for itself.
*/
const holderText = ({holderTid, id}: Lock, thread: Thread | undefined): string => {
	if (holderTid === null) {
		return ', holder refused';
	}

	if (holderTid === undefined) {
		return '';
	}

	if (thread?.tid === holderTid) {
		return thread.wait?.lockId === id ? ', held by itself' : '';
	}

	return `, held by ${holderTid}`;
};

/** Of a file with a long path only what it is called. */
const longestPath = 30;

const shortPath = (path: string): string =>
	path.length <= longestPath ? path : path.replace(/ \(deleted\)$/, '').replace(/^.*\//s, '.../');

/**
`socket -> 812 redis-server, 127.0.0.1:6379`: of a connection its far end, which is who must answer; what tells most comes first, as the
rest may have no room.
*/
const shortTarget = (target: string): string =>
	printable(
		target
			.replace(/^socket (?:udp )?\S+ -> (\S+), (not accepted yet)$/, 'socket, $2 -> $1')
			.replace(/^socket (?:udp )?\S+ -> (\S+) of (.*)$/s, 'socket -> $2, $1')
			.replace(/^socket (?:udp )?\S+ -> /, 'socket -> ')
			.replace(
				/^pipe (\/.*?)( (?:from|to|with) \d.*)?$/s,
				(_, path: string, who = '') => `pipe ${shortPath(path)}${who}`,
			),
	);

/** `file lock held by 4711: /run/app.lock`: the holder must not be lost behind a path. */
const fileLockText = ({target, holderPid}: Wait, process: Process): string => {
	const path = target === undefined ? undefined : printable(shortPath(target));
	if (holderPid === undefined) {
		return path === undefined ? 'file lock' : `file lock of ${path}`;
	}

	const holder = holderPid === process.pid ? 'its own process' : holderPid;
	return `file lock held by ${holder}${path === undefined ? '' : `: ${path}`}`;
};

/** Shares of the looks don't carry what a descriptor is; the wait at this moment does, where it is the same one. */
export const withTarget = (wait: Wait, thread: Thread | undefined): Wait => {
	const now = thread?.wait;
	const isSame = now?.kind === wait.kind && now.call === wait.call && now.fd === wait.fd;
	return wait.target === undefined && isSame ? now : wait;
};

/** What a wait has in common with alike ones of other threads: a lock on a file does with those for the same file. */
export const withoutTarget = ({target, watches: _, holderPid, ...rest}: Wait): Wait =>
	rest.kind === 'file-lock'
		? {...rest, ...(target !== undefined && {target}), ...(holderPid !== undefined && {holderPid})}
		: rest;

const limitText = ({timeoutMilliseconds}: Wait): string =>
	timeoutMilliseconds === undefined ? '' : ` ${formatMilliseconds(timeoutMilliseconds)}`;

/** What is waited for as a sign, not to keep others out: with a time limit it is a way to look again and again. */
const signKinds: ReadonlySet<string> = new Set(['condition', 'semaphore', 'park']);

const lockLimitText = (wait: Wait, {kind}: Lock): string =>
	signKinds.has(kind) ? limitText(wait) : '';

const otherText = (wait: Wait, thread: Thread | undefined): string =>
	printable(wait.call ?? (thread?.waitChannel || 'sleeping')) + limitText(wait);

const futexText = (wait: Wait): string => {
	const place = wait.region === undefined ? '' : ` in ${printable(wait.region)}`;
	return wordOf(wait.kind) + (wait.timeoutMilliseconds === undefined ? place : limitText(wait));
};

const descriptorText = (process: Process, wait: Wait, thread: Thread | undefined): string => {
	const full = withTarget(wait, thread);
	const {target, watches} = full;
	if (wait.kind === 'file-lock') {
		return fileLockText(full, process);
	}

	if (watches !== undefined && watchesCount(watches) > 1) {
		return `${wait.kind}${limitText(wait)} of ${watchesText(watches)}`;
	}

	if (target === undefined) {
		return wordOf(wait.kind) + limitText(wait);
	}

	const short = shortTarget(target);
	switch (wait.kind) {
		case 'poll':
		case 'epoll':
			return `${wait.kind}${limitText(wait)}, ${short}`;
		case 'join':
			return `end of ${short}`;
		case 'child':
			return short;
		default:
			return short.startsWith(wait.kind) ? short : `${wordOf(wait.kind)} ${short}`;
	}
};

/** Running is what the kernel says both of a thread on a CPU and of one that wants a CPU; the rates say which it mostly did. */
export const runningText = (thread: Thread | undefined): string =>
	(thread?.runQueueWaitPercent ?? 0) > (thread?.cpuPercent ?? 0) ? 'a CPU' : 'running';

/**
One wait as a person says it: `GIL of python3.11, held by 18515`, `poll 50 ms`, `disk`, `pipe from 812 nginx`. Safe to print.
`thread` is the one that waits, where it is one.
*/
export const waitText = (process: Process, wait: Wait, thread?: Thread): string => {
	const lock = lockById(process, wait.lockId);
	if (lock !== undefined) {
		return lockTitle(process, lock) + holderText(lock, thread) + lockLimitText(wait, lock);
	}

	switch (wait.kind) {
		case 'running':
			return runningText(thread);
		case 'futex':
		case 'lock':
			return futexText(wait);
		case 'other':
			return otherText(wait, thread);
		default:
			return descriptorText(process, wait, thread);
	}
};

/** What a thread waits on; `?` where the kernel refused to say, `-` where it wasn't read. */
export const threadWaitingOn = (process: Process, thread: Thread): string => {
	const wait = dominantWait(thread);
	if (wait !== undefined) {
		return waitText(process, wait, thread);
	}

	if (thread.state === 'R') {
		return runningText(thread);
	}

	return thread.wait === null ? refusedMark : absentMark;
};
