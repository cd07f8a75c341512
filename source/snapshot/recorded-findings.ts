import type {Finding} from '../model/finding.js';

/** Findings of a tick: each whole, or as its place among those of the tick before. */
export type RecordedFindings = readonly (number | Finding)[];

/** Numbers in a finding's words move all the time; it is written again when more than that changes. */
const identityOf = ({rule, severity, confidence, since, pid}: Finding): string =>
	JSON.stringify([rule, severity, confidence, since, pid]);

/**
What is to be written of a tick's findings, and what a reader then has; `recorded` is missing when it's the same as before. One that
comes or goes costs itself alone, not all that stay.
*/
export const recordFindings = (
	before: readonly Finding[],
	after: readonly Finding[],
): {known: readonly Finding[]; recorded?: RecordedFindings} => {
	const places = new Map<string, number[]>();
	for (const [place, finding] of before.entries()) {
		const id = identityOf(finding);
		places.set(id, [...(places.get(id) ?? []), place]);
	}

	const recorded = after.map(finding => places.get(identityOf(finding))?.shift() ?? finding);
	const isSame =
		recorded.length === before.length && recorded.every((each, place) => each === place);
	return isSame ? {known: before} : {known: readFindings(before, recorded)!, recorded};
};

/** The findings of a tick; undefined where a place is none of the tick before. */
export const readFindings = (
	before: readonly Finding[],
	recorded: RecordedFindings,
): readonly Finding[] | undefined => {
	const findings = recorded.map(each => (typeof each === 'number' ? before[each] : each));
	return findings.every(each => each !== undefined) ? findings : undefined;
};
