import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {createExchangeLoops} from '../../source/observer/exchange-loops.js';
import {
	createProcessEntry,
	createThreadEntry,
	type ThreadEntry,
} from '../../source/sampler/task-entry.js';

let procRoot = '';

beforeEach(() => {
	procRoot = mkdtempSync(path.join(tmpdir(), 'ctop-exchange-loops-'));
});

afterEach(() => {
	rmSync(procRoot, {recursive: true, force: true});
});

const watched = (fds: readonly number[]): string =>
	fds.map(fd => `tfd: ${fd} events: 19 data: ${fd} pos:0 ino:${fd} sdev:${fd}\n`).join('');

/** A process whose descriptor 5 is an epoll instance. */
const makeLoop = (pid: number, voluntarySwitchesPerSecond: number): ThreadEntry => {
	mkdirSync(path.join(procRoot, `${pid}`, 'fd'), {recursive: true});
	mkdirSync(path.join(procRoot, `${pid}`, 'fdinfo'));
	symlinkSync('socket:[7]', path.join(procRoot, `${pid}`, 'fd', '7'));
	symlinkSync('anon_inode:[eventfd]', path.join(procRoot, `${pid}`, 'fd', '8'));
	writeFileSync(path.join(procRoot, `${pid}`, 'fdinfo', '5'), watched([7, 8]));
	const entry = createThreadEntry(createProcessEntry(pid), pid);
	entry.voluntarySwitchesPerSecond = voluntarySwitchesPerSecond;
	return entry;
};

const waits = (fd = 5) =>
	[
		{kind: 'running', percent: 60},
		{kind: 'epoll', call: 'epoll_wait', fd, percent: 40},
	] as const;

const watchesOf = ({waits: shares}: ThreadEntry) => shares?.find(({watches}) => watches)?.watches;

test('what an event loop watches that wakes thousands of times a second is counted, of others it is not asked', () => {
	const busy = makeLoop(10, 20_000);
	const quiet = makeLoop(11, 20);
	busy.waits = waits();
	quiet.waits = waits();
	createExchangeLoops(procRoot).update([busy, quiet]);
	expect(watchesOf(busy)).toEqual({socket: 1, eventfd: 1});
	expect(busy.dirty).toBe(true);
	expect(watchesOf(quiet)).toBeUndefined();
});

test('it is read once in some seconds, and told each time', () => {
	const entry = makeLoop(10, 20_000);
	const loops = createExchangeLoops(procRoot);
	entry.waits = waits();
	loops.update([entry]);
	rmSync(path.join(procRoot, '10'), {recursive: true});
	entry.waits = waits();
	loops.update([entry]);
	expect(watchesOf(entry)).toEqual({socket: 1, eventfd: 1});
});

test('of an epoll instance that is gone or refused nothing is told', () => {
	const entry = makeLoop(10, 20_000);
	entry.waits = waits(6);
	createExchangeLoops(procRoot).update([entry]);
	expect(watchesOf(entry)).toBeUndefined();
});
