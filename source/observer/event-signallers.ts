import {readdirSync} from 'node:fs';
import {isRingIdle} from '../procfs/fdinfo.js';
import {readLink} from '../procfs/read-link.js';
import {readText} from '../procfs/read-text.js';

/** Of a process with more open files nobody can say it at a glance. */
const mostDescriptors = 512;

/** Kinds of nameless files that have the kernel signal nothing but themselves. */
const namelessKinds: ReadonlySet<string> = new Set([
	'anon_inode:[eventfd]',
	'anon_inode:[eventpoll]',
	'anon_inode:[timerfd]',
	'anon_inode:[signalfd]',
	'anon_inode:[pidfd]',
	'anon_inode:inotify',
]);

const harmlessDevice = /^\/dev\/(?:null|zero|full|u?random|tty|console|(?:pts|shm)\/.*)$/;

/** A cgroup of version 1 tells by an eventfd that memory runs out; see its memory.oom_control. */
const notifyingFile = /cgroup\.event_control$/;

const isHarmless = (link: string): boolean => {
	if (link.startsWith('/')) {
		return link.startsWith('/dev/') ? harmlessDevice.test(link) : !notifyingFile.test(link);
	}

	return /^(?:pipe|socket):\[\d+\]$/.test(link) || namelessKinds.has(link);
};

/** Whether a process has open what an eventfd can be given to, for the kernel to signal: devices, virtual machines, calls under way. */
export const mayKernelSignal = (procRoot: string, pid: number): boolean => {
	const isHarmlessDescriptor = (fd: string): boolean => {
		const link = readLink(`${procRoot}/${pid}/fd/${fd}`);
		return link === 'anon_inode:[io_uring]'
			? isRingIdle(readText(`${procRoot}/${pid}/fdinfo/${fd}`) ?? '')
			: link !== undefined && isHarmless(link);
	};

	try {
		const fds = readdirSync(`${procRoot}/${pid}/fd`);
		return fds.length > mostDescriptors || !fds.every(isHarmlessDescriptor);
	} catch {
		return true;
	}
};
