import {spawn} from 'node:child_process';
import {connect, createServer, type Socket} from 'node:net';
import {afterEach, expect, test} from 'vitest';
import type {Snapshot} from '../../source/model/snapshot.js';
import {mayHaveLock} from '../../source/observer/lock-sharers.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let zoo: ZooProcess | undefined;
let watched: Watched | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await zoo?.stop();
	zoo = undefined;
});

const targetOf = (snapshot: Snapshot, pid: number, thread: string): string | undefined =>
	processIn(snapshot, pid)?.threads.find(({name}) => name === thread)?.wait?.target;

const missing = missingForZoo('blocked-calls.c');
const expected = {
	join: /^thread \d+ relative-sleep$/,
	// The child that was forked from another thread may have both of its ends too, or begin before it.
	'pipe-empty': /^pipe from (?:\d+ \S+, )?itself$/,
	accept: /^socket unix listens on @\w+$/,
	receive: /^socket unix$/,
	flock: /^\/tmp\/ctop-blocked-calls-\w+ \(deleted\)$/,
} as const;

test.skipIf(missing)('threads in focus show what they wait on, others nothing', async () => {
	zoo = await startZoo('blocked-calls.c');
	const {pid} = zoo;
	watched = watchTarget();
	// A lock on a file is of interest to all who wait for it, wherever they are.
	const bare = await watched.tickUntil(each => targetOf(each, pid, 'flock') !== undefined);
	for (const name of Object.keys(expected).filter(each => each !== 'flock')) {
		expect(targetOf(bare, pid, name)).toBeUndefined();
	}

	watched.setFocus([pid]);
	const snapshot = await watched.tickUntil(
		each =>
			Object.entries(expected).every(([name, pattern]) =>
				pattern.test(targetOf(each, pid, name) ?? ''),
			),
		50,
	);
	// A sleep waits on nothing that has a name.
	expect(targetOf(snapshot, pid, 'relative-sleep')).toBeUndefined();
});

test.skipIf(missing)('a lock on a file has its holder, its waiters and its path', async () => {
	zoo = await startZoo('blocked-calls.c');
	const {pid} = zoo;
	watched = watchTarget();
	const snapshot = await watched.tickUntil(
		// The kernel tells of it before the thread was looked at, where another one waits for a file, too.
		({fileLocks}) =>
			fileLocks?.some(({holderPid, path}) => holderPid === pid && path !== undefined) === true,
		50,
	);
	expect(snapshot.fileLocks!.find(({holderPid}) => holderPid === pid)).toEqual({
		kind: 'FLOCK',
		access: 'write',
		file: expect.stringMatching(/^[\da-f]+:[\da-f]+:\d+$/),
		path: expect.stringMatching(/^\/tmp\/ctop-blocked-calls-\w+ \(deleted\)$/),
		holderPid: pid,
		holderName: 'blocked-calls',
		waiterPids: [pid],
		range: '0-EOF',
	});
});

const fileLocksProgram = 'file-locks.c';

test.skipIf(missingForZoo(fileLocksProgram))(
	'a lock whose taker has ended is that of the process which shares its open file',
	async () => {
		zoo = await startZoo(fileLocksProgram, ['shared']);
		const {pid} = zoo;
		watched = watchTarget();
		const ofFirst = ({fileLocks = []}: Snapshot) =>
			fileLocks.find(({path}) => path?.includes('/ctop-file-locks-first-'));
		const snapshot = await watched.tickUntil(each => {
			watched!.look();
			return ofFirst(each)?.holderPid !== undefined;
		}, 50);
		expect(ofFirst(snapshot)).toMatchObject({
			kind: 'FLOCK',
			holderPid: pid,
			holderName: 'file-locks',
		});
		const {file, waiterPids} = ofFirst(snapshot)!;
		expect(waiterPids).toHaveLength(4);
		// By that a process is told from another one that has got the pid of the taker.
		expect(mayHaveLock(`/proc/${pid}`, file)).toBe(true);
		expect(mayHaveLock(`/proc/${waiterPids[0]}`, file)).toBe(false);
		expect(mayHaveLock('/proc/0', file)).toBe(true);
	},
);

test.skipIf(missingForZoo(fileLocksProgram))(
	'all who wait for a lock on a file are told, also one behind the other, and each its own file',
	async () => {
		zoo = await startZoo(fileLocksProgram);
		const {pid} = zoo;
		watched = watchTarget();
		const waitersIn = ({processes}: Snapshot) =>
			processes
				.filter(({parentPid}) => parentPid === pid)
				.flatMap(({threads}) => threads)
				.filter(({wait}) => wait?.kind === 'file-lock');
		const snapshot = await watched.tickUntil(each => {
			const waiters = waitersIn(each);
			return waiters.length === 5 && waiters.every(({wait}) => wait?.holderPid !== undefined);
		}, 50);
		for (const {name, wait} of waitersIn(snapshot)) {
			expect(wait).toMatchObject({
				call: 'flock',
				holderPid: pid,
				target: expect.stringMatching(
					name === 'wants-second' ? /file-locks-second-/ : /file-locks-first-/,
				),
			});
		}

		const locks = snapshot.fileLocks!.filter(({holderPid}) => holderPid === pid);
		expect(
			locks
				.map(({path, waiterPids}) => [/-(first|second)-/.exec(path!)?.[1], waiterPids.length])
				.sort(),
		).toEqual([
			['first', 4],
			['second', 1],
		]);
	},
);

test('a socket shows both its ends', async context => {
	const accepted: Socket[] = [];
	const server = createServer(socket => accepted.push(socket));
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	const {port} = server.address() as {port: number};
	// It reads from the connection that it was given as its standard input.
	const client = connect(port, '127.0.0.1');
	await new Promise(resolve => client.once('connect', resolve));
	const local = client.localPort!;
	const child = spawn('cat', [], {stdio: [client, 'ignore', 'ignore']});
	try {
		child.once('error', () => context.skip(true, 'no cat here'));
		watched = watchTarget();
		watched.setFocus([child.pid!]);
		const snapshot = await watched.tickUntil(
			each => processIn(each, child.pid!)?.threads[0]?.wait?.target !== undefined,
			50,
		);
		expect(processIn(snapshot, child.pid!)!.threads[0]!.wait).toMatchObject({
			call: 'read',
			fd: 0,
			target: `socket 127.0.0.1:${local} -> 127.0.0.1:${port}`,
		});
	} finally {
		const ended = new Promise(resolve => child.once('exit', resolve));
		child.kill('SIGKILL');
		await ended;
		client.destroy();
		for (const socket of accepted) {
			socket.destroy();
		}

		server.close();
	}
});
