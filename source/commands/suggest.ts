/** How many letters must be put in, taken out, changed or swapped to get from one word to the other (optimal string alignment). */
const distance = (one: string, other: string): number => {
	const rows = [Array.from({length: other.length + 1}, (_, index) => index)];
	for (let i = 1; i <= one.length; i++) {
		const row = [i];
		for (let j = 1; j <= other.length; j++) {
			const isSame = one[i - 1] === other[j - 1];
			row.push(
				Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (isSame ? 0 : 1)),
			);
			if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
				row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
			}
		}

		rows.push(row);
	}

	return rows[one.length]![other.length]!;
};

const longestWord = 40;
const leastBeginning = 4;

const isBeginning = (written: string, word: string): boolean =>
	written.length >= leastBeginning && word.startsWith(written);

/** `; did you mean WORD?` where a known word is like what was written; nothing where none is. */
export const didYouMean = (written: string, known: readonly string[]): string => {
	if (written.length > longestWord) {
		return '';
	}

	const [best] = known
		.map(word => ({word, letters: isBeginning(written, word) ? 1 : distance(written, word)}))
		.sort((one, other) => one.letters - other.letters);
	// Of a word a third of the letters may be wrong: more would be another word.
	return best !== undefined && best.letters <= Math.max(1, Math.floor(written.length / 3))
		? `; did you mean ${best.word}?`
		: '';
};
