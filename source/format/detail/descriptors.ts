import type {Process} from '../../model/process.js';
import type {Wait} from '../../model/wait.js';
import type {FindingLine} from '../finding.js';
import {wrappedLines} from '../lines.js';
import {printable} from '../printable.js';
import {watchesCount, watchesText} from '../watches.js';
import {listSome} from './threads.js';

const tidsShown = 6;

const isUnixWithoutPeer = (target: string): boolean =>
	target.startsWith('socket unix') && !target.startsWith('socket unix listens');

/** Both ends of a connection are of use here; of one within the machine that has no addresses, /proc tells no more than that. */
const targetText = ({target, watches, kind}: Wait): string => {
	if (watches !== undefined && watchesCount(watches) > 1) {
		const text = `${kind} of ${watchesText(watches)}`;
		return target === undefined ? text : `${text}: ${printable(target)}`;
	}

	if (target === undefined) {
		return watches === undefined ? 'not looked up, or refused' : watchesText(watches);
	}

	return printable(
		isUnixWithoutPeer(target) ? `${target}, whose peer /proc does not tell` : target,
	);
};

/** What threads wait on through a descriptor, and which of them: sockets with their far end, pipes, files. */
export const descriptorLines = ({threads}: Process, width: number): FindingLine[] => {
	const waiters = new Map<string, number[]>();
	for (const {tid, wait} of threads) {
		if (!wait || wait.kind === 'join' || wait.kind === 'child') {
			continue;
		}

		const {fd, target, watches, call} = wait;
		if (fd === undefined && target === undefined && watches === undefined) {
			continue;
		}

		const text = `${fd === undefined ? '' : `fd ${fd}: `}${targetText(wait)} (${call ?? wait.kind})`;
		waiters.set(text, [...(waiters.get(text) ?? []), tid]);
	}

	return [...waiters]
		.sort((one, other) => other[1].length - one[1].length)
		.flatMap(([text, tids]) =>
			wrappedLines(
				'text',
				'  ',
				`${text}: ${tids.length > 1 ? `${tids.length} threads, ` : ''}${listSome(tids.map(String), tidsShown)}`,
				width,
			),
		);
};
