import type {Animal} from './labels.ts';

/** What was said of one animal by one watcher. */
export type Verdict = {
	animal: Animal;
	said: readonly string[];
	/** When it was first told right, in seconds after the start of ctop. */
	firstSeconds?: number;
	/** How long of that ctop was ready to run and had no CPU. */
	secondsWaitedForCpu?: number;
};

export type Score = {
	right: number;
	missed: number;
	wrong: number;
	recall: number;
	precision: number;
	/** Rows: what is so. Columns: what was said; `-` is nothing. */
	matrix: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

const nothing = '-';

/** Labels that were said, that were not, and what was said that isn't so. */
export const judge = ({animal, said}: Verdict) => {
	const allowed = new Set([...animal.labels, ...(animal.mayAlsoSay ?? [])]);
	return {
		right: animal.labels.filter(label => said.includes(label)),
		missed: animal.labels.filter(label => !said.includes(label)),
		wrong: said.filter(rule => !allowed.has(rule)),
	};
};

export const scoreOf = (verdicts: readonly Verdict[]): Score => {
	const matrix = new Map<string, Map<string, number>>();
	const count = (is: string, says: string) => {
		const row = matrix.get(is) ?? new Map<string, number>();
		row.set(says, (row.get(says) ?? 0) + 1);
		matrix.set(is, row);
	};

	const totals = {right: 0, missed: 0, wrong: 0};
	for (const verdict of verdicts) {
		const {right, missed, wrong} = judge(verdict);
		totals.right += right.length;
		totals.missed += missed.length;
		totals.wrong += wrong.length;
		for (const label of right) {
			count(label, label);
		}

		for (const label of missed) {
			count(label, wrong[0] ?? nothing);
		}

		for (const rule of missed.length > 0 ? wrong.slice(1) : wrong) {
			count(verdict.animal.labels[0] ?? nothing, rule);
		}

		if (verdict.animal.labels.length === 0 && wrong.length === 0) {
			count(nothing, nothing);
		}
	}

	const {right, missed, wrong} = totals;
	return {
		...totals,
		recall: right + missed === 0 ? 1 : right / (right + missed),
		precision: right + wrong === 0 ? 1 : right / (right + wrong),
		matrix,
	};
};

/** The confusion matrix as lines of text. */
export const matrixText = ({matrix}: Score): string => {
	const names = [
		...new Set([...matrix.keys(), ...[...matrix.values()].flatMap(row => [...row.keys()])]),
	].sort();
	const width = Math.max(...names.map(name => name.length), 8);
	const cells = names.map(is =>
		[
			is.padEnd(width),
			...names.map(says => String(matrix.get(is)?.get(says) ?? '.').padStart(4)),
		].join(' '),
	);
	const numbers = names.map((_, index) => String(index + 1).padStart(4)).join(' ');
	return [
		`${'is \\ said'.padEnd(width)} ${numbers}`,
		...cells.map((line, index) => `${line}   ${index + 1}`),
	].join('\n');
};
