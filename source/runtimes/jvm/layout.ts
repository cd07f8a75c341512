import type {Peek} from './peek.js';
import {readVmOptions, type VmField, type VmStructs} from './vm-structs.js';

/** How Java objects lie in memory, and how classes tell their names. */
export type HeapLayout = {
	/** References inside objects take 4 bytes; see `-XX:+UseCompressedOops`. */
	narrowReferences: {base: number; shift: number} | undefined;
	narrowClasses: {base: number; shift: number} | undefined;
	/** Where objects keep their class: in the upper bits of the mark word from JDK 24 on with compact headers. */
	classInMarkShift: number | undefined;
	/** Generational ZGC keeps bits of its own below the address. */
	colouredReferences: boolean;
	classOffset: number;
	arrayLengthOffset: number;
	byteArrayDataOffset: number;
	className: number;
	superClass: number;
	javaMirror: number | undefined;
	symbolLength: number;
	symbolBody: number;
	fields: FieldsLayout | undefined;
};

/** How a class lists its fields: a table of six numbers each up to JDK 20, packed from 21 on (fieldInfo.hpp). */
export type FieldsLayout = {
	constants: number;
	constantsLength: number;
	constantsBase: number;
	packed: boolean;
	list: number;
	/** Only of the table. */
	count: number;
};

export type ThreadLayout = {
	/** Address of the pointer to the list of Java threads. */
	list: number;
	listLength: number;
	listThreads: number;
	osThread: number;
	osThreadId: number;
	object: number;
	/** Whether `object` points to a slot that holds the reference (JDK 17 and later) or holds it itself. */
	objectIsHandle: boolean;
	pendingMonitor: number;
	waitingMonitor: number;
	lastJavaStackPointer: number;
	stackBase: number;
	stackSize: number;
	/** From JDK 24 on monitors keep this number of their owner, not its address. */
	ownerId: number | undefined;
	/** From JDK 21 on: the locks that no monitor was made for yet. */
	lockStack: {top: number; base: number; end: number} | undefined;
};

export type MonitorLayout = {
	owner: number;
	ownerIsId: boolean;
	object: number;
	objectIsHandle: boolean;
};

/** All that is needed of the table, with every offset taken from there. */
export type JvmLayout = {
	/** Java version: 17. */
	version: number;
	threads: ThreadLayout;
	monitors: MonitorLayout;
	heap: HeapLayout;
};

/** Missing fields are collected, so that what is not known can be named. */
const createLookup = ({fields}: VmStructs) => {
	const missing: string[] = [];
	const optional = (...names: readonly string[]): VmField | undefined => {
		for (const name of names) {
			const field = fields.get(name);
			if (field) {
				return field;
			}
		}

		return undefined;
	};

	const needed = (...names: readonly string[]): VmField => {
		const field = optional(...names);
		if (!field) {
			missing.push(names[0]!);
		}

		return field ?? {isStatic: false, at: 0, type: ''};
	};

	return {missing, optional, needed};
};

type Lookup = ReturnType<typeof createLookup>;

const threadLayout = ({needed, optional}: Lookup, {sizes}: VmStructs): ThreadLayout => {
	const object = needed('JavaThread::_threadObj');
	const lockStack = optional('JavaThread::_lock_stack');
	const top = optional('LockStack::_top');
	const base = optional('LockStack::_base[0]');
	return {
		list: needed('ThreadsSMRSupport::_java_thread_list').at,
		listLength: needed('ThreadsList::_length').at,
		listThreads: needed('ThreadsList::_threads').at,
		osThread: needed('Thread::_osthread', 'JavaThread::_osthread').at,
		osThreadId: needed('OSThread::_thread_id').at,
		object: object.at,
		objectIsHandle: object.type === 'OopHandle',
		pendingMonitor: needed(
			'JavaThread::_current_pending_monitor',
			'Thread::_current_pending_monitor',
		).at,
		waitingMonitor: needed(
			'JavaThread::_current_waiting_monitor',
			'Thread::_current_waiting_monitor',
		).at,
		lastJavaStackPointer:
			needed('JavaThread::_anchor').at + needed('JavaFrameAnchor::_last_Java_sp').at,
		stackBase: needed('JavaThread::_stack_base', 'Thread::_stack_base').at,
		stackSize: needed('JavaThread::_stack_size', 'Thread::_stack_size').at,
		ownerId: optional('JavaThread::_monitor_owner_id')?.at,
		lockStack: lockStack &&
			top &&
			base && {
				top: lockStack.at + top.at,
				base: lockStack.at + base.at,
				end: lockStack.at + (sizes.get('LockStack') ?? 0),
			},
	};
};

const monitorLayout = ({needed}: Lookup): MonitorLayout => {
	const owner = needed('ObjectMonitor::_owner');
	const object = needed('ObjectMonitor::_object');
	return {
		owner: owner.at,
		ownerIsId: owner.type === 'int64_t',
		object: object.at,
		// Up to JDK 14 it is the reference itself, and declared as a pointer; a WeakHandle's type isn't declared.
		objectIsHandle: object.type === '',
	};
};

const fieldsLayout = ({optional}: Lookup, {sizes}: VmStructs): FieldsLayout | undefined => {
	const constants = optional('InstanceKlass::_constants');
	const constantsLength = optional('ConstantPool::_length');
	const table = optional('InstanceKlass::_fields');
	const packed = optional('InstanceKlass::_fieldinfo_stream');
	const count = optional('InstanceKlass::_java_fields_count');
	const list = packed ?? table;
	return constants && constantsLength && list && (packed || count)
		? {
				constants: constants.at,
				constantsLength: constantsLength.at,
				constantsBase: sizes.get('ConstantPool') ?? 0,
				packed: packed !== undefined,
				list: list.at,
				count: count?.at ?? 0,
			}
		: undefined;
};

/** Header of an object and of an array in bytes: mark word of 8, class of 8 or 4 (or none), length of 4. */
const headers = (narrow: boolean, compact: boolean, version: number) => {
	if (compact) {
		return {arrayLengthOffset: 8, byteArrayDataOffset: 12};
	}

	if (narrow) {
		return {arrayLengthOffset: 12, byteArrayDataOffset: 16};
	}

	// Before JDK 23 elements begin at a multiple of 8.
	return {arrayLengthOffset: 16, byteArrayDataOffset: version >= 23 ? 20 : 24};
};

const narrowed = (peek: Peek, lookup: Lookup, names: readonly [string, string, string]) => {
	const [type, oldPrefix, prefix] = names;
	const base = lookup.needed(`${type}::${prefix}_base`, `${type}::${oldPrefix}_base`);
	const shift = lookup.needed(`${type}::${prefix}_shift`, `${type}::${oldPrefix}_shift`);
	return {base: peek.pointer(base.at), shift: peek.uint32(shift.at)};
};

const heapLayout = (
	peek: Peek,
	lookup: Lookup,
	structs: VmStructs,
	version: number,
): HeapLayout => {
	const {needed, optional} = lookup;
	const options = readVmOptions(peek, structs, [
		'UseCompressedOops',
		'UseCompressedClassPointers',
		'UseCompactObjectHeaders',
		'UseZGC',
		'ZGenerational',
	]);
	const compact = options.get('UseCompactObjectHeaders') === true;
	const narrow = compact || options.get('UseCompressedClassPointers') === true;
	return {
		narrowReferences:
			options.get('UseCompressedOops') === true
				? narrowed(peek, lookup, ['CompressedOops', '_narrow_oop.', ''])
				: undefined,
		narrowClasses: narrow
			? narrowed(peek, lookup, ['CompressedKlassPointers', '_narrow_klass.', ''])
			: undefined,
		classInMarkShift: compact ? structs.constants.get('markWord::klass_shift') : undefined,
		// From JDK 23 on there is no other ZGC, from 24 on the option is gone.
		colouredReferences:
			options.get('UseZGC') === true && (options.get('ZGenerational') ?? version >= 23),
		classOffset: needed('oopDesc::_metadata._klass').at,
		...headers(narrow, compact, version),
		className: needed('Klass::_name').at,
		superClass: needed('Klass::_super').at,
		javaMirror: optional('Klass::_java_mirror')?.at,
		symbolLength: needed('Symbol::_length').at,
		symbolBody: needed('Symbol::_body', 'Symbol::_body[0]').at,
		fields: fieldsLayout(lookup, structs),
	};
};

/** Layout of a running JVM, or the names of what its table lacks. */
export const readLayout = (peek: Peek, structs: VmStructs): JvmLayout | {missing: string[]} => {
	const lookup = createLookup(structs);
	const version = peek.uint32(lookup.needed('Abstract_VM_Version::_vm_major_version').at);
	const layout = {
		version,
		threads: threadLayout(lookup, structs),
		monitors: monitorLayout(lookup),
		heap: heapLayout(peek, lookup, structs, version),
	};
	return lookup.missing.length > 0 ? {missing: lookup.missing} : layout;
};
