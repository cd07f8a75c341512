import type {Peek} from './peek.js';
import {excludedBytes} from './unsigned5.js';
import type {VmStructs} from './vm-structs.js';

/** Offsets in a record of where a thread left Java code. */
export type AnchorLayout = {stackPointer: number; programCounter: number; framePointer: number};

/** Where an object tells the address of a part of it: a pointer up to JDK 22, later an offset. */
export type AddressField = {pointer: number} | {offset: number};

export const addressIn = (peek: Peek, object: number, field: AddressField): number =>
	'pointer' in field
		? peek.pointer(object + field.pointer)
		: object + peek.uint32(object + field.offset);

/** Where compiled code tells what stands at an address of it; its layout changed in JDK 23. */
export type ScopesLayout = {
	/** Table of the addresses, from and to; in the compiled code's own block or in one apart. */
	tableBase: {pointer: number} | 'own';
	tableStart: number;
	tableEnd: number;
	/** Descriptions: a pointer, or an offset in the block apart. */
	data: {pointer: number} | {offset: number};
	/** Methods that the descriptions name by number: an offset in the own block, or behind the relocations of another. */
	methods: {offset: number} | {pointer: number; behind: number};
};

/** Code that the JVM gave up: frames of it return to a handler, and keep where they would have returned to. */
export type GivenUpLayout = {
	handlers: readonly AddressField[];
	/** Where the compiled code tells how far above the stack pointer the frame keeps the other address. */
	kept: number;
};

export type MethodLayout = {
	constMethod: number;
	/** Also where the bytecode begins. */
	constMethodSize: number;
	constants: number;
	totalWords: number;
	flags: number;
	codeSize: number;
	nameIndex: number;
	constantsSize: number;
	constantsLength: number;
	holder: number;
	/** Index of the source file's name, in the constants (JDK 17 and later) or in the class. */
	sourceFile: {of: 'constants' | 'class'; at: number} | undefined;
	/** How its numbers are packed, see unsigned5.ts. */
	excluded: 0 | 1;
};

export type CodeLayout = {
	/** In a thread. */
	anchor: number;
	anchorFields: AnchorLayout;
	/** Address of the pointer to the list of the code cache's parts; offsets in it and in each of them. */
	parts: number;
	partsData: number;
	partLow: number;
	partHigh: number;
	partSegments: number;
	partShift: number;
	blockHeader: number;
	blockUsed: number;
	/** Address of the pointer to the interpreter's code. */
	interpreter: number;
	interpreterStart: number;
	interpreterLength: number;
	/** Address of the variable with the address at which Java code returns to the JVM; its record lies at an offset from the frame. */
	entryReturn: number;
	entryWrapper: number;
	wrapperAnchor: number;
	blobName: number;
	frameWords: number;
	codeStart: AddressField;
	compiledMethod: number;
	compileId: number;
	scopes: ScopesLayout | undefined;
	givenUp: GivenUpLayout | undefined;
	methods: MethodLayout;
};

const wordBytes = 8;

const createOffsets = ({fields, sizes}: VmStructs) => {
	let isWhole = true;
	const optional = (...names: readonly string[]): number | undefined =>
		names.map(name => fields.get(name)?.at).find(at => at !== undefined);

	const needed = (...names: readonly string[]): number => {
		const at = optional(...names);
		isWhole &&= at !== undefined;
		return at ?? 0;
	};

	const size = (type: string): number => {
		isWhole &&= sizes.has(type);
		return sizes.get(type) ?? 0;
	};

	return {optional, needed, size, isWhole: () => isWhole};
};

type Offsets = ReturnType<typeof createOffsets>;

const scopesLayout = ({optional}: Offsets): ScopesLayout | undefined => {
	const tableStart = optional('nmethod::_scopes_pcs_offset');
	const apart = optional('nmethod::_immutable_data');
	const mutable = optional('CodeBlob::_mutable_data');
	const relocations = optional('CodeBlob::_relocation_size');
	const dataOffset = optional('nmethod::_scopes_data_offset');
	const dataStart = optional('CompiledMethod::_scopes_data_begin');
	const methods = optional('nmethod::_metadata_offset');
	const dependencies = optional('nmethod::_dependencies_offset');
	if (tableStart === undefined) {
		return undefined;
	}

	if (
		apart !== undefined &&
		mutable !== undefined &&
		relocations !== undefined &&
		dataOffset !== undefined
	) {
		return {
			tableBase: {pointer: apart},
			tableStart,
			tableEnd: dataOffset,
			data: {offset: dataOffset},
			methods: {pointer: mutable, behind: relocations},
		};
	}

	return dataStart !== undefined && methods !== undefined && dependencies !== undefined
		? {
				tableBase: 'own',
				tableStart,
				tableEnd: dependencies,
				data: {pointer: dataStart},
				methods: {offset: methods},
			}
		: undefined;
};

/** One for most calls, and one for those by method handles. */
const handlerPointers = [
	'CompiledMethod::_deopt_handler_begin',
	'CompiledMethod::_deopt_mh_handler_begin',
];
const handlerOffsets = ['nmethod::_deopt_handler_offset', 'nmethod::_deopt_mh_handler_offset'];

const givenUpLayout = ({optional}: Offsets): GivenUpLayout | undefined => {
	const kept = optional('nmethod::_orig_pc_offset');
	const known = (names: readonly string[]): number[] =>
		names.map(name => optional(name)).filter(at => at !== undefined);
	const handlers = [
		...known(handlerPointers).map(pointer => ({pointer})),
		...known(handlerOffsets).map(offset => ({offset})),
	];
	return kept === undefined || handlers.length === 0 ? undefined : {handlers, kept};
};

const methodLayout = ({needed, optional, size}: Offsets, version: number): MethodLayout => {
	const inConstants = optional('ConstantPool::_source_file_name_index');
	const inClass = optional('InstanceKlass::_source_file_name_index');
	return {
		constMethod: needed('Method::_constMethod'),
		constMethodSize: size('ConstMethod'),
		constants: needed('ConstMethod::_constants'),
		totalWords: needed('ConstMethod::_constMethod_size'),
		flags: needed('ConstMethod::_flags', 'ConstMethod::_flags._flags'),
		codeSize: needed('ConstMethod::_code_size'),
		nameIndex: needed('ConstMethod::_name_index'),
		constantsSize: size('ConstantPool'),
		constantsLength: needed('ConstantPool::_length'),
		holder: needed('ConstantPool::_pool_holder'),
		sourceFile:
			inConstants === undefined
				? inClass === undefined
					? undefined
					: {of: 'class', at: inClass}
				: {of: 'constants', at: inConstants},
		excluded: excludedBytes(version),
	};
};

/** What is needed to walk stacks of Java code; undefined where this JVM's table lacks some of it. */
export const readCodeLayout = (structs: VmStructs, version: number): CodeLayout | undefined => {
	const offsets = createOffsets(structs);
	const {needed, optional, size} = offsets;
	const codePointer = optional('CodeBlob::_code_begin');
	const wrapperWords = structs.constants.get('frame::entry_frame_call_wrapper_offset');
	const segments = needed('CodeHeap::_segmap');
	const memory = needed('CodeHeap::_memory');
	const low = needed('VirtualSpace::_low_boundary');
	const layout: CodeLayout = {
		anchor: needed('JavaThread::_anchor'),
		anchorFields: {
			stackPointer: needed('JavaFrameAnchor::_last_Java_sp'),
			programCounter: needed('JavaFrameAnchor::_last_Java_pc'),
			framePointer: needed('JavaFrameAnchor::_last_Java_fp'),
		},
		parts: needed('CodeCache::_heaps'),
		partsData: needed('GrowableArray<int>::_data'),
		partLow: memory + low,
		partHigh: memory + needed('VirtualSpace::_high_boundary'),
		partSegments: segments + low,
		partShift: needed('CodeHeap::_log2_segment_size'),
		blockHeader: size('HeapBlock'),
		blockUsed: needed('HeapBlock::Header::_used'),
		interpreter: needed('AbstractInterpreter::_code'),
		interpreterStart: needed('StubQueue::_stub_buffer'),
		interpreterLength: needed('StubQueue::_buffer_limit'),
		entryReturn: needed('StubRoutines::_call_stub_return_address'),
		entryWrapper: (wrapperWords ?? 0) * wordBytes,
		wrapperAnchor: needed('JavaCallWrapper::_anchor'),
		blobName: needed('CodeBlob::_name'),
		frameWords: needed('CodeBlob::_frame_size'),
		codeStart:
			codePointer === undefined
				? {offset: needed('CodeBlob::_code_offset')}
				: {pointer: codePointer},
		compiledMethod: needed('nmethod::_method', 'CompiledMethod::_method'),
		compileId: needed('nmethod::_compile_id'),
		scopes: scopesLayout(offsets),
		givenUp: givenUpLayout(offsets),
		methods: methodLayout(offsets, version),
	};
	return offsets.isWhole() && wrapperWords !== undefined ? layout : undefined;
};
