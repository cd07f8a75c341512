/**
Processes of which each thread waits, without a time limit, for something that only threads of these processes can do: nothing but a
signal can wake one of them any more.
*/
export type ClosedSet = {
	pids: readonly number[];
	/** Pipes, eventfds and pieces of shared memory that they wait at; nobody else has any of them. */
	objects: number;
	/** Processes that were looked through for somebody else who has them. */
	processesLookedThrough: number;
	/** For how long none of their threads has run, as far as it was watched. */
	seconds: number;
	/** Those of its processes, in order, of which each waits for the next one, and the last for the first; missing where there is no such circle. */
	circle?: readonly number[];
	/**
	How many processes beside the circle have the reading end of one of its pipes too, and stand still as well. Missing where each waits for the
	next one alone.
	*/
	otherReaders?: number;
};
