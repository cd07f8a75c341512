/** Columns that each level of the tree takes, and what the last one ends in. */
const levelWidth = 4;
const branchEnd = ' \\_ ';

/** What the name needs at least, as a share of the width and within bounds. */
const nameShare = 0.4;
const [leastName, enoughName] = [12, 24];

/**
Branches of the tree, cut so that the name still has room. What is deeper than fits stands as deep as fits, with the number of its
level: `   7 \_ sh` is below `   6 \_ npm`.
*/
export const fitBranches = (prefix: string, width: number): string => {
	const forName = Math.min(enoughName, Math.max(leastName, Math.floor(width * nameShare)));
	const most = Math.max(levelWidth, width - forName);
	if (prefix.length <= most) {
		return prefix;
	}

	const level = String(prefix.length / levelWidth);
	const before = Math.floor(most / levelWidth) * levelWidth - branchEnd.length;
	return level.padStart(before) + branchEnd;
};
