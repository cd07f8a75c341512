/** What a person asked for can't be done as asked; the message says why in one line. */
export class UsageError extends Error {}

/** What the program's exit code means. */
export const exitCode = {
	fine: 0,
	error: 1,
	usage: 2,
	/** A finding at least as severe as `--fail-on` says. */
	failOnMet: 3,
	/** None of the processes asked for is there. */
	pidsGone: 4,
} as const;
