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
	/** Its processes in an order in which each waits for the next one alone, and the last for the first; missing where they wait for several. */
	circle?: readonly number[];
};
