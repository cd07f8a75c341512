import {join} from 'node:path';
import type {Reading} from '../../model/reading.js';
import {type Mount, parseMountinfo} from '../../procfs/mountinfo.js';
import {readText} from '../../procfs/read-text.js';
import {distinctMounts} from '../distinct-mounts.js';
import type {Place} from '../place.js';
import {readUsage, type UsageAnswer} from './file-system-usage.js';

/** A mounted file system and how full it is, or why that can't be told. */
export type MountUsage = {mount: Mount; usage: UsageAnswer};

export type MountsReading = {
	/** Every mount, in the kernel's order; null or undefined when mountinfo can't be read. */
	all: Reading<readonly Mount[]>;
	/** The file systems that df(1) lists, with their sizes. */
	usages: readonly MountUsage[];
};

/** A dead mount costs a process each time it is asked: not more than this many at a time. */
const concurrentQuestions = 8;

/** A path that isn't UTF-8 can't be asked for by its text; its mount is named all the same. */
const ask = (place: Place, {mountPoint, type}: Mount): Promise<UsageAnswer> =>
	mountPoint.includes('\uFFFD')
		? Promise.resolve({reason: 'its path is not UTF-8'})
		: readUsage(place.rootPrefix === '' ? mountPoint : join(place.rootPrefix, mountPoint), type);

/** Reads all mounts and asks each real file system how full it is. */
export const readMounts = async (place: Place): Promise<MountsReading> => {
	const text = readText(join(place.viewpoint, 'mountinfo'));
	if (typeof text !== 'string') {
		return {all: text, usages: []};
	}

	const all = parseMountinfo(text);
	const questions = distinctMounts(all);
	const usages: MountUsage[] = [];
	for (let index = 0; index < questions.length; index += concurrentQuestions) {
		const some = questions.slice(index, index + concurrentQuestions);
		usages.push(
			...(await Promise.all(some.map(async mount => ({mount, usage: await ask(place, mount)})))),
		);
	}

	return {all, usages};
};
