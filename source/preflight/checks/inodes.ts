import {countText} from '../../model/count-text.js';
import type {Check} from '../../model/preflight.js';
import {type Capacity, judgeCapacity, usedPercent} from '../capacity.js';
import {makeCheck} from '../judge.js';
import type {MountsReading} from '../readers/mounts.js';
import type {Span} from '../span.js';
import {printable, table} from '../words.js';
import {answered, isFixed, unanswered} from './disks.js';

const leastInodes = 10;

const words = {
	noun: 'inodes',
	source: 'statfs(2)',
	least: leastInodes,
	say: countText,
	fixes: (name: string) => [
		{
			what: `find the directories with the most files on ${name}`,
			why: 'without an inode no file can be made, however much space is free: ENOSPC with df -h all green',
			command: `du --inodes -x --max-depth=3 '${name.replaceAll("'", `'\\''`)}' | sort -n | tail -20`,
		},
	],
};

/** Whether files can still be made: `df -i`. File systems that make inodes as needed have no number of them. */
export const checkInodes = (span: Span<MountsReading>): Check => {
	const known = answered(span).filter(({usage}) => usage.inodes > 0);
	const capacities = known.map(
		({mount, usage, before}): Capacity => ({
			name: printable(mount.mountPoint),
			used: usage.inodes - usage.freeInodes,
			available: usage.freeInodes,
			availableBefore: before?.freeInodes,
			seconds: span.seconds,
			fixed: isFixed(mount),
		}),
	);
	const judged = capacities.map(capacity => judgeCapacity(capacity, words));
	const fullest = capacities
		.filter(({fixed}) => !fixed)
		.sort((a, b) => usedPercent(b) - usedPercent(a))[0];
	return makeCheck({
		id: 'inodes',
		title: 'Inodes',
		fine: fullest
			? `most used on ${fullest.name}: ${usedPercent(fullest)} %, ${countText(fullest.available)} left`
			: 'no file system with a fixed number of inodes',
		symptoms: judged.flatMap(({symptoms}) => symptoms),
		measurements: judged.flatMap(({measurements}) => measurements),
		details: table(
			[
				['file system', 'inodes', 'used', 'free', 'use', 'mounted on'],
				...known.map(({mount, usage}, index) => [
					printable(mount.source),
					countText(usage.inodes),
					countText(capacities[index]!.used),
					countText(usage.freeInodes),
					`${usedPercent(capacities[index]!)}%`,
					capacities[index]!.name,
				]),
			],
			[1, 2, 3, 4],
		),
		...unanswered(span.last),
	});
};
