import type {FlameFrame, FlameGraph, FrameKind} from '../model/flame-graph.js';

/** Puts stacks together, equal ones as one. */
export type GraphBuilder = {
	/** Frames outermost first. */
	add(frames: readonly FlameFrame[], milliseconds: number): void;
	graph(): FlameGraph;
};

/** A graph of more stacks than this can't be read: the smallest ones are left out. */
const mostStacks = 3000;

export const createGraphBuilder = (): GraphBuilder => {
	const frames: FlameFrame[] = [];
	const indexes = new Map<string, number>();
	const stacks = new Map<string, {frames: number[]; milliseconds: number}>();

	const indexOf = ({name, kind}: FlameFrame): number => {
		const key = `${kind}\0${name}`;
		let index = indexes.get(key);
		if (index === undefined) {
			index = frames.length;
			frames.push({name, kind});
			indexes.set(key, index);
		}

		return index;
	};

	return {
		add(each, milliseconds) {
			const numbers = each.map(indexOf);
			const key = numbers.join(' ');
			const known = stacks.get(key);
			if (known) {
				known.milliseconds += milliseconds;
			} else {
				stacks.set(key, {frames: numbers, milliseconds});
			}
		},
		graph: () => ({
			frames,
			stacks: [...stacks.values()]
				.filter(({milliseconds}) => milliseconds > 0)
				.sort((a, b) => b.milliseconds - a.milliseconds)
				.slice(0, mostStacks)
				.map(stack => ({...stack, milliseconds: Math.round(stack.milliseconds * 1000) / 1000})),
		}),
	};
};

const functionOf = (frame: string): string => frame.replace(/\+0x[\da-f]+$/, '');

/** Functions in which interpreters wait for, take and give back their one lock. */
const gilFunctions =
	/^(?:take_gil|drop_gil|PyEval_(?:AcquireLock|RestoreThread|AcquireThread)|gvl_acquire\w*|thread_sched_\w+)$/;
const lockFunctions =
	/^(?:PyThread_acquire_lock(?:_timed)?|_*pthread_(?:mutex|rwlock|spin|cond)_\w+|_*lll_\w*lock\w*|_*futex\w*|_*new_sem_\w+|sem_\w*wait|std::(?:mutex|shared_mutex|recursive_mutex|condition_variable)\b.*|native_queued_spin_lock_slowpath|_raw_spin_\w+)/;
const interpreterFunctions =
	/^(?:_?Py[A-Z_]\w*|_PyEval_\w+|pymain_\w+|run_(?:mod|eval_code_obj|file)\w*|pyrun_\w+|(?:cfunction|method|function|vector|object|slot|type)_(?:vectorcall|call)\w*|thread_(?:run|PyThread\w*)|t_bootstrap|vm_(?:exec|call|sendish)\w*|rb_vm_\w+|rb_ec_\w+|Builtins_\w+|v8::.*|JavaCalls::.*|Interpreter::.*)/;
/** Programs and libraries that are an interpreter or a virtual machine. */
const interpreterPrograms =
	/^(?:(?:lib)?python[\d.]|(?:lib)?ruby\b|libjvm\.so|node$|(?:lib)?php\d*|(?:lib)?perl)/;
const libraryFiles =
	/^(?:libc|libpthread|libm|ld-linux|ld-musl|libstdc\+\+|libgcc|libuv)[-.\w]*\+?/;
const libraryFunctions = /^(?:_*libc_start\w*|_start|start_thread|clone3?|_*GI_\w+|_*restore_rt)$/;

/** What a native function belongs to, as far as its name and its file tell. `isKernel`: perf found it in the kernel. */
export const nativeFrame = (
	text: string,
	{isKernel = false, file = ''}: {isKernel?: boolean; file?: string} = {},
): FlameFrame => {
	const name = functionOf(text);
	let kind: FrameKind = 'application';
	if (gilFunctions.test(name)) {
		kind = 'gil';
	} else if (lockFunctions.test(name)) {
		kind = 'lock';
	} else if (isKernel) {
		kind = 'kernel';
	} else if (interpreterFunctions.test(name) || interpreterPrograms.test(file)) {
		kind = 'interpreter';
	} else if (libraryFunctions.test(name) || libraryFiles.test(name) || libraryFiles.test(file)) {
		kind = 'library';
	}

	return {name: name.startsWith('0x') ? '[unknown]' : name, kind};
};

/** Functions that run an interpreter's code: what is called above them is the runtime's own. */
export const evaluators =
	/^(?:_?PyEval_Eval\w*|_PyEval_Vector|vm_exec\w*|rb_vm_exec|Builtins_InterpreterEntryTrampoline)$/;
/** An interpreter without symbols. */
const interpreterFiles = /^\[?(?:lib)?python[\d.]/;
/** Of a stack that leads to no interpreter only its inner end is sure. */
const surelyInner = 3;

/** Native frames that were called from the innermost of the runtime's, innermost first; the interpreter itself where it is what runs. */
const aboveInterpreter = (native: readonly FlameFrame[]): readonly FlameFrame[] => {
	const evaluator = native.findIndex(({name}) => evaluators.test(name));
	if (evaluator !== -1) {
		return native.slice(0, Math.max(1, evaluator));
	}

	// Without frame pointers what lies between is made up.
	const known = native.filter(({name}) => name !== '[unknown]');
	const file = known.findIndex(({name}) => interpreterFiles.test(name));
	return known.slice(0, file === -1 ? surelyInner : Math.max(1, file));
};

/**
The frames of one stack, outermost first. Where the runtime's frames are known they stand for those of its interpreter, and only what
was called from the innermost of them follows in native frames.
*/
export const mergedFrames = (
	native: readonly FlameFrame[] | undefined,
	runtime: readonly string[] | undefined,
): readonly FlameFrame[] => {
	if (runtime === undefined || runtime.length === 0) {
		return [...(native ?? [])].reverse();
	}

	const ofRuntime = [...runtime].reverse().map((name): FlameFrame => ({name, kind: 'application'}));
	return [...ofRuntime, ...[...aboveInterpreter(native ?? [])].reverse()];
};

/** Threads by their names, without the numbers that alike ones differ by. */
export const threadFrame = (name: string): FlameFrame => ({
	name: name.replaceAll(/\d+/g, '#'),
	kind: 'thread',
});
