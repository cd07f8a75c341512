/**
A value as the kernel gave it, or the reason why there is none.

- a value, zero included: it was read
- `null`: the kernel refused it (EACCES, EPERM)
- `undefined` or a missing key: not there on this kernel, or not collected

A Snapshot in memory and as JSON keep the three apart in the same way.
*/
export type Reading<Value> = Value | null | undefined;

/** Whether there is a value; zero, '' and false are values. */
export const isKnown = <Value>(
	reading: Reading<Value>,
): reading is Exclude<Value, null | undefined> => reading !== null && reading !== undefined;

/** Whether the kernel refused the value. */
export const isRefused = (reading: Reading<unknown>): reading is null => reading === null;
