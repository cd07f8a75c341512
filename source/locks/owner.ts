import type {Reading} from '../model/reading.js';
import type {ReadMemory} from '../procfs/memory.js';
import {threadIdMask} from './glibc-mutex.js';
import type {LockFacts} from './lock-facts.js';

/** Who holds a lock at one moment, as the lock itself records it. */
export type Owner =
	/** In the numbers of the process's own pid namespace. */
	| {state: 'held'; tid: number}
	/** A writer whose name isn't recorded. */
	| {state: 'written'}
	| {state: 'readers'; count: number}
	| {state: 'free'}
	/** Taken, but its taker hasn't written its name yet, or has taken it off already. */
	| {state: 'changing'}
	| {state: 'unrecorded'};

const held = (tid: number): Owner => (tid === 0 ? {state: 'free'} : {state: 'held', tid});

const counted = (word: number, writer: number): Owner => {
	if (word === 0) {
		return {state: 'free'};
	}

	return word === writer ? {state: 'written'} : {state: 'readers', count: word};
};

const readWord = (
	readMemory: ReadMemory,
	address: number,
	describe: (word: number) => Owner,
): Reading<Owner> => {
	const bytes = readMemory(address, 4);
	return bytes ? describe(bytes.readUInt32LE(0)) : bytes;
};

const readMutex = (readMemory: ReadMemory, base: number): Reading<Owner> => {
	const bytes = readMemory(base, 12);
	if (!bytes) {
		return bytes;
	}

	const owner = bytes.readUInt32LE(8);
	if (bytes.readUInt32LE(0) === 0) {
		return {state: 'free'};
	}

	return owner === 0 ? {state: 'changing'} : {state: 'held', tid: owner};
};

/** Bits of `__readers` in glibc's nptl/pthread_rwlock_common.c. */
const writerPhase = 1;
const writerLocked = 2;
const readerShift = 3;

const readRwlock = (readMemory: ReadMemory, base: number): Reading<Owner> => {
	const bytes = readMemory(base, 28);
	if (!bytes) {
		return bytes;
	}

	const state = bytes.readUInt32LE(0);
	const writer = bytes.readUInt32LE(24);
	const readers = state >>> readerShift;
	// A writer that has it set the phase too; one that still waits for readers to leave did not.
	if ((state & writerLocked) !== 0 && (state & writerPhase) !== 0) {
		return writer === 0 ? {state: 'changing'} : {state: 'held', tid: writer};
	}

	return readers === 0 ? {state: 'free'} : {state: 'readers', count: readers};
};

const readStdio = (
	readMemory: ReadMemory,
	base: number,
	pthreadTidOffset: number,
): Reading<Owner> => {
	const bytes = readMemory(base, 16);
	if (!bytes || bytes.readUInt32LE(0) === 0) {
		return bytes && {state: 'free'};
	}

	const thread = Number(bytes.readBigUInt64LE(8));
	return thread === 0 ? {state: 'changing'} : readWord(readMemory, thread + pthreadTidOffset, held);
};

/** MASK and WRITE_LOCKED of Rust's futex RwLock. */
const rustHolders = 0x3fff_ffff;

/** Of musl's `pthread_rwlock_t`: all but the mark of waiters. */
const muslHolders = 0x7fff_ffff;

/** Reads who holds a lock now, with one read or two. Null when the kernel refused it, undefined when its memory is gone. */
export const readOwner = (
	{base, word: wordAddress, owner}: Pick<LockFacts, 'base' | 'word' | 'owner'>,
	readMemory: ReadMemory,
	pthreadTidOffset: number,
): Reading<Owner> => {
	switch (owner) {
		case 'mutex':
			return readMutex(readMemory, base);
		case 'word':
			return readWord(readMemory, wordAddress, word => held(word & threadIdMask));
		case 'rwlock':
			return readRwlock(readMemory, base);
		case 'stdio':
			return readStdio(readMemory, base, pthreadTidOffset);
		case 'rust-rwlock':
			return readWord(readMemory, base, word => counted(word & rustHolders, rustHolders));
		case 'musl-rwlock':
			return readWord(readMemory, base, word => counted(word & muslHolders, muslHolders));
		case 'none':
			return {state: 'unrecorded'};
	}
};

const plural = (count: number, word: string): string =>
	`${count} ${count === 1 ? word : `${word}s`}`;

export const ownerUnrecorded = 'owner not recorded by this kind of lock';
/** Of a lock that isn't told from others. */
export const kindUnknown = 'not known: what kind of lock it is could not be told';

/** Why a lock has no holder to name; undefined when it has. */
export const ownerNote = (owner: Owner): string | undefined => {
	switch (owner.state) {
		case 'held':
			return undefined;
		case 'free':
			return 'free at the moment of reading';
		case 'changing':
			return 'changing hands at the moment of reading';
		case 'written':
			return 'held by a writer, which this kind of lock does not record';
		case 'readers':
			return `held by ${plural(owner.count, 'reader')}, which this kind of lock does not record`;
		case 'unrecorded':
			return ownerUnrecorded;
	}
};
