import type {ThreadEntry} from '../sampler/task-entry.js';
import {syscallName} from '../waits/syscall-numbers.js';
import {waitedDescriptors} from '../waits/waited-descriptors.js';
import type {AddressSpaces} from './address-spaces.js';
import {socketInodesOf} from './open-files.js';
import type {WaitReader} from './wait-reader.js';

/** The sockets that a thread in select or poll waits for just now, as the kernel links them: `socket:[4711]`. Empty where it has gone on. */
export type PolledSockets = (entry: ThreadEntry) => readonly string[];

export const createPolledSockets =
	(
		procRoot: string,
		architecture: string,
		spaces: AddressSpaces,
		waits: WaitReader,
	): PolledSockets =>
	entry => {
		const line = waits.readSyscall(entry);
		const call = line?.state === 'blocked' ? syscallName(architecture, line.number) : undefined;
		if (!line || call === undefined) {
			return [];
		}

		const {process} = entry;
		const fds = waitedDescriptors(call, line, spaces.of(process).memory.read);
		return Array.from(
			socketInodesOf(`${procRoot}/${process.pid}`, fds),
			inode => `socket:[${inode}]`,
		);
	};
