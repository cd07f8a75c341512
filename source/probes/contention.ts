/** In how many rounds of looks threads were seen to wait at futex words. */
export type Contention = {
	beginRound(): void;
	/** A thread was seen to wait at a word, by its key. */
	count(key: number): void;
	/** Share of the rounds in which some thread was seen there. */
	percent(key: number): number;
};

export const createContention = (): Contention => {
	const words = new Map<number, {rounds: number; lastRound: number}>();
	let rounds = 0;
	return {
		beginRound() {
			rounds++;
		},
		count(key) {
			const known = words.get(key);
			if (!known) {
				words.set(key, {rounds: 1, lastRound: rounds});
			} else if (known.lastRound !== rounds) {
				known.rounds++;
				known.lastRound = rounds;
			}
		},
		percent: key => ((words.get(key)?.rounds ?? 0) / Math.max(1, rounds)) * 100,
	};
};
