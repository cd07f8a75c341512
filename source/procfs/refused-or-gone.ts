const refusals: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM']);

/** What a reading is that ended with this error of a system call: null when the kernel refused it, undefined when there is nothing to read. */
export const refusedOrGone = (error: unknown): null | undefined =>
	refusals.has((error as NodeJS.ErrnoException).code) ? null : undefined;
