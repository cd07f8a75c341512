import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, expect, test} from 'vitest';
import type {Lock} from '../../source/model/lock.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Thread} from '../../source/model/thread.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {processIn, type Watched, watchTarget} from './watched.js';

let zoo: ZooProcess | undefined;
let watched: Watched | undefined;
let folder: string | undefined;

afterEach(async () => {
	watched?.close();
	watched = undefined;
	await zoo?.stop();
	zoo = undefined;
	if (folder !== undefined) {
		rmSync(folder, {recursive: true, force: true});
		folder = undefined;
	}
});

const threadOf = (snapshot: Snapshot, name: string): Thread | undefined =>
	processIn(snapshot, zoo!.pid)?.threads.find(thread => thread.name === name);

/** The lock that a thread waits for, found as the screen finds it: through the thread's wait. */
const lockOf = (snapshot: Snapshot, name: string): Lock | undefined => {
	const id = threadOf(snapshot, name)?.wait?.lockId;
	return processIn(snapshot, zoo!.pid)?.locks?.find(lock => lock.id === id);
};

type Expected = Readonly<Record<string, Partial<Record<keyof Lock, unknown>> & {holder?: string}>>;

const matches = (snapshot: Snapshot, expected: Expected): boolean => {
	try {
		expectLocks(snapshot, expected);
		return true;
	} catch {
		return false;
	}
};

/** Of each waiting thread the lock, and the thread that holds it: by their names. */
const expectLocks = (snapshot: Snapshot, expected: Expected): void => {
	for (const [waiter, {holder, ...lock}] of Object.entries(expected)) {
		const found = lockOf(snapshot, waiter);
		expect({waiter, ...found}).toMatchObject({waiter, ...lock});
		expect(found?.holderTid).toBe(holder && threadOf(snapshot, holder)?.tid);
		expect(found?.waiterTids).toContain(threadOf(snapshot, waiter)?.tid);
	}
};

/** Watches until all is found out; names and stacks are read a few at a time. The last Snapshot is judged, right or wrong. */
const watch = async (
	name: string,
	words: readonly string[],
	isReady: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> => {
	zoo = await startZoo(name, words);
	watched = watchTarget();
	watched.setFocus([zoo.pid]);
	let last: Snapshot | undefined;
	try {
		return await watched.tickUntil(snapshot => {
			last = snapshot;
			return isReady(snapshot);
		}, 50);
	} catch (error) {
		if (last) {
			return last;
		}

		throw error;
	}
};

const unrecorded = 'owner not recorded by this kind of lock';
const [inMembers, inMusl, inRust] = ['lock-members.cc', 'lock-kinds-musl.c', 'rust-locks.rs'];

test.skipIf(missingForZoo(inMembers))(
	'locks of C++ and of the C library: what they are a part of, or where they are wanted, and who has them',
	async () => {
		folder = mkdtempSync(path.join(tmpdir(), 'ctop-slow-'));
		const library = path.join(folder, 'slow.so');
		const source = fileURLToPath(new URL('../zoo/slow-library.c', import.meta.url));
		execFileSync('cc', ['-shared', '-fPIC', '-o', library, source]);
		const expected: Expected = {
			member: {
				kind: 'mutex',
				name: expect.stringMatching(/^member at \+\d+ of shop::Inventory$/),
				holder: 'member_holder',
				confidence: 'certain',
				wantedIn: expect.stringMatching(/^shop::Inventory::restock\+0x/),
			},
			heap: {
				kind: 'mutex',
				name: expect.stringMatching(/^taken in Account::transfer\+0x/),
				holder: 'heap_holder',
			},
			shared: {kind: 'rwlock', name: 'lock-members!shared', holder: 'shared_holder'},
			timed: {
				kind: 'mutex',
				variant: 'recursive',
				name: 'lock-members!timed',
				holder: 'timed_holder',
			},
			once: {kind: 'once', name: 'lock-members!once', holderNote: unrecorded},
			static: {kind: 'once', variant: 'static variable of C++', holderNote: unrecorded},
			stdio: {kind: 'stdio', holder: 'lock-members'},
			loader: {kind: 'loader', holder: 'loader_holder'},
		};
		const snapshot = await watch(inMembers, [library], each => matches(each, expected));
		expectLocks(snapshot, expected);
		expect(threadOf(snapshot, 'joiner')?.wait).toMatchObject({
			kind: 'join',
			joinedTid: threadOf(snapshot, 'joined')?.tid,
		});
	},
);

test.skipIf(missingForZoo(inMembers))('the lock of malloc, which records no holder', async () => {
	const expected: Expected = {
		arena: {kind: 'arena', holderNote: unrecorded, wantedIn: expect.stringMatching(/^main\+0x/)},
	};
	const snapshot = await watch(inMembers, ['arena'], each => matches(each, expected));
	expectLocks(snapshot, expected);
});

test.skipIf(missingForZoo(inMusl))('locks of musl', async () => {
	const expected: Expected = {
		plain: {kind: 'mutex', name: 'lock-kinds-musl!plain_mutex', holderNote: unrecorded},
		recursive: {
			kind: 'mutex',
			variant: 'recursive',
			name: 'lock-kinds-musl!recursive_mutex',
			holder: 'holder',
		},
		checking: {kind: 'mutex', variant: 'error-checking', holder: 'holder'},
		written_by: {
			kind: 'rwlock',
			name: 'lock-kinds-musl!written_lock',
			holderNote: 'held by a writer, which this kind of lock does not record',
		},
		read_by: {
			kind: 'rwlock',
			holderNote: 'held by 1 reader, which this kind of lock does not record',
		},
		stdio: {kind: 'stdio', holder: 'holder', confidence: 'likely'},
	};
	const snapshot = await watch(
		inMusl,
		[],
		each => matches(each, expected) && threadOf(each, 'join')?.wait?.kind === 'join',
	);
	expectLocks(snapshot, expected);
	expect(threadOf(snapshot, 'join')?.wait).toMatchObject({
		kind: 'join',
		joinedTid: threadOf(snapshot, 'asleep')?.tid,
	});
});

/** Before, who waits for a Once is parked at a word of its own. */
const firstWithOnceAsFutex = 66;

const rustMinorVersion = (): number =>
	Number(/ 1\.(\d+)/.exec(execFileSync('rustc', ['--version'], {encoding: 'utf8'}))?.[1]);

test.skipIf(missingForZoo(inRust))(
	'locks of Rust, told by the functions that wait where the words could be anything’s',
	async () => {
		const expected: Expected = {
			plain: {
				kind: 'mutex',
				name: 'rust-locks!rust_locks::PLAIN',
				holderNote: unrecorded,
				wantedIn: expect.stringMatching(/^rust_locks::shop::sell\+0x/),
			},
			written_by: {
				kind: 'rwlock',
				name: 'rust-locks!rust_locks::WRITTEN',
				holderNote: 'held by a writer, which this kind of lock does not record',
			},
			read_by: {
				kind: 'rwlock',
				name: 'rust-locks!rust_locks::READ',
				holderNote: 'held by 1 reader, which this kind of lock does not record',
			},
			condition_1: {kind: 'condition', name: 'rust-locks!rust_locks::ARRIVAL'},
			...(rustMinorVersion() >= firstWithOnceAsFutex && {
				once: {kind: 'once', name: 'rust-locks!rust_locks::ONCE', holderNote: unrecorded},
			}),
		};
		const snapshot = await watch(inRust, [], each => matches(each, expected));
		expectLocks(snapshot, expected);
	},
);
