import type {Check, Measurement} from '../../model/preflight.js';
import type {Mount} from '../../procfs/mountinfo.js';
import {type Capacity, judgeCapacity, secondsUntilFull, usedPercent} from '../capacity.js';
import {isPseudo} from '../distinct-mounts.js';
import {above, makeCheck, measure, type Symptom, symptom} from '../judge.js';
import type {Usage} from '../readers/file-system-usage.js';
import type {MountsReading, MountUsage} from '../readers/mounts.js';
import type {Span} from '../span.js';
import {bytes, duration, plural, printable, table} from '../words.js';

/** Types that are written once, when they are made: full and read-only by nature. */
const fixedTypes: ReadonlySet<string> = new Set(
	'cramfs erofs iso9660 romfs squashfs udf'.split(' '),
);

const leastBytes = 64 * 1024;
const source = 'statfs(2)';

export const isFixed = ({type, superOptions}: Mount): boolean =>
	fixedTypes.has(type) || superOptions.includes('ro');

/** File systems that answered, each with its first answer. */
export const answered = ({first, last}: Span<MountsReading>) =>
	last.usages.flatMap(({mount, usage}) => {
		const before = first.usages.find(earlier => earlier.mount.id === mount.id)?.usage;
		return 'reason' in usage
			? []
			: [{mount, usage, before: before && !('reason' in before) ? before : undefined}];
	});

const shownSilent = 3;

/**
What didn't answer, in words for a check's reason. Mounts that are private to another user are no reason to doubt the rest; one that
fails in any other way is.
*/
export const unanswered = ({
	all,
	usages,
}: MountsReading): {missing: readonly string[]; fineAllTheSame: boolean} => {
	if (!all) {
		const missing = [`mountinfo ${all === null ? 'was refused' : 'is not there'}`];
		return {missing, fineAllTheSame: false};
	}

	const reasons = usages.flatMap(({mount, usage}) =>
		'reason' in usage
			? [{name: `${printable(mount.mountPoint)} (${printable(mount.type)})`, ...usage}]
			: [],
	);
	const rest = reasons.length - shownSilent;
	return {
		missing: [
			...reasons.slice(0, shownSilent).map(({name, reason}) => `${name}: ${reason}`),
			...(rest > 0 ? [`and ${plural(rest, 'more mount')}`] : []),
		],
		fineAllTheSame:
			reasons.length < usages.length && reasons.every(({refused}) => refused === true),
	};
};

const asCapacity = (
	mount: Mount,
	usage: Usage,
	before: Usage | undefined,
	seconds: number,
): Capacity => ({
	name: printable(mount.mountPoint),
	used: usage.totalBytes - usage.freeBytes,
	available: usage.availableBytes,
	availableBefore: before?.availableBytes,
	seconds,
	fixed: isFixed(mount),
});

const words = {
	noun: 'disk',
	source,
	least: leastBytes,
	say: bytes,
	fixes: (name: string) => [
		{
			what: `find what fills ${name}`,
			why: 'writes fail with ENOSPC once it is full, and many services then stop or lose data',
			command: `du -xh --max-depth=2 '${name.replaceAll("'", `'\\''`)}' | sort -h | tail -20`,
		},
	],
};

const trend = (capacity: Capacity): string => {
	const soon = secondsUntilFull(capacity, leastBytes);
	return soon === undefined ? '' : `full in ${duration(soon)} at this rate`;
};

const rowOf = (mount: Mount, capacity: Capacity, usage: Usage): readonly string[] => [
	printable(mount.source),
	printable(mount.type),
	// What is reserved for root is a part of the size, though nobody else can use it: as df(1) has it.
	bytes(usage.totalBytes),
	bytes(capacity.used),
	bytes(capacity.available),
	`${usedPercent(capacity)}%`,
	capacity.name,
	trend(capacity),
];

/** Mounted for writing, yet the file system itself refuses: the kernel turns it so after an error. */
const turnedReadOnly = ({type, options, superOptions}: Mount): boolean =>
	superOptions.includes('emergency_ro') ||
	(!fixedTypes.has(type) && options.includes('rw') && superOptions.includes('ro'));

const judgeReadOnly = (mounts: readonly Mount[]) => {
	const real = mounts.filter(mount => !isPseudo(mount));
	const turned = real.filter(turnedReadOnly);
	const names = turned.map(({mountPoint}) => printable(mountPoint)).join(', ');
	const measurement = measure(
		'file systems that refuse writes though mounted for them',
		turned.length,
		'mounts',
		'/proc/self/mountinfo',
		above(undefined, 1),
	);
	const root = real.find(({mountPoint}) => mountPoint === '/');
	const fixedRoot =
		root &&
		!fixedTypes.has(root.type) &&
		root.options.includes('ro') &&
		root.superOptions.includes('ro');
	const rootMeasurement = measure(
		'root file system is read-only',
		fixedRoot ? 1 : 0,
		'',
		'/proc/self/mountinfo',
		above(1),
	);
	const symptoms: readonly Symptom[] = [
		...symptom(
			measurement,
			`${names} turned read-only: the kernel does that after an error of the disk`,
			[
				{
					what: 'read what the kernel said, then check the file system unmounted',
					why: 'writing on after an error makes the damage worse, so the kernel stopped it',
					command: `dmesg -T | grep -iE 'error|remount|I/O' | tail -30`,
				},
			],
		),
		...symptom(
			rootMeasurement,
			'/ is mounted read-only: meant so, or left so by a check that failed at boot',
		),
	];
	const asMounted = real
		.filter(mount => mount.options.includes('ro') && !fixedTypes.has(mount.type))
		.map(({mountPoint}) => printable(mountPoint));
	return {
		measurements: [measurement, ...(fixedRoot ? [rootMeasurement] : [])],
		symptoms,
		details: asMounted.length > 0 ? [`read-only as mounted: ${asMounted.join(', ')}`] : [],
	};
};

const judgeSilent = (usages: readonly MountUsage[]) => {
	const silent = usages.filter(
		({usage}) => 'reason' in usage && usage.reason.startsWith('no answer'),
	);
	const names = silent.map(({mount}) => printable(mount.mountPoint)).join(', ');
	const measurement: Measurement = measure(
		'file systems that do not answer',
		silent.length,
		'mounts',
		'stat -f',
		above(1),
	);
	return {
		measurement,
		symptoms: symptom(
			measurement,
			`${names} does not answer: whatever touches it hangs until its server is back`,
		),
	};
};

/** Whether there is space, how long it will last, and whether it can be written: `df -h`. */
export const checkDisks = (span: Span<MountsReading>): Check => {
	const known = answered(span).filter(({usage}) => usage.totalBytes > 0);
	const capacities = known.map(({mount, usage, before}) =>
		asCapacity(mount, usage, before, span.seconds),
	);
	const judged = capacities.map(capacity => judgeCapacity(capacity, words));
	const readOnly = judgeReadOnly(span.last.all ?? []);
	const silent = judgeSilent(span.last.usages);
	const writable = capacities.filter(({fixed}) => !fixed);
	const fullest = [...writable].sort((a, b) => usedPercent(b) - usedPercent(a))[0];
	return makeCheck({
		id: 'disks',
		title: 'Disks',
		fine: fullest
			? `${plural(writable.length, 'file system')}, the fullest ${fullest.name} with ${usedPercent(fullest)} % used, ${bytes(fullest.available)} left`
			: 'no file system that can be written',
		symptoms: [
			...judged.flatMap(({symptoms}) => symptoms),
			...readOnly.symptoms,
			...silent.symptoms,
		],
		measurements: [
			...judged.flatMap(({measurements}) => measurements),
			...readOnly.measurements,
			silent.measurement,
		],
		details: [
			...table(
				[
					['file system', 'type', 'size', 'used', 'avail', 'use', 'mounted on', 'trend'],
					...known.map(({mount, usage}, index) => rowOf(mount, capacities[index]!, usage)),
				],
				[2, 3, 4, 5],
			),
			...readOnly.details,
		],
		...unanswered(span.last),
	});
};
