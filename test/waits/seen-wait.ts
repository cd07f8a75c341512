import {readdirSync, readFileSync} from 'node:fs';
import process from 'node:process';
import type {Reading} from '../../source/model/reading.js';
import type {Wait} from '../../source/model/wait.js';
import type {MemoryReader} from '../../source/procfs/memory.js';
import {createSyscallLine, parseSyscall} from '../../source/procfs/syscall.js';
import {parseWaitChannel} from '../../source/procfs/wchan.js';
import {callName} from '../../source/waits/call-name.js';
import {describeWait, type WaitSource} from '../../source/waits/describe-wait.js';
import {readTimeout, type Timeout} from '../../source/waits/timeout.js';

export type SeenWait = {wait: Reading<Wait>; timeout: Reading<Timeout>};

/** What a thread waits for at this moment, by the files of this machine's /proc; `change` is what is known otherwise. */
export const readWait = (
	pid: number,
	tid: string,
	memory: MemoryReader,
	change: Partial<WaitSource> = {},
): SeenWait => {
	const architecture = process.arch;
	const folder = `/proc/${pid}/task/${tid}`;
	const bytes = readFileSync(`${folder}/syscall`);
	const syscall = createSyscallLine();
	if (!parseSyscall(bytes, bytes.length, syscall)) {
		throw new Error(`not understood: ${bytes.toString('latin1')}`);
	}

	const stat = readFileSync(`${folder}/stat`, 'latin1');
	const waitChannel = parseWaitChannel(readFileSync(`${folder}/wchan`, 'utf8'));
	const call = callName(architecture, syscall, waitChannel);
	const timeout = readTimeout(call, syscall, memory.read);

	return {
		timeout,
		wait: describeWait({
			state: stat.charAt(stat.lastIndexOf(')') + 2),
			syscall,
			waitChannel,
			architecture,
			timeoutMilliseconds: timeout?.milliseconds,
			...change,
		}),
	};
};

/** Thread of a process by its name. */
export const tidByName = (pid: number, name: string): string | undefined =>
	readdirSync(`/proc/${pid}/task`).find(
		tid => readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8') === `${name}\n`,
	);
