/**
What a frame of a stack belongs to, as far as its name and place tell: `application` code, the `interpreter` that runs it, the one lock
of an interpreter (`gil`), another `lock`, a `library` of the system, the `kernel`, a `wait` in a system call, or a `thread` (or group of
them). Files of early versions have the GIL among the locks.
*/
export type FrameKind =
	| 'application'
	| 'interpreter'
	| 'gil'
	| 'lock'
	| 'library'
	| 'kernel'
	| 'wait'
	| 'thread';

export type FlameFrame = {name: string; kind: FrameKind};

/** Stacks that were seen, and for how long. */
export type FlameGraph = {
	frames: readonly FlameFrame[];
	stacks: readonly FlameStack[];
};

export type FlameStack = {
	/** Indexes of `frames`, outermost first. */
	frames: readonly number[];
	/** Time of threads spent in it. */
	milliseconds: number;
};
