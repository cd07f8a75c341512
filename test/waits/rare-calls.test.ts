import {afterAll, beforeAll, expect, test} from 'vitest';
import {createMemoryReader, type MemoryReader} from '../../source/procfs/memory.js';
import {missingForZoo, startZoo, type ZooProcess} from '../helpers/zoo.js';
import {readWait, type SeenWait, tidByName} from './seen-wait.js';

const program = 'rare-calls.c';
const missing = missingForZoo(program);

/** What each of its threads must be seen to do; `word` is what the futex word holds. */
const expected: Readonly<
	Record<string, {kind: string; milliseconds?: number; word?: number; operation?: string}>
> = {
	epoll_pwait2: {kind: 'epoll', milliseconds: 600_001},
	semtimedop: {kind: 'other', milliseconds: 601_002},
	mq_timedreceive: {kind: 'other'},
	io_getevents: {kind: 'poll', milliseconds: 602_003},
	futex_wait: {kind: 'futex', word: 71, operation: 'WAIT'},
	futex_waitv: {kind: 'futex', word: 72, operation: 'WAITV'},
};

let zoo: ZooProcess;
let memory: MemoryReader;

const seen = (tid: string): SeenWait => readWait(zoo.pid, tid, memory, {readMemory: memory.read});

beforeAll(async () => {
	if (missing !== undefined) {
		return;
	}

	zoo = await startZoo(program);
	memory = createMemoryReader('/proc', zoo.pid);
});

afterAll(async () => {
	memory?.close();
	await zoo?.stop();
});

test.skipIf(missing).for(Object.keys(expected))(
	'a thread in %s is seen for what it does, with its time limit and the word that it waits on',
	async (call, {skip}) => {
		const {kind, milliseconds, word, operation} = expected[call]!;
		// A name of a thread has 15 characters at most.
		const unknown = `no ${call}`.slice(0, 15);
		// It may still be on its way into the call, or find out that the kernel has none.
		await expect
			.poll(
				() => {
					const tid = tidByName(zoo.pid, call);
					return tidByName(zoo.pid, unknown) ?? (tid && seen(tid).wait?.call);
				},
				{timeout: 20_000},
			)
			.toMatch(new RegExp(`^(?:${call}|\\d+)$`));
		skip(tidByName(zoo.pid, unknown) !== undefined, `this kernel has no ${call}`);
		const {wait, timeout} = seen(tidByName(zoo.pid, call)!);
		expect(wait).toMatchObject({call, kind, timed: true});
		if (milliseconds === undefined) {
			// Deadlines of the program end in a quarter of a second, about ten minutes away.
			expect(timeout!.deadlineMilliseconds! % 1000).toBeCloseTo(250, 3);
			expect(timeout!.milliseconds).toBeGreaterThan(450_000);
			expect(timeout!.milliseconds).toBeLessThan(601_000);
		} else {
			expect(timeout).toEqual({milliseconds});
		}

		if (word !== undefined) {
			expect(wait).toMatchObject({futexOperation: operation, futexValue: word});
			expect(memory.read(Number(wait!.futexAddress), 4)?.readUInt32LE(0)).toBe(word);
			expect(wait).not.toHaveProperty('futexShared');
		}
	},
);
