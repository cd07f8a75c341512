import type {Patch} from './recording-format.js';

type Keyed = Readonly<Record<string, unknown>>;

const isSame = (one: unknown, other: unknown): boolean =>
	one === other ||
	(typeof one === 'object' &&
		typeof other === 'object' &&
		JSON.stringify(one) === JSON.stringify(other));

/** What to change in `before` so that it becomes `after`; undefined when nothing. A key without a value is one that isn't there. */
export const makePatch = (before: Keyed, after: Keyed): Patch | undefined => {
	const changed: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(after)) {
		if (value !== undefined && !isSame(before[key], value)) {
			changed[key] = value;
		}
	}

	const gone = Object.keys(before).filter(
		key => before[key] !== undefined && after[key] === undefined,
	);
	if (gone.length > 0) {
		changed['-'] = gone;
	}

	return Object.keys(changed).length > 0 ? changed : undefined;
};

/** A copy with the changes made. */
export const applyPatch = <Value extends object>(
	before: Value,
	patch: Patch | undefined,
): Value => {
	if (patch === undefined) {
		return before;
	}

	const {'-': gone = [], ...changed} = patch;
	const after: Record<string, unknown> = {...before, ...changed};
	for (const key of gone) {
		delete after[key];
	}

	return after as Value;
};
