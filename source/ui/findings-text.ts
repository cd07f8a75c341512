import {
	type FindingFormat,
	type FindingLine,
	formatFindingStrip,
	formatFindings,
	formatNoFinding,
	formatNotSeen,
} from '../format/finding.js';
import {countFindings} from '../format/severity.js';
import type {Snapshot} from '../model/snapshot.js';

type FindingsText = ReturnType<typeof formatFindings>;

const texts = new WeakMap<Snapshot, Map<string, FindingsText>>();

/** Lines of all findings, and where each begins; made once for a Snapshot, a width and a detail. */
export const findingsText = (
	snapshot: Snapshot,
	width: number,
	detail: FindingFormat['detail'],
): FindingsText => {
	const ofSnapshot = texts.get(snapshot) ?? new Map<string, FindingsText>();
	texts.set(snapshot, ofSnapshot);
	const key = `${width} ${detail}`;
	const text = ofSnapshot.get(key) ?? formatFindings(snapshot, width, detail);
	ofSnapshot.set(key, text);
	return text;
};

/** Lines of the strip below the table, its title first; the most severe findings come first. */
export const stripLines = (snapshot: Snapshot, width: number): FindingLine[] => {
	const {findings} = snapshot;
	if (findings.length === 0) {
		return [...formatNoFinding(snapshot, width), ...formatNotSeen(snapshot, width)];
	}

	return [
		{role: 'heading', text: `findings: ${countFindings(findings)}`},
		...findings.flatMap((finding, index) => formatFindingStrip(finding, width, index + 1)),
	];
};

/** How many lines the strip would fill. */
export const stripWanted = (snapshot: Snapshot, width: number): number =>
	stripLines(snapshot, width).length;
