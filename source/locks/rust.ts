import type {Classify} from './lock-facts.js';

const contended = 2;
const parked = 0xffff_ffff;
const readersWaiting = 0x4000_0000;
const writersWaiting = 0x8000_0000;
const waitersMark = 0xc000_0000;

/**
Locks of Rust's standard library (std/src/sys/sync): the call is WAIT_BITSET without the flag for the wall clock that glibc always sets
where there is no limit. A Mutex waits for 2, a RwLock's reader for a state with the mark of waiting readers, a parked
thread for all bits. A Condvar's counter and a waiting writer's can hold anything, so that an idle thread whose condition variable has been
notified twice looks like one that wants a Mutex: only a stack tells them apart. None records its holder.
*/
export const rustLock: Classify = (wait, window, {isStatic}) => {
	if (wait.operation !== 'WAIT_BITSET' || !wait.isPrivate || wait.realtime || wait.timed) {
		return undefined;
	}

	const value = wait.value ?? 0;
	const facts = {base: wait.address, owner: 'none', confidence: 'likely'} as const;
	const rwlock = {
		kind: 'rwlock',
		variant: 'futex lock of Rust',
		owner: 'rust-rwlock',
		confidence: 'likely',
	} as const;
	if (value === contended) {
		return {...facts, kind: 'mutex', variant: 'futex lock of Rust', confidence: 'possible'};
	}

	// A parked thread's word lies on the heap; readers and writers that wait for a writer make the same value.
	if (value === parked && !isStatic) {
		return {...facts, kind: 'park'};
	}

	const holders = value & ~waitersMark;
	if ((value & readersWaiting) !== 0 && holders !== 0) {
		return {...rwlock, base: wait.address};
	}

	// A writer waits on the word behind the state, for a count of its own.
	const state = window.u32(-4) ?? 0;
	const isWriter = (state & writersWaiting) !== 0 && (state & ~waitersMark) !== 0;
	return isWriter && window.u32(0) === value ? {...rwlock, base: wait.address - 4} : undefined;
};
