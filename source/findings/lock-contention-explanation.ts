/** The page of the rule `lock-contention`. */
export const lockContentionExplanation = `Lock contention: threads wait for one lock, again and again

What it is
  A convoy: the lock is held for a moment, but so many threads want it that it changes
  hands all the time, and each hand-over costs two switches: 10,000 to 100,000 a second.
  A hot lock: it is free again before the kernel has put to sleep who wants it. Few switches,
  but a call for each try, and half of the CPU in the kernel.
  A lock held for long: each holder computes, or sleeps on a disk, a socket or a timer,
  while it has the lock, and all others wait. CPUs may be idle meanwhile.
  Also a lock on a file (flock, fcntl), a row lock of PostgreSQL, and SQLite's one writer.

How ctop knows
  The system call that a thread sleeps in tells: glibc waits for a mutex by futex WAIT with
  the value 2 and no time limit, for a rwlock by the values 2 and 3, and nothing idle does.
  From half a thread that waits on average, over three seconds. That is certain.
  Semaphores and locks of other kinds wait as idle pools do. They are told when three and
  more threads use one word, 5,000 switches a second and more, little CPU for each, and
  more threads want to run than there are CPUs: a pool in that state would not sleep.
  Python's locks are semaphores: three and more threads that take turns at one word.
  Locks that processes share (multiprocessing.Lock, PTHREAD_PROCESS_SHARED) are known by the
  place of their word in the shared memory, semop's by their set, and are told for all of the
  service's processes together. A semaphore is one where all but one wait for it, that one
  computes or sleeps of itself, each gets its turn, and nobody else of the service is at work
  who could hand out jobs by it: likely.
  Ruby's threads sleep each at a word of its own: stacks with rb_mutex_lock tell.
  Java's threads park each on a word of its own: the JVM's own tables tell which monitor or
  ReentrantLock each one wants, of what class it is, and which thread has it: certain.
  SQLite asks for a file's lock without waiting, sleeps 1 to 100 ms, and asks again: threads
  whose stacks show that SQLite itself sleeps, as half of one did on average over four looks
  and more. Who writes, /proc/locks tells. Certain where somebody has the lock just then.
  Another user's process, without root: threads that sleep and wake all the time and share
  one CPU evenly, wait for it as long as they have it, and leave another CPU idle; or a rate
  of switches that no healthy program is known to have; or thousands of sleeps a second by
  threads that nearly all want to run all the time; or threads that are all alike and can only
  have been woken by one another, since the machine received no packets, few timers ran out
  (/proc/interrupts) and nobody else woke as often, and that sleep though there is work for
  more of them than there are CPUs, work one at a time though a CPU is idle, or put one another
  aside at each wake though the machine rests. That is possible.

What does not fool it
  Pools at rest and at work, condition variables, event loops, servers with many switches.
  Threads that get work in bursts, such as for each frame: the same for each, at one beat.
  Threads that fight for Python's GIL are told as that, and those of libuv's pool that meet at
  the lock of its queue as a full pool. A lock that says whose turn it is to wait for the next
  connection: its holder is in accept or epoll_wait, as in Apache and uWSGI.

What /proc can't tell
  Of another user's process, a fair lock of Java or one that is held for a few microseconds:
  threads at a barrier or a small queue, or that pass one message on, have the same rates.
  Go's mutexes (its threads sleep as if idle: use pprof), spin locks (use perf).
  Whose turn it is with Python's locks and Ruby's: neither records who has it where ctop reads.
  The line of a Java thread that runs: HotSpot records where it is only when it leaves Java
  code (to sleep, to wait). Its row says 'running Java code: no frame recorded'.

How to fix it
  Hold it for less: no I/O, no logging, no allocation under a lock. Split it. Fewer threads.
  Readers that only look: copy on write, RCU, atomics. malloc: jemalloc or tcmalloc, arenas.
  SQLite: short transactions of many rows, PRAGMA journal_mode=WAL, one writer for all.
  PostgreSQL: end the transaction that holds the row, take rows in one order.

Further reading
  man 2 futex, man 3 pthread_mutex_lock, man 5 proc_locks, man 3 mallopt
`;
