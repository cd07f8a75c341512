import type {Buffer} from 'node:buffer';
import {expect, test} from 'vitest';
import {createAddressSpaces} from '../../source/observer/address-spaces.js';
import {createWaitReader} from '../../source/observer/wait-reader.js';
import {createProcessEntry, createThreadEntry} from '../../source/sampler/task-entry.js';
import type {HeldFile, TaskFiles} from '../../source/sampler/task-files.js';

const futexCall = '202 0x7f0000001000 0x80 0x2 0x0 0x0 0x0 0x7ffc00000000 0x7f0000000000\n';
/** read(2), which may wait for anything. */
const readCall = '0 0x3 0x7ffc00000000 0x10 0x0 0x0 0x0 0x7ffc00000000 0x7f0000000000\n';

const watch = (syscall: string, waitChannel: string) => {
	const read: HeldFile[] = [];
	const files = {
		read(_entry: unknown, file: HeldFile, buffer: Buffer) {
			read.push(file);
			return buffer.write(file === 'syscallDescriptor' ? syscall : waitChannel, 'latin1');
		},
	} as unknown as TaskFiles;
	const entry = createThreadEntry(createProcessEntry(100), 100);
	entry.state = 'S';
	return {read, entry, reader: createWaitReader(files, createAddressSpaces('/nowhere'), 'x64')};
};

test('a wait that its system call tells is read briefly without the wait channel, and the rest is postponed', () => {
	const {read, entry, reader} = watch(futexCall, 'futex_wait_queue');
	reader.updateBriefly(entry, false);
	expect(read).toEqual(['syscallDescriptor']);
	expect(entry).toMatchObject({
		wait: {kind: 'lock', call: 'futex', futexAddress: '0x7f0000001000'},
		waitChannel: undefined,
		settled: true,
		postponed: true,
	});
	reader.update(entry);
	expect(entry).toMatchObject({
		wait: {kind: 'lock'},
		waitChannel: 'futex_wait_queue',
		settled: true,
		postponed: false,
	});
});

for (const [what, syscall, state] of [
	['in a call that may wait for anything', readCall, 'S'],
	['in uninterruptible sleep, which may be a lock of the kernel', futexCall, 'D'],
] as const) {
	test(`a thread ${what} is read whole`, () => {
		const {read, entry, reader} = watch(syscall, 'pipe_read');
		entry.state = state;
		reader.updateBriefly(entry, false);
		expect(read).toEqual(['syscallDescriptor', 'waitChannelDescriptor']);
		expect(entry).toMatchObject({waitChannel: 'pipe_read', postponed: false});
	});
}

test('a thread that runs needs neither file', () => {
	const {read, entry, reader} = watch(futexCall, 'futex_wait_queue');
	entry.state = 'R';
	reader.updateBriefly(entry, false);
	expect(read).toEqual([]);
	expect(entry).toMatchObject({wait: {kind: 'running'}, settled: false, postponed: false});
});

test('threads that wait for the same share what is told of it, others do not', () => {
	const {entry, reader} = watch(futexCall, 'futex_wait_queue');
	const [second, other] = [1, 2].map(tid => createThreadEntry(createProcessEntry(tid), tid));
	second!.state = 'S';
	other!.state = 'R';
	for (const each of [entry, second!, other!]) {
		reader.update(each);
	}

	expect(entry.wait).toMatchObject({kind: 'lock'});
	expect(second!.wait).toBe(entry.wait);
	expect(other!.wait).toEqual({kind: 'running'});
});
