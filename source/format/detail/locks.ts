import type {FileLock, Lock} from '../../model/lock.js';
import type {Process} from '../../model/process.js';
import type {Snapshot} from '../../model/snapshot.js';
import type {Thread} from '../../model/thread.js';
import {formatDuration} from '../duration.js';
import type {FindingLine} from '../finding.js';
import {fieldLines, wrappedLines} from '../lines.js';
import {formatPlainNumber, formatShare} from '../number.js';
import {lockTitle, threadWaitingOn} from '../waiting-on.js';
import {listSome, whoIsThread} from './threads.js';

const waitersShown = 8;
const holdersShown = 4;

const share = (percent: number): string => `${formatShare(percent).trim()} %`;

/** What the holder does at this moment; one that waited for this lock itself until just now has it and runs. */
const doingText = (lock: Lock, owner: Process, {waits: _, ...thread}: Thread): string => {
	const {wait} = thread;
	const isRunning = !wait || wait.kind === 'running' || wait.lockId === lock.id;
	const text = threadWaitingOn(owner, isRunning ? {...thread, wait: {kind: 'running'}} : thread);
	return text === 'running' ? 'which runs' : `which waits on: ${text}`;
};

/** The holder's thread and what it does itself, which is why the others wait. */
const holderText = (lock: Lock, process: Process, {processes}: Snapshot): string => {
	const {holderTid, holderPid, holderNote} = lock;
	if (holderTid === null) {
		return 'refused by the kernel';
	}

	if (holderTid === undefined) {
		return holderNote ?? 'nobody at the moment of reading';
	}

	const owner = holderPid === undefined ? process : processes.find(({pid}) => pid === holderPid);
	const thread = owner?.threads.find(({tid}) => tid === holderTid);
	const whose = holderPid === undefined ? '' : ` of process ${holderPid} ${owner?.name ?? ''}`;
	if (owner === undefined || thread === undefined) {
		return `${holderTid}${whose}`;
	}

	const frame = thread.runtimeStack?.[0] ?? thread.stack?.[0];
	const place = frame === undefined ? '' : `, in ${frame}`;
	return `${holderTid} ${whoIsThread(thread)}${whose}, ${doingText(lock, owner, thread)}${place}`;
};

const sharesText = ({holders = []}: Lock): string =>
	listSome(
		holders.map(({tid, percent}) => `${tid} ${share(percent)}`),
		holdersShown,
	).replaceAll(' % ', ' %, ');

const lockLines = (
	lock: Lock,
	process: Process,
	snapshot: Snapshot,
	width: number,
): FindingLine[] => {
	const {variant, confidence, id, sharedId, waiterTids, waitersAverage, contendedPercent} = lock;
	const kind = [variant ?? '', `${confidence} by what was read`, sharedId ?? id].filter(
		text => text !== '',
	);
	return [
		...wrappedLines('fact', '  ', `${lockTitle(process, lock)}  (${kind.join(', ')})`, width),
		...fieldLines('holder', holderText(lock, process, snapshot), width),
		...(lock.holders === undefined || lock.holders.length === 0
			? []
			: fieldLines('held by', sharesText(lock), width)),
		...(lock.heldWhile === undefined || lock.heldWhile.length === 0
			? []
			: fieldLines(
					'meanwhile',
					lock.heldWhile.map(({what, percent}) => `${share(percent)} ${what}`).join(', '),
					width,
				)),
		...fieldLines(
			'waiters',
			`${formatPlainNumber(waitersAverage)} on average, somebody in ${share(contendedPercent)} of the looks: ${listSome(waiterTids.map(String), waitersShown)}`,
			width,
		),
		...(lock.wantedIn === undefined ? [] : fieldLines('wanted in', lock.wantedIn, width)),
	];
};

const fileLockText = ({kind, access, path, file, holderPid, holderName, range}: FileLock): string =>
	`${kind} ${access} lock of ${path ?? file} (${range}), ${
		holderPid === undefined
			? 'whose holder the kernel does not say'
			: `held by process ${holderPid} ${holderName ?? ''}`
	}`;

const fileLockLines = (
	{pid}: Process,
	{fileLocks = []}: Snapshot,
	width: number,
): FindingLine[] => [
	...fileLocks
		.filter(({waiterPids}) => waiterPids.includes(pid))
		.flatMap(lock => wrappedLines('fact', '  ', `waits for ${fileLockText(lock)}`, width)),
	...fileLocks
		.filter(({holderPid}) => holderPid === pid)
		.flatMap(lock =>
			wrappedLines(
				'fact',
				'  ',
				`${fileLockText(lock)}; ${listSome(lock.waiterPids.map(String), waitersShown)} wait for it`,
				width,
			),
		),
];

const retriedLockLines = (
	{pid}: Process,
	{retriedLocks = []}: Snapshot,
	width: number,
): FindingLine[] =>
	retriedLocks.flatMap(({path, pids, holderPid, holderName}) => {
		const what = `the lock of the database ${path}`;
		const wants = `wants ${what} and sleeps between tries${holderPid === undefined ? '' : `; last held by process ${holderPid} ${holderName ?? ''}`}`;
		const has = `has ${what}; ${listSome(
			pids.filter(each => each !== pid).map(String),
			waitersShown,
		)} sleep between tries for it`;
		return holderPid === pid
			? wrappedLines('fact', '  ', has, width)
			: pids.includes(pid)
				? wrappedLines('fact', '  ', wants, width)
				: [];
	});

const deadlockLines = ({pid}: Process, {deadlocks = []}: Snapshot, width: number): FindingLine[] =>
	deadlocks
		.filter(({circle}) => circle.some(each => each.pid === pid || each.holderPid === pid))
		.flatMap(({circle, seconds}) => [
			...wrappedLines(
				'critical',
				'  ',
				`DEADLOCK for ${formatDuration(seconds)}: each waits for the next`,
				width,
			),
			...circle.flatMap(({tid, what, holderTid}) =>
				wrappedLines('text', '    ', `${tid} waits for ${what}, held by ${holderTid}`, width),
			),
		]);

/** The process's locks: what they are, who has them and what that thread does, who waits; deadlocks and locks on files. */
export const allLockLines = (
	process: Process,
	snapshot: Snapshot,
	width: number,
): FindingLine[] => [
	...deadlockLines(process, snapshot, width),
	...(process.locks ?? []).flatMap(lock => lockLines(lock, process, snapshot, width)),
	...fileLockLines(process, snapshot, width),
	...retriedLockLines(process, snapshot, width),
];
