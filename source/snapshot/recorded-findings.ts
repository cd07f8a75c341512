import type {Finding} from '../model/finding.js';

/** What changed in a finding: keys with their new values, and threads and processes that joined or left it. */
export type FindingChange = {
	/** Its place among those of the tick before. */
	place: number;
	changes: Partial<Omit<Finding, 'tids' | 'pids'>>;
	tids?: MembersChange;
	pids?: MembersChange;
};

type MembersChange = {added?: readonly number[]; gone?: readonly number[]};

/** Findings of a tick: each whole, as its place among those of the tick before, or as what changed in that one. */
export type RecordedFindings = readonly (number | Finding | FindingChange)[];

/** Numbers in a finding's words move all the time; it is written again when more than that changes. */
const lookOf = ({rule, severity, confidence, since, pid}: Finding): string =>
	JSON.stringify([rule, severity, confidence, since, pid]);

/** The same trouble, though another of its processes may be the worst of them now. */
const troubleOf = ({rule, since, pid}: Finding): string =>
	JSON.stringify([rule, since, pid === undefined]);

const memberChange = (
	before: readonly number[],
	after: readonly number[],
): MembersChange | undefined => {
	const had = new Set(before);
	const has = new Set(after);
	const added = after.filter(each => !had.has(each));
	const gone = before.filter(each => !has.has(each));
	return added.length + gone.length === 0
		? undefined
		: {...(added.length > 0 && {added}), ...(gone.length > 0 && {gone})};
};

const changeOf = (place: number, before: Finding, after: Finding): FindingChange => {
	const tids = memberChange(before.tids, after.tids);
	const pids = memberChange(before.pids, after.pids);
	const changes = Object.fromEntries(
		Object.entries(after).filter(
			([key, value]) =>
				key !== 'tids' &&
				key !== 'pids' &&
				JSON.stringify(value) !== JSON.stringify(before[key as keyof Finding]),
		),
	);
	return {place, changes, ...(tids && {tids}), ...(pids && {pids})};
};

const applyMembers = (
	before: readonly number[],
	{added = [], gone = []}: MembersChange = {},
): readonly number[] => {
	const left = new Set(gone);
	return [...before.filter(each => !left.has(each)), ...added];
};

/** Places of findings by a text that identifies them, each handed out once. */
const placesBy = (
	findings: readonly Finding[],
	identityOf: (finding: Finding) => string,
	isTaken: (place: number) => boolean,
): ((finding: Finding) => number | undefined) => {
	const places = new Map<string, number[]>();
	for (const [place, finding] of findings.entries()) {
		if (!isTaken(place)) {
			const id = identityOf(finding);
			places.set(id, [...(places.get(id) ?? []), place]);
		}
	}

	return finding => places.get(identityOf(finding))?.shift();
};

/**
What is to be written of a tick's findings, and what a reader then has; `recorded` is missing when it's the same as before. One that
comes, goes or changes costs itself alone, not all that stay.
*/
export const recordFindings = (
	before: readonly Finding[],
	after: readonly Finding[],
): {known: readonly Finding[]; recorded?: RecordedFindings} => {
	const placeOfLook = placesBy(before, lookOf, () => false);
	const same = after.map(placeOfLook);
	const placeOfTrouble = placesBy(before, troubleOf, place => same.includes(place));
	const recorded = after.map((finding, index) => {
		const place = same[index] ?? placeOfTrouble(finding);
		if (place === undefined) {
			return finding;
		}

		return same[index] ?? changeOf(place, before[place]!, finding);
	});
	const isSame =
		recorded.length === before.length && recorded.every((each, place) => each === place);
	return isSame ? {known: before} : {known: readFindings(before, recorded)!, recorded};
};

/** Whether no finding came or went: only words or numbers of those that were there changed. */
export const isSameTrouble = (
	before: readonly Finding[],
	recorded: RecordedFindings = [],
): boolean =>
	recorded.length === before.length &&
	recorded.every(each => typeof each === 'number' || 'place' in each);

const readFinding = (
	before: readonly Finding[],
	recorded: number | Finding | FindingChange,
): Finding | undefined => {
	if (typeof recorded === 'number') {
		return before[recorded];
	}

	if (!('place' in recorded)) {
		return recorded;
	}

	const {place, changes, tids, pids} = recorded;
	const known = before[place];
	return (
		known && {
			...known,
			...changes,
			tids: applyMembers(known.tids, tids),
			pids: applyMembers(known.pids, pids),
		}
	);
};

/** The findings of a tick; undefined where a place is none of the tick before. */
export const readFindings = (
	before: readonly Finding[],
	recorded: RecordedFindings,
): readonly Finding[] | undefined => {
	const findings = recorded.map(each => readFinding(before, each));
	return findings.every(each => each !== undefined) ? findings : undefined;
};
