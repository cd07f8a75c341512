import type {ReadMemory} from '../../procfs/memory.js';
import type {CollectorField, CollectorLayout, CollectorPlace} from './collector-layout.js';

/** What Go's runtime had counted when its last cycle of collection ended. Times are those of its processors (P), on the wall's clock. */
export type CollectorLook = {
	/** When that was, on the machine's monotonic clock; 0 before the first. */
	endedAt: number;
	cycles: number;
	/** Nanoseconds for marking, of goroutines that had to help with it (assists) and of the collector's own. */
	markNanoseconds: number;
	/** Before Go 1.20 the time that the world was stopped is in there, once for each processor. */
	pauseNanoseconds: number;
	/** GOMAXPROCS, but no more than there are CPUs. */
	stoppedProcessors: number;
	/** Marking on processors that had nothing else to do. */
	idleNanoseconds?: number;
	/** Before Go 1.20 that isn't added up: what is known is how it compares with the rest of the cycle that runs or ran last. */
	cycle?: {markNanoseconds: number; idleNanoseconds: number};
	/** GOGC as it is in force; -1: off. */
	gcPercent?: number;
	/** GOMEMLIMIT as it is in force. */
	memoryLimitBytes?: number;
	/** What lived when the last cycle ended. */
	liveHeapBytes?: number;
};

/** Reads the collector's counters of one process, from outside: a few reads of its memory. Undefined where they can't be read. */
export type CollectorReader = () => CollectorLook | undefined;

/** Read at once where they lie so close together: a page. */
const widestSpan = 4096;
/** GOMEMLIMIT is this where there is none (math.MaxInt64), which a double rounds up. */
const noLimit = 2 ** 62;

type Span = {from: number; to: number; fields: Map<CollectorField, CollectorPlace>};

const spansOf = (layout: CollectorLayout, bias: number): readonly Span[] => {
	const spans: Span[] = [];
	const places = [...layout].sort(([, one], [, other]) => one.address - other.address);
	for (const [field, {address: inFile, size}] of places) {
		const address = inFile + bias;
		const last = spans.at(-1);
		if (last && address + size - last.from <= widestSpan) {
			last.to = Math.max(last.to, address + size);
			last.fields.set(field, {address, size});
		} else {
			spans.push({from: address, to: address + size, fields: new Map([[field, {address, size}]])});
		}
	}

	return spans;
};

const readFields = (
	spans: readonly Span[],
	read: ReadMemory,
): ReadonlyMap<CollectorField, number> | undefined => {
	const values = new Map<CollectorField, number>();
	for (const {from, to, fields} of spans) {
		const bytes = read(from, to - from);
		if (!bytes) {
			return undefined;
		}

		for (const [field, {address, size}] of fields) {
			const at = address - from;
			values.set(field, size === 4 ? bytes.readInt32LE(at) : Number(bytes.readBigInt64LE(at)));
		}
	}

	return values;
};

/** `bias` is how far the program was moved when it was mapped. */
export const createCollectorReader = (
	layout: CollectorLayout,
	bias: number,
	read: ReadMemory,
): CollectorReader => {
	const spans = spansOf(layout, bias);

	return () => {
		const values = readFields(spans, read);
		if (!values) {
			return undefined;
		}

		const of = (field: CollectorField): number => values.get(field) ?? 0;
		const idle = values.get('idleTime');
		const gcPercent = values.get('gcPercent');
		const limit = of('memoryLimit');
		const live = values.get('heapMarked');
		return {
			endedAt: of('endedAt'),
			cycles: of('cycles') >>> 0,
			markNanoseconds:
				idle === undefined ? of('totalTime') : of('assistTime') + of('dedicatedTime'),
			pauseNanoseconds: idle === undefined ? of('pauseTotal') : 0,
			stoppedProcessors: of('stoppedProcessors'),
			...(idle === undefined
				? {
						cycle: {
							markNanoseconds:
								of('cycleAssistTime') + of('cycleDedicatedTime') + of('cycleFractionalTime'),
							idleNanoseconds: of('cycleIdleTime'),
						},
					}
				: {idleNanoseconds: idle}),
			...(gcPercent !== undefined && {gcPercent}),
			...(limit > 0 && limit < noLimit && {memoryLimitBytes: limit}),
			...(live !== undefined && {liveHeapBytes: live}),
		};
	};
};
