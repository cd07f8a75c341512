import type {Check} from '../../model/preflight.js';
import {above, makeCheck, measure, symptom} from '../judge.js';
import type {DeletedFile} from '../readers/descriptors.js';
import type {MountsReading} from '../readers/mounts.js';
import type {ProcessesReading} from '../readers/processes.js';
import {bytes, percent, plural, printable, table} from '../words.js';

const watchPercent = 5;
const badPercent = 20;
const shownFiles = 10;

/** Smaller ones are temporary files, as they should be. */
const leastBytes = 1024 * 1024;

const holdersOf = ({holders}: DeletedFile): string => {
	const names = holders.slice(0, 3).map(({pid, name}) => `${name} (${pid})`);
	return holders.length > 3
		? `${names.join(', ')} and ${holders.length - 3} more`
		: names.join(', ');
};

/** What of the processes' descriptors couldn't be seen. */
export const unseenDescriptors = ({refused, skipped}: ProcessesReading): readonly string[] => [
	...(refused > 0
		? [
				`the descriptors of ${plural(refused, 'process', 'processes')} of other users were refused: root sees them`,
			]
		: []),
	...(skipped > 0
		? [`the descriptors of ${plural(skipped, 'process', 'processes')} were too many to look at`]
		: []),
];

const perFileSystem = (mounts: MountsReading, files: readonly DeletedFile[]) =>
	mounts.usages.flatMap(({mount, usage}) => {
		const here = files.filter(({device}) => device === mount.device);
		const held = here.reduce((sum, file) => sum + file.bytes, 0);
		return 'reason' in usage || usage.totalBytes === 0 || held < leastBytes
			? []
			: [{name: printable(mount.mountPoint), here, held, share: (held / usage.totalBytes) * 100}];
	});

/** Space that df shows as used and du can't find: files without a name that a process holds open. */
export const checkDeletedFiles = (mounts: MountsReading, processes: ProcessesReading): Check => {
	const devices = new Set(mounts.usages.map(({mount}) => mount.device));
	// What lies on no mount isn't on a disk: memfd_create(2) and shared memory.
	const files = processes.deletedFiles
		.filter(({device}) => devices.has(device))
		.sort((a, b) => b.bytes - a.bytes);
	const total = files.reduce((sum, file) => sum + file.bytes, 0);
	const judged = perFileSystem(mounts, files).map(({name, here, held, share}) => {
		const measurement = measure(
			`share of ${name} held by deleted files`,
			share,
			'%',
			'/proc/PID/fd',
			above(watchPercent, badPercent),
		);
		const largest = here[0]!;
		return {
			measurement,
			symptoms: symptom(
				measurement,
				`deleted files hold ${bytes(held)} of ${name} (${percent(share)}), most of it ${holdersOf(largest)}`,
				[
					{
						what: `restart ${holdersOf(largest)}, or make it reopen its files`,
						why: 'the space is given back when the last descriptor is closed; deleting more files does not help',
						command: `ls -l /proc/${largest.holders[0]?.pid ?? 'PID'}/fd | grep '(deleted)'`,
					},
				],
			),
		};
	});
	return makeCheck({
		id: 'deleted-files',
		title: 'Deleted but open files',
		fine:
			files.length === 0
				? 'none'
				: `${plural(files.length, 'file')} that ${files.length === 1 ? 'holds' : 'hold'} ${bytes(total)} in all`,
		symptoms: judged.flatMap(({symptoms}) => symptoms),
		measurements: [
			measure('space held by deleted files', total, 'bytes', '/proc/PID/fd'),
			measure('deleted files that are open', files.length, 'files', '/proc/PID/fd'),
			...judged.map(({measurement}) => measurement),
		],
		details: table(
			files
				.slice(0, shownFiles)
				.map(file => [bytes(file.bytes), file.path, `held by ${holdersOf(file)}`]),
			[0],
		),
		missing: unseenDescriptors(processes),
	});
};
