import {expect, test} from 'vitest';
import {withStack} from '../../source/locks/lock-by-stack.js';
import type {Lock} from '../../source/model/lock.js';

const lock: Lock = {
	id: 'futex:0x5000',
	kind: 'mutex',
	name: '[heap]+0x1040',
	waiterTids: [4],
	waitersAverage: 1,
	contendedPercent: 100,
	confidence: 'certain',
};
const inTransfer = ['__lll_lock_wait+0x2b', 'pthread_mutex_lock+0x112', 'Account::transfer+0x42'];

test('a lock on the heap is called by the function that takes it', () => {
	expect(withStack(lock, inTransfer)).toEqual({
		...lock,
		wantedIn: 'Account::transfer+0x42',
		name: 'taken in Account::transfer+0x42',
	});
	const early = withStack(lock, [...inTransfer.slice(0, 2), 'bank+0x1142']);
	expect(early.name).toBe('taken in bank+0x1142');
	expect(withStack(early, inTransfer).name).toBe('taken in Account::transfer+0x42');
	expect(withStack({...lock, name: 'bank!accounts'}, inTransfer).name).toBe('bank!accounts');
});

test('what memory proved stays, what it did not is told by the functions that wait', () => {
	const inCondition = ['futex_wait+0x9', 'pthread_cond_wait+0x1e8', 'pool_take+0x7'];
	expect(withStack(lock, inCondition).kind).toBe('mutex');
	const unknown: Lock = {
		...lock,
		kind: 'futex',
		confidence: 'possible',
		holderNote: 'not known: what kind of lock it is could not be told',
	};
	expect(withStack(unknown, inCondition)).toMatchObject({
		kind: 'condition',
		confidence: 'likely',
		holderNote: 'owner not recorded by this kind of lock',
	});
});

test('without a stack, of the GIL, and where it adds nothing, the lock stays the same object', () => {
	const named = {...lock, name: 'bank!accounts', wantedIn: 'Account::transfer+0x42'};
	const gil = {...lock, kind: 'gil', name: 'GIL'};
	expect(withStack(named, undefined)).toBe(named);
	expect(withStack(named, inTransfer)).toBe(named);
	expect(withStack(gil, inTransfer)).toBe(gil);
});

test('a line that the runtime tells comes before functions of its interpreter, also without a stack', () => {
	const line = 'transfer (shop/bank.py:5)';
	expect(withStack(lock, inTransfer, line)).toMatchObject({
		wantedIn: line,
		name: `taken in ${line}`,
	});
	expect(withStack(lock, undefined, line)).toMatchObject({kind: lock.kind, wantedIn: line});
	const gil = {...lock, kind: 'gil'};
	expect(withStack(gil, undefined, line)).toBe(gil);
});
