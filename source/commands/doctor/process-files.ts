import {readdirSync, readlinkSync, statSync} from 'node:fs';
import path from 'node:path';
import type {DoctorCheck, DoctorState} from '../../model/doctor.js';
import {
	closeDescriptor,
	failure,
	isGone,
	openDescriptor,
	readPath,
} from '../../procfs/descriptor.js';
import {kernelThreadFlag, parseStat} from '../../procfs/stat.js';

/** How often a file was read and refused, over processes of one's own user and of all others. */
export type FileCounts = {own: Count; others: Count};
type Count = {read: number; refused: number; missing: number};

type Outcome = keyof Count;

const buffer = Buffer.alloc(65_536);

const outcomeOf = (result: number): Outcome | undefined => {
	if (result >= 0) {
		return 'read';
	}

	// A process that has exited meanwhile says nothing about its files.
	return result === failure.denied ? 'refused' : result === failure.missing ? 'missing' : undefined;
};

const byReading = (file: string): Outcome | undefined => outcomeOf(readPath(file, buffer));

/** Opening it is what the kernel allows or refuses; nothing is read. */
const byOpening = (file: string): Outcome | undefined => {
	const descriptor = openDescriptor(file);
	if (descriptor >= 0) {
		closeDescriptor(descriptor);
	}

	return outcomeOf(descriptor);
};

const tryFor = (attempt: () => unknown): Outcome | undefined => {
	try {
		attempt();
		return 'read';
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		return code === 'EACCES' || code === 'EPERM'
			? 'refused'
			: code === 'ENOENT'
				? 'missing'
				: undefined;
	}
};

const zero = 0x30;

/** The kernel writes a lone 0 for a sleeping thread whose wait channel it keeps to itself. */
const byWaitChannel = (file: string, state: string): Outcome | undefined => {
	const length = readPath(file, buffer);
	if (length === 1 && buffer[0] === zero) {
		return state === 'S' || state === 'D' ? 'refused' : undefined;
	}

	return outcomeOf(length);
};

type ProcessFile = {
	name: string;
	gives: string;
	/** What is lost where no process has it. */
	without: string;
	look: (file: string, state: string) => Outcome | undefined;
};

const asRoot = 'run as root, or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH';

/** What ctop reads of processes and threads, in the order of what would be missed most. */
export const processFiles: readonly ProcessFile[] = [
	{
		name: 'status',
		gives: 'voluntary and involuntary switches',
		without: 'both columns of switches, and nearly every finding',
		look: byReading,
	},
	{name: 'stat', gives: 'state, CPU time', without: 'everything', look: byReading},
	{
		name: 'schedstat',
		gives: 'time spent waiting for a CPU',
		without: 'WAIT% and the finding oversubscribed; the kernel needs CONFIG_SCHED_INFO',
		look: byReading,
	},
	{
		name: 'syscall',
		gives: 'system call, time limit and address of the lock that a thread waits for',
		without: 'why threads wait; the kernel needs CONFIG_HAVE_ARCH_TRACEHOOK',
		look: byReading,
	},
	{
		name: 'wchan',
		gives: 'kernel function that a thread sleeps in',
		without: 'the column WCHAN; the kernel needs CONFIG_KALLSYMS',
		look: byWaitChannel,
	},
	{
		name: 'mem',
		gives: 'owners of locks, holder of the GIL',
		without: 'who holds a lock',
		look: byOpening,
	},
	{
		name: 'maps',
		gives: 'names of locks, language runtimes',
		without: 'what lies at an address',
		look: byReading,
	},
	{
		name: 'fd',
		gives: 'pipe, socket or file that a thread waits for',
		without: 'what the other end of a wait is',
		look: file => tryFor(() => readdirSync(file)),
	},
	{
		name: 'exe',
		gives: 'program, and by it the language runtime',
		without: 'runtimes are recognised by their command line alone',
		look: file => tryFor(() => readlinkSync(file)),
	},
	{name: 'cmdline', gives: 'arguments', without: 'names of 15 letters only', look: byReading},
	{
		name: 'cgroup',
		gives: 'service, container, CPU quota',
		without: 'the finding throttled; the kernel needs CONFIG_CGROUPS',
		look: byReading,
	},
];

const emptyCount = (): Count => ({read: 0, refused: 0, missing: 0});

/** Reads each of the files of each process once; kernel threads, which hide nothing, are left out. */
export const countProcessFiles = (
	procRoot: string,
	ownUserId: number | undefined,
): ReadonlyMap<string, FileCounts> => {
	const counts = new Map<string, FileCounts>(
		processFiles.map(({name}) => [name, {own: emptyCount(), others: emptyCount()}]),
	);
	for (const entry of readdirSync(procRoot).filter(name => /^\d+$/.test(name))) {
		const directory = path.join(procRoot, entry);
		const length = readPath(path.join(directory, 'stat'), buffer);
		const stat = length > 0 ? parseStat(buffer, length) : undefined;
		if (!stat || isGone(length) || (stat.flags & kernelThreadFlag) !== 0 || stat.state === 'Z') {
			continue;
		}

		const isOwn = statSync(directory, {throwIfNoEntry: false})?.uid === ownUserId;
		for (const {name, look} of processFiles) {
			const outcome = look(path.join(directory, name), stat.state);
			if (outcome !== undefined) {
				counts.get(name)![isOwn ? 'own' : 'others'][outcome]++;
			}
		}
	}

	return counts;
};

const total = ({read, refused, missing}: Count): number => read + refused + missing;

/** `of all 72 processes`, or of how many of whose. */
const foundText = ({own, others}: FileCounts): string => {
	const read = own.read + others.read;
	const all = total(own) + total(others);
	if (all === 0) {
		return 'no process to try it on';
	}

	return read === all
		? `of all ${all} processes`
		: [
				...(total(own) > 0 ? [`of ${own.read} of ${total(own)} own processes`] : []),
				...(total(others) > 0 ? [`of ${others.read} of ${total(others)} of other users`] : []),
			].join(', ');
};

const remedy = ({own, others}: FileCounts, mayTrace: boolean): string => {
	if (mayTrace) {
		return 'they belong to another user namespace, or a security module guards them';
	}

	return own.refused > 0 && others.refused === 0
		? `see kernel.yama.ptrace_scope below, or ${asRoot}`
		: asRoot;
};

/** What the counts of one file mean. `mayTrace`: with CAP_SYS_PTRACE. */
export const judgeProcessFile = (
	{name, gives, without}: Pick<ProcessFile, 'name' | 'gives' | 'without'>,
	counts: FileCounts,
	mayTrace: boolean,
): DoctorCheck => {
	const {own, others} = counts;
	const read = own.read + others.read;
	const refused = own.refused + others.refused;
	const state: DoctorState =
		refused > 0 ? (read > 0 ? 'partly' : 'refused') : read > 0 ? 'ok' : 'missing';
	const lost =
		state === 'ok'
			? undefined
			: state === 'missing'
				? without
				: `${refused} of ${total(own) + total(others)} refuse it: ${remedy(counts, mayTrace)}`;
	return {
		what: `/proc/PID/${name}`,
		state,
		found: foundText(counts),
		gives,
		...(lost !== undefined && {lost}),
	};
};
