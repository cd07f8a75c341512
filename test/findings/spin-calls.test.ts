import {describe, expect, test} from 'vitest';
import type {ProcessKernelWork, ReadySockets, ThreadIo} from '../../source/model/kernel-work.js';
import type {Process} from '../../source/model/process.js';
import type {System} from '../../source/model/system.js';
import type {Thread} from '../../source/model/thread.js';
import {makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';
import {watch} from './watched.js';

const idleIo: ThreadIo = {
	readsPerSecond: 0,
	readBytesPerSecond: 0,
	writesPerSecond: 0,
	writtenBytesPerSecond: 0,
};

type Burner = {
	io?: Partial<ThreadIo>;
	pageFaultsPerSecond?: number;
	process?: Partial<ProcessKernelWork>;
	thread?: Partial<Thread>;
	others?: readonly Thread[];
};

/** A process with one thread that burns a CPU in the kernel, as it was measured of a loop around one call. */
const burner = ({io, pageFaultsPerSecond = 0, process, thread, others = []}: Burner): Process =>
	makeProcess({
		pid: 700,
		name: 'feed',
		kernelWork: {
			packetsPerSecond: 0,
			descriptorCount: 10,
			unchangedSeconds: 5,
			socketCount: 1,
			...process,
		},
		threads: [
			makeThread({
				tid: 700,
				state: 'R',
				cpuPercent: 95,
				systemCpuPercent: 70,
				runQueueWaitPercent: 3,
				involuntarySwitchesPerSecond: 200,
				kernelWork: {io: {...idleIo, ...io}, pageFaultsPerSecond},
				...thread,
			}),
			...others,
		],
	});

const noPaging = {
	majorFaultsPerSecond: 0,
	swapInPagesPerSecond: 0,
	swapOutPagesPerSecond: 0,
	directReclaimPagesPerSecond: 0,
	dirtiedPagesPerSecond: 3,
};

const told = (process: Process): string[] =>
	watch([process]).findings.map(
		({rule, severity, confidence}) => `${rule} ${severity} ${confidence}`,
	);

const spinsIn = (process: Process, system: Partial<System>) =>
	watch([process], {system}).findings.filter(({rule}) => rule === 'spin');

describe('reads and writes that move nothing', () => {
	const inVain = {readsPerSecond: 900_000, readBytesPerSecond: 40};

	test('are a spin for certain, with how many there are', () => {
		const [finding] = watch([burner({io: inVain})]).findings;
		expect(finding).toMatchObject({
			rule: 'spin',
			severity: 'warning',
			confidence: 'certain',
			tids: [700],
			title: '1 thread of feed spins: 900,000 reads and writes a second that move nothing',
		});
		expect(finding!.next.map(({command}) => command)).toContain('timeout 2 strace -f -c -p 700');
	});

	test('are one likely where the process has sockets and the network is busy', () => {
		const process = {packetsPerSecond: 50_000};
		expect(told(burner({io: inVain, process}))).toEqual(['spin warning likely']);
		expect(told(burner({io: inVain, process: {...process, socketCount: 0}}))).toEqual([
			'spin warning certain',
		]);
	});

	test('are none where a byte comes with each, or with every second one', () => {
		expect(told(burner({io: {...inVain, readBytesPerSecond: 900_000}}))).toEqual([]);
		expect(told(burner({io: {...inVain, readBytesPerSecond: 450_000}}))).toEqual([]);
	});

	test('are none where the thread has time for something else between two of them', () => {
		expect(told(burner({io: {readsPerSecond: 100_000}}))).toEqual([]);
	});
});

describe('a full table of descriptors', () => {
	const fullDescriptorTable = {
		openFilesLimit: 1024,
		connectionCount: 42,
		listensOn: ['*:8080'],
	};

	test('is told with the limit, with who waits, and with a higher limit', () => {
		const [finding] = watch([burner({process: {fullDescriptorTable}})]).findings;
		expect(finding).toMatchObject({
			rule: 'spin',
			confidence: 'likely',
			title:
				'1 thread of feed spins: all 1024 descriptors are open, 42 connections wait, and accept fails at once',
		});
		expect(finding!.fixes[0]!.command).toContain('LimitNOFILE=4096');
	});

	test('is only possibly the reason where the network is busy', () => {
		expect(told(burner({process: {fullDescriptorTable, packetsPerSecond: 50_000}}))).toEqual([
			'spin warning possible',
		]);
	});

	test('is none while the thread moves data', () => {
		const io = {readsPerSecond: 50_000, readBytesPerSecond: 5_000_000};
		expect(told(burner({io, process: {fullDescriptorTable}}))).toEqual([]);
	});
});

describe('system calls that nothing comes of', () => {
	test('are possibly a spin, which is no alarm', () => {
		expect(told(burner({}))).toEqual(['spin notice possible']);
	});

	test('are possibly one where the loop pauses before each call, too', () => {
		const withShare = (systemCpuPercent: number) => told(burner({thread: {systemCpuPercent}}));
		expect(withShare(30)).toEqual(['spin notice possible']);
		expect(withShare(20)).toEqual([]);
	});

	const consumer = makeThread({tid: 701, voluntarySwitchesPerSecond: 40_000, cpuPercent: 30});

	test.each<[string, Burner]>([
		['bytes move', {io: {writesPerSecond: 500, writtenBytesPerSecond: 2_000_000}}],
		['pages are touched for the first time', {pageFaultsPerSecond: 3000}],
		['packets go to and fro', {process: {packetsPerSecond: 60_000}}],
		['packets are not counted', {process: {packetsPerSecond: undefined as never}}],
		['its files change', {process: {unchangedSeconds: 0.3}}],
		['it has too many files to look at each', {process: {unchangedSeconds: undefined as never}}],
		['it has a device', {process: {untraceableDescriptor: '/dev/kvm'}}],
		['another thread is woken all the time', {others: [consumer]}],
	])('are none where %s', (_, of) => {
		expect(told(burner(of)).filter(text => text.startsWith('spin'))).toEqual([]);
	});
});

describe('a socket that each wait comes back for at once', () => {
	const writable: ReadySockets = {
		reason: 'writable',
		socketCount: 1,
		fd: 7,
		epollFd: 4,
		seconds: 3,
	};
	const closed: ReadySockets = {reason: 'closed-by-peer', socketCount: 1, fd: 9, seconds: 3};
	const ofCallbacks = {systemCpuPercent: 25};

	test('is told with the epoll instance that watches it to be writable, and with how to stop that', () => {
		const [finding] = watch([burner({process: {readySockets: [writable]}})]).findings;
		expect(finding).toMatchObject({
			severity: 'warning',
			confidence: 'likely',
			title:
				'1 thread of feed spins around epoll_wait: socket 7 is always writable, and is watched for that',
		});
		expect(finding!.evidence[0]).toMatchObject({
			value: 1,
			source: '/proc/700/fdinfo/4, net/tcp',
		});
		expect(finding!.fixes[0]!.command).toContain('EPOLL_CTL_MOD');
		expect(finding!.next[0]!.command).toBe('ss -tnp | grep pid=700,');
	});

	test('is told of a peer that has closed, and of several', () => {
		const titleOf = (socketCount: number) =>
			watch([burner({process: {readySockets: [{...closed, epollFd: 4, socketCount}]}})])
				.findings[0]!.title;
		expect(titleOf(1)).toBe(
			'1 thread of feed spins around epoll_wait: the peer of socket 9 has closed, and nobody closes it here',
		);
		expect(titleOf(3)).toBe(
			'1 thread of feed spins around epoll_wait: the peers of 3 sockets, such as 9, have closed, and nobody closes them here',
		);
	});

	test('is no alarm where less is burned in the kernel: a loop that calls back, or one that is held up', () => {
		const toldAfter = (seconds: number) =>
			told(burner({thread: ofCallbacks, process: {readySockets: [{...writable, seconds}]}}));
		expect(toldAfter(3)).toEqual([]);
		expect(toldAfter(6)).toEqual(['spin notice possible']);
	});

	test('is no alarm where packets go to and fro, or files are opened, and none while bytes move', () => {
		const process = {readySockets: [{...writable, seconds: 6}]};
		expect(told(burner({process: {...process, packetsPerSecond: 60_000}}))).toEqual([
			'spin notice possible',
		]);
		expect(told(burner({process: {...process, unchangedSeconds: 0.2}}))).toEqual([
			'spin notice possible',
		]);
		const io = {writesPerSecond: 5000, writtenBytesPerSecond: 2_000_000};
		expect(told(burner({io, process}))).toEqual([]);
	});

	test('is none where it has been so in one reading only', () => {
		const process = {readySockets: [{...writable, seconds: 0}]};
		expect(told(burner({thread: ofCallbacks, process}))).toEqual([]);
	});

	test('is but possibly one where no epoll instance tells that somebody waits for it', () => {
		const process = {readySockets: [closed]};
		const [finding] = watch([burner({process})]).findings;
		expect(finding).toMatchObject({
			severity: 'notice',
			confidence: 'possible',
			title:
				'1 thread of feed may spin around select or poll: the peer of socket 9 has closed, and nobody closes it here',
		});
		expect(finding!.fixes[0]!.command).toContain('close(fd)');
		expect(told(burner({thread: {systemCpuPercent: 35}, process}))).toEqual([
			'spin notice possible',
		]);
	});

	test('is none of a thread that computes beside a pool of connections that were closed', () => {
		expect(told(burner({thread: ofCallbacks, process: {readySockets: [closed]}}))).toEqual([]);
	});

	test('says why reads and writes move nothing', () => {
		const io = {readsPerSecond: 900_000};
		const process = {readySockets: [{...closed, epollFd: 4}]};
		const [finding] = watch([burner({io, process})]).findings;
		expect(finding).toMatchObject({confidence: 'certain'});
		expect(finding!.fixes[0]!.command).toContain('close(fd)');
	});
});

test('a thread that is less in the kernel spins for none of the other reasons', () => {
	expect(told(burner({thread: {systemCpuPercent: 20}}))).toEqual([]);
});

test('a thread of which nothing was read does not spin', () => {
	expect(told({...burner({}), kernelWork: undefined as never})).toEqual([]);
});

test('an event loop with sockets that leave no trace may spin where nothing moves on the whole machine', () => {
	const loop = burner({
		process: {
			epollFd: 4,
			unchangedSeconds: 0.1,
			socketCount: 3,
			packetsPerSecond: 300,
			untraceableDescriptor: 'socket that is neither TCP nor UDP',
		},
	});
	const quiet: Partial<System> = {
		contextSwitchesPerSecond: 2000,
		paging: noPaging,
	};
	const [finding] = spinsIn(loop, quiet);
	expect(finding).toMatchObject({
		severity: 'notice',
		confidence: 'possible',
		title:
			'1 thread of feed may spin around epoll_wait: system calls fill its time, and nothing moves on the machine',
	});
	expect(finding!.fixes[0]!.command).toContain('EPOLLHUP');
	expect(spinsIn(loop, {...quiet, wakeSources: {receivedPacketsPerSecond: 60_000}})).toEqual([]);
	expect(spinsIn(loop, {...quiet, contextSwitchesPerSecond: 50_000})).toEqual([]);
	const {epollFd: _, ...without} = loop.kernelWork!;
	expect(spinsIn({...loop, kernelWork: without}, quiet)).toEqual([]);
});

describe('of another user, whose calls are refused, short ones that fill the time of a thread', () => {
	const quiet: Partial<System> = {
		contextSwitchesPerSecond: 1000,
		wakeSources: {receivedPacketsPerSecond: 4},
		paging: noPaging,
	};
	const refused = (thread: Partial<Thread> = {}, pageFaultsPerSecond = 0): Process => ({
		...burner({thread: {kernelWork: {io: null, pageFaultsPerSecond}, ...thread}}),
		kernelWork: null,
	});

	test('are possibly a spin where nothing moves on the machine', () => {
		const [finding] = spinsIn(refused(), quiet);
		expect(finding).toMatchObject({
			severity: 'notice',
			confidence: 'possible',
			tids: [700],
			title:
				'1 thread of feed may spin: short system calls fill its time, and nothing moves on the machine; which calls was refused',
		});
		expect(finding!.evidence.map(({what, value}) => [what, value])).toEqual(
			expect.arrayContaining([
				['page faults', 0],
				['packets that the machine received', 4],
				['context switches of the whole machine', 1000],
				['what it reads, writes and has open', 'refused by the kernel'],
			]),
		);
	});

	test('are an alarm where it has as many files as it may have, and connections wait', () => {
		const fullDescriptorTable = {
			openFilesLimit: 256,
			connectionCount: 11,
			listensOn: ['*:8080'],
			isRefused: true as const,
		};
		const busy = {...quiet, contextSwitchesPerSecond: 50_000};
		const atLimit = (systemCpuPercent: number) => ({
			...refused({systemCpuPercent}),
			kernelWork: {descriptorCount: 256, fullDescriptorTable},
		});
		const [finding] = spinsIn(atLimit(96), busy);
		expect(finding).toMatchObject({severity: 'warning', confidence: 'possible', tids: [700]});
		expect(finding!.title).toContain('all 256 descriptors are open, 11 connections wait');
		expect(finding!.evidence.map(({what}) => what)).toContain(
			'connections that wait at sockets of its user, *:8080, in two readings',
		);
		expect(spinsIn(atLimit(20), busy)).toEqual([]);
	});

	test('are none of two threads that sleep now and then: the one may make its calls for the other', () => {
		const one = refused({voluntarySwitchesPerSecond: 40});
		const second = {...one.threads[0]!, tid: 701};
		expect(spinsIn({...one, threads: [...one.threads, second]}, quiet)).toEqual([]);
		const {findings} = watch([one, {...one, pid: 800, threads: [{...second, tid: 800}]}], {
			system: quiet,
		});
		expect(findings.filter(({rule}) => rule === 'spin')).toEqual([]);
	});

	test('are possibly a spin of two threads that never sleep, and hardly do anything else', () => {
		const [first, second] = [700, 701].map(
			tid => refused({tid, voluntarySwitchesPerSecond: 0, systemCpuPercent: 85}).threads[0]!,
		);
		const spins = spinsIn({...refused(), threads: [first!, second!]}, quiet);
		expect(spins).toMatchObject([{confidence: 'possible', tids: [700, 701]}]);
		const computing = {...second!, systemCpuPercent: 45};
		expect(spinsIn({...refused(), threads: [first!, computing]}, quiet)).toEqual([]);
	});

	test('are none while another process works in the kernel, but for ctop itself', () => {
		const reader = makeProcess({pid: 800, cpuPercent: 68, systemCpuPercent: 45});
		const spins = (others: readonly Process[]) =>
			watch([refused(), ...others], {system: quiet}).findings.map(({rule}) => rule);
		expect(spins([reader])).toEqual([]);
		expect(spins([{...reader, pid: makeSnapshot().sampling.ownPid}])).toEqual(['spin']);
	});

	test.each<[string, Process, Partial<System>]>([
		['copies large blocks', refused({systemCpuPercent: 94}), {}],
		['computes', refused({systemCpuPercent: 20}), {}],
		['takes page faults', refused({}, 3000), {}],
		['may serve the network', refused(), {wakeSources: {receivedPacketsPerSecond: 60_000}}],
		['can be seen with no network', refused(), {wakeSources: {}}],
		['may wake others', refused(), {contextSwitchesPerSecond: 50_000}],
		['may write to files', refused(), {paging: {...quiet.paging!, dirtiedPagesPerSecond: 20_000}}],
	])('are none of a thread that %s', (_, process, system) => {
		expect(spinsIn(process, {...quiet, ...system})).toEqual([]);
	});
});
