/** Calls of semop(2), which wait for a semaphore of System V. */
export const semaphoreCalls: ReadonlySet<string | undefined> = new Set(['semop', 'semtimedop']);
