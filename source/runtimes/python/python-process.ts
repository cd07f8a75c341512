import type {ReadMemory} from '../../procfs/memory.js';
import {readPointer} from '../pointers.js';
import {createCodeObjects} from './code-objects.js';
import {walkFrames} from './frames.js';
import {createGilReader, type GilReader, isGilEnabled} from './gil-state.js';
import type {PythonInterpreter} from './interpreter.js';
import {createOlderGilReader, type OlderGilPlace} from './older-gil.js';
import {
	type OlderLayout,
	olderLayouts,
	type RuntimeLayout,
	readRuntimeLayout,
} from './runtime-layout.js';
import {
	createThreadStates,
	type InterpreterState,
	listInterpreters,
	type ThreadState,
	type ThreadStates,
	type TidOf,
} from './thread-states.js';

/** The GIL of one interpreter, or of several that share it. */
export type ProcessGil = {interpreterId: number; reader: GilReader};

/** What can be read of CPython in a running process, without stopping it. */
export type PythonProcess = {
	/** Its GILs, the main interpreter's first: one, but for interpreters of 3.12 and newer that have one of their own. */
	gils(): readonly ProcessGil[];
	/** Whether it's a build that can run without the GIL, and does. */
	isWithoutGil(): boolean;
	/** Its Python threads by the kernel's ids. */
	threads(): ReadonlyMap<number, ThreadState>;
	/** Frames of a thread, innermost first, as `_poll (pykafka/producer.py:312)`; each is read as it's asked for. */
	frames(state: ThreadState): Iterable<string>;
	/** Begins a new round: what's at an address may be something else by now. */
	refresh(): void;
};

/** Where the symbols of an interpreter lie in a process, by their names. */
export type SymbolAddresses = ReadonlyMap<string, number>;

export type PythonMemory = {
	interpreter: PythonInterpreter;
	symbols: SymbolAddresses;
	readMemory: ReadMemory;
	tidOf: TidOf;
	/** Node's name of it. */
	architecture: string;
};

/** Of CPython 3.7 and newer, which export it. */
export const runtimeSymbol = '_PyRuntime';

/** Symbols that are looked for; the second line's are private, so that stripped builds don't have them. */
export const pythonSymbols = [
	...[runtimeSymbol, '_PyThreadState_Current', 'PyCode_Type', 'PyUnicode_Type', 'PyBytes_Type'],
	...[
		'PyString_Type',
		'interp_head',
		'interpreter_lock',
		'gil_cond',
		'gil_mutex',
		'gil_switch_number',
	],
];

/** The rest, once threads, interpreters and GILs can be told. */
const assemble = (
	{symbols, readMemory}: PythonMemory,
	layout: OlderLayout,
	states: ThreadStates,
	interpreters: () => readonly InterpreterState[],
	rest: Pick<PythonProcess, 'gils' | 'isWithoutGil'>,
): PythonProcess => {
	const code = createCodeObjects(readMemory, layout, {
		code: symbols.get('PyCode_Type'),
		text: symbols.get('PyUnicode_Type'),
		bytes: symbols.get(layout.text ? 'PyBytes_Type' : 'PyString_Type'),
	});

	return {
		...rest,
		threads() {
			const threads = new Map<number, ThreadState>();

			for (const {address} of interpreters()) {
				for (const state of states.list(address)) {
					// A thread may have a state in several interpreters: what counts is where it runs.
					if (state.tid !== undefined && (state.firstFrame !== 0 || !threads.has(state.tid))) {
						threads.set(state.tid, state);
					}
				}
			}

			return threads;
		},
		frames: ({firstFrame}) => walkFrames(readMemory, layout.frame, firstFrame, code),
		refresh: code.refresh,
	};
};

/** Whether most of the threads that an interpreter lists are alive: were the offsets wrong, none would be. */
const hasLivingThreads = (states: readonly ThreadState[]): boolean =>
	states.filter(({tid}) => tid !== undefined).length * 2 > states.length;

const createNewer = (
	memory: PythonMemory,
	runtime: number,
	layout: RuntimeLayout,
): PythonProcess | undefined => {
	const {readMemory, tidOf, architecture} = memory;
	const states = createThreadStates(readMemory, layout, tidOf, architecture);
	const interpreters = () =>
		listInterpreters(
			readMemory,
			layout,
			readPointer(readMemory, runtime + layout.interpretersHead),
		);
	const gilOf = ({address}: InterpreterState): number =>
		layout.gil.within === 'runtime'
			? runtime + layout.gil.offset
			: readPointer(readMemory, address + layout.gil.offset);
	let addresses: ReadonlySet<number> = new Set();
	const readers = new Map<number, GilReader>();

	const readerOf = (gil: number): GilReader => {
		const reader =
			readers.get(gil) ??
			createGilReader(
				{gil, isInterpreter: each => addresses.has(each), hasSwitch: layout.hasGilSwitch},
				readMemory,
				states,
			);
		readers.set(gil, reader);

		return reader;
	};

	const gils = (): readonly ProcessGil[] => {
		const all = [...interpreters()].sort((one, other) => one.id - other.id);
		addresses = new Set(all.map(({address}) => address));
		const byAddress = new Map<number, number>();

		for (const interpreter of all) {
			const gil = gilOf(interpreter);

			if (gil !== 0 && !byAddress.has(gil)) {
				byAddress.set(gil, interpreter.id);
			}
		}

		for (const gil of readers.keys()) {
			if (!byAddress.has(gil)) {
				readers.delete(gil);
			}
		}

		return [...byAddress].map(([gil, interpreterId]) => ({interpreterId, reader: readerOf(gil)}));
	};

	const isWithoutGil = (): boolean => {
		const [main] = interpreters();

		return (
			layout.hasGilSwitch && main !== undefined && isGilEnabled(readMemory, gilOf(main)) === false
		);
	};

	const all = interpreters();
	const isPlausible =
		all.length > 0 &&
		all.some(({address}) => hasLivingThreads(states.list(address))) &&
		(isWithoutGil() || gils().some(({reader}) => reader.read() !== undefined));

	return isPlausible
		? assemble(memory, layout, states, interpreters, {gils, isWithoutGil})
		: undefined;
};

/** `sem_t`, and `pthread_cond_t`. */
const semaphoreSize = 4;
const conditionSize = 48;

const olderGilPlace = (
	{symbols, readMemory}: PythonMemory,
	currentThread: number,
): OlderGilPlace => {
	const lock = symbols.get('interpreter_lock');
	const semaphore = lock === undefined ? 0 : readPointer(readMemory, lock);
	const condition = symbols.get('gil_cond');
	const switchNumber = symbols.get('gil_switch_number');
	const start = condition ?? (semaphore === 0 ? undefined : semaphore);

	return {
		currentThread,
		...(start !== undefined && {
			words: {start, end: start + (condition === undefined ? semaphoreSize : conditionSize)},
		}),
		...(switchNumber !== undefined && {switchNumber}),
	};
};

const createOlder = (
	memory: PythonMemory,
	currentThread: number,
	layout: OlderLayout,
): PythonProcess => {
	const {symbols, readMemory, tidOf, architecture} = memory;
	const states = createThreadStates(readMemory, layout, tidOf, architecture);
	let first = 0;
	const reader = createOlderGilReader(
		olderGilPlace(memory, currentThread),
		layout,
		readMemory,
		states,
		interpreter => {
			first = interpreter;
		},
	);
	const gils = [{interpreterId: 0, reader}];
	const head = symbols.get('interp_head');

	const interpreters = (): readonly InterpreterState[] => {
		if (head === undefined && first === 0) {
			reader.read();
		}

		const known = head === undefined ? first : readPointer(readMemory, head);

		return known === 0 ? [] : listInterpreters(readMemory, layout, known);
	};

	return assemble(memory, layout, states, interpreters, {
		gils: () => gils,
		isWithoutGil: () => false,
	});
};

/** Finds what CPython keeps of its threads and its GIL; `undefined` when anything about it is in doubt, or the version isn't known. */
export const createPythonProcess = (memory: PythonMemory): PythonProcess | undefined => {
	const {interpreter, symbols, readMemory} = memory;
	const runtime = symbols.get(runtimeSymbol);

	if (runtime !== undefined) {
		const layout = readRuntimeLayout(interpreter, runtime, readMemory);

		return layout && createNewer(memory, runtime, layout);
	}

	const currentThread = symbols.get('_PyThreadState_Current');
	const layout = olderLayouts.get(interpreter.version);

	return currentThread !== undefined && layout
		? createOlder(memory, currentThread, layout)
		: undefined;
};
