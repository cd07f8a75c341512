import type {Process} from '../../model/process.js';
import type {FindingLine} from '../finding.js';
import {wrappedLines} from '../lines.js';
import {shortTarget} from '../waiting-on.js';
import {listSome} from './threads.js';

const tidsShown = 6;

/** Both ends of a connection are of use here; of a pipe, in which direction it is waited for. */
const fullTarget = (target: string, call: string | undefined): string =>
	target.startsWith('pipe') ? shortTarget(target, call) : target;

/** What threads wait on through a descriptor, and which of them: sockets with their far end, pipes, files. */
export const descriptorLines = ({threads}: Process, width: number): FindingLine[] => {
	const waiters = new Map<string, number[]>();
	for (const {tid, wait} of threads) {
		if (!wait || wait.kind === 'join' || wait.kind === 'child') {
			continue;
		}

		const {fd, target, call} = wait;
		if (fd === undefined && target === undefined) {
			continue;
		}

		const what = target === undefined ? 'not looked up, or refused' : fullTarget(target, call);
		const text = `${fd === undefined ? '' : `fd ${fd}: `}${what} (${call ?? wait.kind})`;
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
