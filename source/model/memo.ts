/**
What was found out about objects of Snapshots. A thread that doesn't run is the same object in the next Snapshot, so that whatever was
worked out about it still holds, and one that runs is a new one: of these nothing is kept for longer than some Snapshots. A WeakMap
would keep it for as long as the screen keeps a minute of them, and costs the collector more.
*/
export type Memo<Key extends object, Value> = {
	get: (key: Key) => Value | undefined;
	set: (key: Key, value: Value) => void;
};

/** Snapshots after which what nobody asked for is put aside, and after as many again forgotten. */
const snapshotsOfAge = 4;

const aging: (() => void)[] = [];

export const createMemo = <Key extends object, Value>(): Memo<Key, Value> => {
	let young = new Map<Key, Value>();
	let old = new Map<Key, Value>();
	aging.push(() => {
		old = young;
		young = new Map();
	});
	return {
		get: key => {
			const known = young.get(key);
			if (known !== undefined) {
				return known;
			}

			const before = old.get(key);
			if (before !== undefined) {
				young.set(key, before);
			}

			return before;
		},
		set: (key, value) => {
			young.set(key, value);
		},
	};
};

let snapshots = 0;

/** To be called with each new Snapshot. */
export const ageMemos = (): void => {
	snapshots++;
	if (snapshots % snapshotsOfAge === 0) {
		for (const age of aging) {
			age();
		}
	}
};
