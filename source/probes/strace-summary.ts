import type {ExactCall} from '../model/probe.js';

/** `% time seconds usecs/call calls errors syscall`; errors are left blank where there were none. See strace(1), option -c. */
const rowPattern = /^\s*(\d+\.\d+)\s+(\d+\.\d+)\s+\d+\s+(\d+)\s+(?:(\d+)\s+)?([a-z_]\w*)\s*$/i;

/** The table that `strace -c` ends with, busiest first; the line with the sums is left out. */
export const parseStraceSummary = (text: string): readonly ExactCall[] =>
	text
		.split('\n')
		.flatMap((line): ExactCall[] => {
			const [, percent, seconds, calls, errors, call] = rowPattern.exec(line) ?? [];
			return call === undefined || call === 'total'
				? []
				: [
						{
							call,
							percent: Number(percent),
							seconds: Number(seconds),
							calls: Number(calls),
							errors: Number(errors ?? 0),
						},
					];
		})
		.sort((a, b) => b.seconds - a.seconds);
