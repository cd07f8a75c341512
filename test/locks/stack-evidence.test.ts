import {expect, test} from 'vitest';
import {kindByStack, wantedIn} from '../../source/locks/stack-evidence.js';

const mutex = [
	'__lll_lock_wait+0x2b',
	'pthread_mutex_lock+0x112',
	'std::mutex::lock+0x9',
	'std::lock_guard<std::mutex>::lock_guard+0x1e',
	'Account::transfer+0x42',
	'main+0x10',
];

test('the function that wants a lock is the first of the program’s own', () => {
	expect(wantedIn(mutex)).toBe('Account::transfer+0x42');
	expect(wantedIn(['libc.so.6+0x8b0', 'pool_take+0x3'])).toBe('pool_take+0x3');
	expect(
		wantedIn([
			'syscall+0x1d',
			'0x7f00',
			'std::sys::sync::mutex::futex::Mutex::lock_contended+0x5',
			'app::run+0x3',
		]),
	).toBe('app::run+0x3');
	expect(wantedIn(['__lll_lock_wait+0x2b'])).toBeUndefined();
});

test.each([
	['mutex', mutex],
	['condition', ['__futex_abstimed_wait_common+0x1', 'pthread_cond_timedwait+0x1']],
	['rwlock', ['___pthread_rwlock_rdlock+0x5', 'main+0x1']],
	['semaphore', ['__new_sem_wait_slow64+0x1']],
	['mutex', ['syscall+0x1', 'std::sys::sync::mutex::futex::Mutex::lock_contended+0x1']],
	['condition', ['std::sys::unix::locks::futex_condvar::Condvar::wait+0x1']],
	[undefined, ['syscall+0x1', 'my_pthread_mutex_lock_stats+0x1']],
])('%s is told by the functions that wait', (kind, stack) => {
	expect(kindByStack(stack)).toBe(kind);
});

test('a function further out than the program’s own code tells nothing about the wait', () => {
	expect(
		kindByStack(['syscall+0x19', 'app::load+0x8', '__pthread_once_slow+0x71']),
	).toBeUndefined();
	expect(
		kindByStack(['syscall+0x19', 'std::sys::sync::once::futex::Once::call+0x77', 'app::load+0x8']),
	).toBe('once');
});

test('Rust 1.63 has both its mutex and its condition variable in one module', () => {
	const inFutex = (name: string) =>
		kindByStack([
			'syscall+0x19',
			'std::sys::unix::futex::futex_wait+0xd5',
			`std::sys::unix::locks::futex::${name}`,
			'shop::sell+0x6c',
		]);
	expect(inFutex('Mutex::lock_contended+0x78')).toBe('mutex');
	expect(inFutex('Condvar::wait+0x57')).toBe('condition');
});

test('functions of the C library that have locks of their own don’t want them for themselves', () => {
	expect(wantedIn(['__lll_lock_wait_private+0x26', 'fwrite+0x16d', 'report+0x8'])).toBe(
		'report+0x8',
	);
	expect(
		wantedIn(['__lll_lock_wait_private+0x26', 'malloc+0x2c8', 'operator new+0x1c', 'grow+0x1']),
	).toBe('grow+0x1');
	expect(wantedIn(['syscall+0x19', '__cxa_guard_acquire+0x80', 'settings+0x1e'])).toBe(
		'settings+0x1e',
	);
	expect(wantedIn(['free_list_take+0x4'])).toBe('free_list_take+0x4');
});
