/** The page of the rule `spin`. */
export const spinExplanation = `Spin: threads burn CPU in sched_yield, or in system calls that do nothing

What it is
  A thread that wants something which isn't there yet, and asks again and again: it gives the
  CPU up in between with sched_yield, or makes a system call that fails or comes back empty at
  once. It looks busy and does nothing, and takes the CPU from the very thread that it waits
  for. Up to a million switches, or calls, a second for each CPU.

How ctop knows
  sched_yield: it counts as an involuntary switch. 2,000 a second and more in one thread, with
  under 50 µs of CPU for each (200 µs where half of it is the kernel's) and hardly a voluntary
  one, are no time slices: those are 400 µs and more. Everybody may read these counters, so
  it is certain without root too.

  Of a thread that wants over 80 % of a CPU, 40 % of it in the kernel (28 where nothing comes of
  its calls), and sleeps less than 50 times a second, ctop reads more, as root or as the same user:
  - Reads and writes that move nothing. The kernel counts calls, failed ones too, and bytes;
    each call that moves something moves a byte or more, so what is left failed or was empty.
    Three quarters of the calls and under 5 µs of CPU for each of those: certain, and likely
    where it has sockets and the network is busy, since what recv and send move is counted
    nowhere.
  - No descriptor is free below the limit of open files, and connections wait at a socket of
    its own in two readings: accept fails with EMFILE, and the socket stays ready. Likely, and
    possible where the network is busy: then it may serve the clients that it has. Of another
    user's process the kernel refuses the list of its files, but since Linux 6.2 tells everybody
    how many they are: as many as the limit, and connections waiting at a socket that its user
    opened, is possible.
  - A socket that an epoll instance watches, level-triggered, is ready in each of several
    readings: watched for being writable, with nothing to send; or closed by its peer and still
    watched for input. Each epoll_wait then returns at once. With hardly a read, write, page
    fault or packet, and no other files open than before: likely. With 20 % of its CPU in the
    kernel, or on a busy network, possible after 5 seconds: a callback that computes for that
    long leaves its sockets as they are, too. What poll and select watch is told nowhere: a
    connection in CLOSE_WAIT beside a thread that spends 30 % in the kernel, and of whose calls
    nothing comes, is possible only.
  - Nothing comes of its calls: hardly a byte or a page fault, no sockets or hardly a packet in
    its network namespace, no other file, position, directory or size of memory in any look of
    the last 2 seconds, and no thread of the process that is woken as often. Possible, and a
    notice only: see below.
  - It has an epoll instance, and hardly reads or writes; it may open and close connections, or
    have Unix sockets, but on the whole machine nothing moves, as below. Possible, a notice.

  Of another user's thread all that is refused. One that takes no page faults and spends 40 to
  90 % of its CPU in the kernel makes short calls; where the whole machine has hardly a packet,
  a switch or a page of a file written to for each 100 µs of that CPU, and no other thread does
  the like but those of its process that never sleep and do it for 60 % of their CPU, it may
  spin: possible, and a notice only.

What does not fool it
  CPU-bound threads that are preempted. Threads that switch because they sleep. The writer of
  a pipe that its reader puts aside at each wake, or the feeder of a pool by all its workers:
  they sleep just as often. Above 60,000 a second that is no excuse any more. Servers flat
  out, which move packets; find, du and tar, which open one directory after the other; dd and
  cp, which move bytes; compilers, collectors and mmap, which take page faults. Threads that
  compute beside a pool of connections that the server has closed, which nobody waits for.

What /proc can't tell
  Which call a thread is in while it runs. Loops around time limits of zero (poll, epoll_wait,
  select, time.sleep(0) up to Python 3.10) and recv on a socket that has nothing look alike,
  and so does some work: to stat thousands of files whose names are known, System V queues,
  random numbers. So those are only said to be possible; strace -c tells. Of processes with
  Unix sockets and no epoll, devices or more than 100 open files not even that is said. Of
  another user's it can't be told from reads of a few bytes either.
  A loop without any system call: it looks like work. Where more threads want CPUs than there
  are, ctop says so (oversubscribed); perf shows whether they spin.

How to fix it
  Futex-based locks, which sleep. Bounded spinning. poll and epoll with a time limit that is
  not zero, and descriptors that block. A read of 0 bytes is the end: close. EPOLLOUT and
  OP_WRITE only while something is left to send. At EMFILE: a higher LimitNOFILE, no leaks, a
  spare descriptor to accept and close with. OMP_WAIT_POLICY=passive, GOMP_SPINCOUNT=0,
  KMP_BLOCKTIME=0. Database and JVM spin loops: a newer version, fewer threads.

Further reading
  man 2 sched_yield, man 5 proc_pid_io, man 7 epoll (level-triggered), realworldtech.com
  (Torvalds on spin locks in user space)
`;
