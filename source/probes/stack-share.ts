/** Chooses, of very many threads, those whose stacks are read. */
export type StackShare = {
	/** At a thread's first look: whether it is one of the first of its kind, which is the same for those that wait in alike places. */
	isRare(kind: string): boolean;
	/** At a later look: whether it is its turn. */
	isItsTurn(): boolean;
};

/** Of alike ones so many tell whether they are. */
const stacksOfEachKind = 8;
/** A look with a stack takes some four times as long as one without: as much time goes to stacks as to waits. */
const threadsPerStack = 4;

export const createStackShare = (): StackShare => {
	const taken = new Map<string, number>();
	let turn = 0;
	return {
		isRare(kind) {
			const count = (taken.get(kind) ?? 0) + 1;
			taken.set(kind, count);
			return count <= stacksOfEachKind;
		},
		isItsTurn() {
			turn = (turn + 1) % threadsPerStack;
			return turn === 0;
		},
	};
};
