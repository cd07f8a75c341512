import type {Mapping} from '../../procfs/maps.js';
import type {ReadMemory} from '../../procfs/memory.js';
import {findProcessSymbols} from '../../symbols/process-symbols.js';
import {readCodeLayout} from './code-layout.js';
import {createHeap} from './heap.js';
import {createJavaWalk} from './java-frames.js';
import {createJvm, type Jvm} from './jvm.js';
import {readLayout} from './layout.js';
import {createPeek, readByPages} from './peek.js';
import {readVmStructs, vmStructSymbols} from './vm-structs.js';
import {createWaitingPlaces} from './wakers.js';

/** What came of trying to look into a JVM. */
export type JvmAttachment =
	| {state: 'attached'; jvm: Jvm}
	/** This JVM's table lacks something that is needed: so it will always be. */
	| {state: 'unknown'; lacks: string}
	/** Its library or its memory can't be read. */
	| {state: 'unreadable'};

const library = /\/libjvm\.so(?: \(deleted\))?$/;

/** HotSpot's library in a process, its first mapping; undefined where there is none. */
export const findJvmLibrary = (mappings: readonly Mapping[]): Mapping | undefined =>
	mappings.find(({path, offset, inode}) => inode !== 0 && offset === 0 && library.test(path));

/** Reads the JVM's description of itself, once for each process: some milliseconds, and about 2,000 small reads by pages. */
export const attachToJvm = (
	procRoot: string,
	pid: number,
	mapping: Mapping,
	readMemory: ReadMemory,
): JvmAttachment => {
	const symbols = findProcessSymbols(procRoot, pid, mapping, vmStructSymbols);
	if (!symbols || readMemory(mapping.start, 4) === null) {
		return {state: 'unreadable'};
	}

	const peek = createPeek(readByPages(readMemory));
	const structs = readVmStructs(peek, symbols.addresses);
	if (!structs) {
		return {state: 'unknown', lacks: 'gHotSpotVMStructs'};
	}

	const layout = readLayout(peek, structs);
	if ('missing' in layout) {
		return {state: 'unknown', lacks: layout.missing.join(', ')};
	}

	const live = createPeek(readMemory);
	const heap = createHeap(live, layout.heap);
	const code = readCodeLayout(structs, layout.version);
	const walk = code ? createJavaWalk(live, heap, code) : () => [];
	const placeOf = code ? createWaitingPlaces(live, heap, code.methods, walk) : () => undefined;
	return {state: 'attached', jvm: createJvm(live, layout, heap, {walk, placeOf})};
};
