/** A function of a stack as text without its offset: `pthread_cond_wait+0x1e8`. */
const functionOf = (frame: string): string => frame.replace(/\+0x[\da-f]+$/, '');

/** Functions that wait for a lock of one kind, by the names that libraries export or keep. */
const kinds: readonly (readonly [pattern: RegExp, kind: string])[] = [
	[/^(?:_*pthread_mutex_(?:lock|timedlock|clocklock)(?:_full)?|_*lll_mutex_lock.*)$/, 'mutex'],
	[/^_*pthread_rwlock_(?:rd|wr|timedrd|timedwr|clockrd|clockwr)lock(?:_.*)?$/, 'rwlock'],
	[/^_*pthread_cond_(?:wait|timedwait|clockwait)(?:_.*)?$/, 'condition'],
	[/^_*pthread_barrier_wait$/, 'barrier'],
	[/^_*pthread_once(?:_slow)?$/, 'once'],
	[/^(?:_*new_)?sem_(?:wait|timedwait|clockwait)(?:_.*)?$/, 'semaphore'],
	[/^std::sys::(?:sync::|unix::|pal::)*(?:locks::)?(?:futex_)?mutex::.*lock_contended$/, 'mutex'],
	[/^std::sys::(?:sync::|unix::|pal::)*(?:locks::)?(?:futex_)?rwlock::.*_contended$/, 'rwlock'],
	[/^std::sys::(?:sync::|unix::|pal::)*(?:locks::)?(?:futex_)?condvar::.*wait/, 'condition'],
	// Rust 1.62 and 1.63.
	[/^std::sys::unix::locks::futex::Mutex::lock_contended$/, 'mutex'],
	[/^std::sys::unix::locks::futex::Condvar::wait/, 'condition'],
	[/^std::sys::(?:sync::|unix::|pal::)*once::.*Once::(?:call|wait)/, 'once'],
	[/^std::sync::(?:\w+::)?(?:condvar::)?Condvar::wait/, 'condition'],
	[/^std::thread::(?:\w+::)*park(?:_timeout)?$/, 'park'],
];

/** Functions of libraries whose only purpose is to wait: who calls them is what a programmer wants to know. */
const machinery =
	/^(?:_*lll_|_*pthread_|_*futex|_*syscall$|_*GI_|_*new_sem_|sem_|_*flockfile|_*gthread|_*libc_start|std::(?:mutex|timed_mutex|recursive_mutex|shared_mutex|_*shared_mutex|lock_guard|unique_lock|shared_lock|scoped_lock|condition_variable|__condvar|call_once|sync::|sys::|thread::park)|std::_V2::|__gnu_cxx::|libc\.so|libjvm\.so|libpthread|libstdc\+\+|ld-(?:linux|musl)|_*cxa_guard_|_*dl_|_rtld_|_IO_|std::once_flag|operator (?:new|delete)|sysmalloc|_int_(?:malloc|free|realloc|memalign)|uv_(?:mutex|cond|sem|rwlock|barrier)_|parking_lot)/;

/** Functions of the C library that have a lock of their own: who calls them is what a programmer wants to know. */
const withOwnLock =
	/^(?:_*libc_)?(?:malloc|calloc|realloc|free|memalign|posix_memalign|dlopen|dlsym|dlclose|v?f?printf|f?puts|f?put[cs]|putchar|f?getc|getchar|fgets|fwrite|fread|fflush|fclose|fseek|getline|perror)$/;

const isMachinery = (name: string): boolean => machinery.test(name) || withOwnLock.test(name);

/**
Kind of lock that the functions tell which a thread waits in, as far as they are libraries' own; undefined when none of them is known. What
further out a program waits in has other reasons.
*/
export const kindByStack = (stack: readonly string[]): string | undefined => {
	for (const frame of stack) {
		const name = functionOf(frame);
		const kind = kinds.find(([pattern]) => pattern.test(name))?.[1];
		if (kind !== undefined || !isMachinery(name)) {
			return kind;
		}
	}

	return undefined;
};

/** The innermost function of a program's own that waits; undefined where there is none. */
export const wantedIn = (stack: readonly string[]): string | undefined =>
	stack.find(frame => !isMachinery(functionOf(frame)) && !frame.startsWith('0x'));
