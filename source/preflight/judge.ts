import type {Fix} from '../model/finding.js';
import type {Check, Measurement, Threshold, Verdict} from '../model/preflight.js';
import type {Reading} from '../model/reading.js';

const rank: Readonly<Record<Verdict, number>> = {ok: 0, unknown: 1, watch: 2, bad: 3};

/** The worst of verdicts: bad, watch, unknown, ok. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
	verdicts.reduce<Verdict>((most, verdict) => (rank[verdict] > rank[most] ? verdict : most), 'ok');

/** Holds a value against a threshold. A value on the threshold has reached it. */
export const judge = (value: Reading<number | string>, threshold: Threshold): Verdict => {
	if (typeof value !== 'number') {
		return 'unknown';
	}

	const reached = (limit: number | undefined) =>
		limit !== undefined && (threshold.side === 'above' ? value >= limit : value <= limit);
	return reached(threshold.bad) ? 'bad' : reached(threshold.watch) ? 'watch' : 'ok';
};

export const above = (watch?: number, bad?: number): Threshold => ({side: 'above', watch, bad});
export const below = (watch?: number, bad?: number): Threshold => ({side: 'below', watch, bad});

/** A measurement with its verdict, where it has a threshold. */
export const measure = (
	what: string,
	value: Reading<number | string>,
	unit: string,
	source: string,
	threshold?: Threshold,
): Measurement => ({
	what,
	value: typeof value === 'number' ? Math.round(value * 100) / 100 : value,
	unit,
	source,
	...(threshold && {threshold, verdict: judge(value, threshold)}),
});

/** Something that isn't fine, in a sentence, with the verdict of the measurement that it rests on. */
export type Symptom = {verdict: Verdict; says: string; fixes: readonly Fix[]};

/** The symptom of a measurement; none while it is fine or unknown. */
export const symptom = (
	measurement: Measurement,
	says: string,
	fixes: readonly Fix[] = [],
): readonly Symptom[] =>
	measurement.verdict === 'watch' || measurement.verdict === 'bad'
		? [{verdict: measurement.verdict, says, fixes}]
		: [];

export type CheckParts = {
	id: string;
	title: string;
	/** The summary when there is no symptom and nothing is missing. */
	fine: string;
	symptoms: readonly Symptom[];
	measurements: readonly Measurement[];
	details?: readonly string[];
	/** What could not be seen, and why. */
	missing?: readonly string[];
	/** Whether the check can say 'fine' in spite of what is missing; it is said as the reason either way. */
	fineAllTheSame?: boolean;
};

/** Puts a check together: the worst symptom speaks for it, what is missing makes it unknown unless it is worse already. */
export const makeCheck = ({
	id,
	title,
	fine,
	symptoms,
	measurements,
	details = [],
	missing = [],
	fineAllTheSame = false,
}: CheckParts): Check => {
	const ordered = [...symptoms].sort((a, b) => rank[b.verdict] - rank[a.verdict]);
	const [first, ...others] = ordered;
	const unknown = missing.length > 0 && !fineAllTheSame;
	const reason = missing.join('; ');
	return {
		id,
		title,
		verdict: worst([...ordered.map(({verdict}) => verdict), unknown ? 'unknown' : 'ok']),
		summary: first?.says ?? (unknown ? `cannot tell: ${reason}` : fine),
		...(missing.length > 0 && {reason}),
		measurements: [...measurements].sort(
			(a, b) => rank[b.verdict ?? 'ok'] - rank[a.verdict ?? 'ok'],
		),
		details: [...others.map(({says}) => `also: ${says}`), ...details],
		fixes: ordered.flatMap(({fixes}) => fixes),
	};
};
