/** A program of the zoo: how it is started, and what is wrong with it. */
export type Animal = {
	name: string;
	/**
	The command. `{port}` is a free port, `{folder}` an empty directory. A first word that ends in `.c`, `.cc`, `.go` or `.java` is
	compiled; `.py`, `.rb`, `.cjs` and `.ru` files are those of this folder.
	*/
	command: readonly string[];
	/** Runs beside it and isn't judged: what sends it requests. */
	load?: readonly string[];
	/** Shell words that prepare the directory, before it starts. */
	before?: string;
	/** It is up when somebody listens at `{port}`; else when it prints `ready`. */
	ready?: 'port';
	/** Findings that are right; none for a healthy program. */
	labels: readonly string[];
	/** Findings that are true as well, and not asked for. */
	mayAlsoSay?: readonly string[];
	/** What is wrong can't be seen from outside: a finding is neither asked for nor, if it is one of these, a false alarm. */
	invisible?: true;
	/** Postgres and others refuse to run as root. */
	user?: string;
	needs?: 'root';
	/** One of the few that run with every test. */
	fast?: true;
};

const bad = (
	name: string,
	command: readonly string[],
	labels: readonly string[],
	mayAlsoSay: readonly string[] = [],
	more: Partial<Animal> = {},
): Animal => ({name, command, labels, mayAlsoSay, ...more});

const healthy = (name: string, command: readonly string[], more: Partial<Animal> = {}): Animal => ({
	name,
	command,
	labels: [],
	...more,
});

/** Programs with trouble. */
const troubled: readonly Animal[] = [
	bad('python3, 2 computing threads', ['python3', 'gil-threads.py', '2'], ['gil-thrash']),
	bad('python3, 8 computing threads', ['python3', 'gil-threads.py', '8'], ['gil-thrash'], [], {
		fast: true,
	}),
	bad('python3, 45 computing threads', ['python3', 'gil-threads.py', '45'], ['gil-thrash']),
	bad('python3.12, 8 computing threads', ['python3.12', 'gil-threads.py', '8'], ['gil-thrash']),
	bad('python3.8, 8 computing threads', ['python3.8', 'gil-threads.py', '8'], ['gil-thrash']),
	bad('python2.7, 2 computing threads', ['python2.7', 'gil-threads.py', '2'], ['gil-thrash']),
	bad('python2.7, 8 computing threads', ['python2.7', 'gil-threads.py', '8'], ['gil-thrash']),
	bad('python2.7, 45 computing threads', ['python2.7', 'gil-threads.py', '45'], ['gil-thrash']),
	bad(
		'python3, threads that compute under one Lock',
		['python3', 'trouble.py', 'lock-compute', '8'],
		['gil-thrash'],
		['lock-contention'],
	),
	bad(
		'python3, threads that sleep under one Lock',
		['python3', 'trouble.py', 'lock-asleep', '8'],
		['lock-contention'],
	),
	bad(
		'python3, threads that hash under one Lock',
		['python3', 'trouble.py', 'lock-hash', '6'],
		['lock-contention'],
	),
	bad(
		'python3, 45 threads that sleep 20 ms',
		['python3', 'polling-threads.py', '45', '0.02'],
		['idle-polling'],
		[],
		{fast: true},
	),
	bad(
		'python3, 30 threads in select of 10 ms',
		['python3', 'polling-threads.py', '30', '0.01', 'select'],
		['idle-polling'],
	),
	bad(
		'python3, 20 threads that try a lock',
		['python3', 'trouble.py', 'poll-lock', '20'],
		['idle-polling'],
	),
	bad(
		'python3, 30 threads in Event.wait(0.02)',
		['python3', 'trouble.py', 'poll-event', '30'],
		['idle-polling'],
	),
	bad(
		'python2.7, 45 threads in Queue.get(timeout=1)',
		['python2.7', 'polling-threads.py', '45', '1', 'queue'],
		['idle-polling'],
		['gil-thrash'],
	),
	bad(
		'python3, an event loop that computes',
		['python3', 'trouble.py', 'loop-busy'],
		['event-loop-busy'],
	),
	bad(
		'python3, a process for each small thing',
		['python3', 'trouble.py', 'storm'],
		['fork-storm'],
	),
	bad('python3, 60 children nobody reaps', ['python3', 'trouble.py', 'zombies', '60'], ['zombies']),
	bad('python3, a message and its answer', ['python3', 'trouble.py', 'messages'], ['ping-pong']),
	bad(
		'python3, two Locks in a circle',
		['python3', 'trouble.py', 'deadlock'],
		[],
		['hung', 'stuck-lock', 'deadlock'],
		{
			invisible: true,
		},
	),
	bad('20 computing processes', ['python3', 'busy-processes.py', '20'], ['oversubscribed'], [], {
		fast: true,
	}),
	bad(
		'a quota of 0.4 CPUs and 4 threads',
		['python3', 'throttled.py', '4', '40'],
		['throttled'],
		['oversubscribed'],
		{needs: 'root'},
	),
	bad(
		'a quota of 0.6 CPUs and 6 threads',
		['python3', 'throttled.py', '6', '60'],
		['throttled'],
		['oversubscribed'],
		{needs: 'root'},
	),
	bad('a mutex, 16 threads', ['fights.c', 'convoy', '16'], ['lock-contention'], [], {fast: true}),
	bad('a mutex, 2 threads', ['fights.c', 'convoy', '2'], ['lock-contention']),
	bad(
		'a mutex held over sleeps',
		['fights.c', 'held-asleep', '16'],
		['lock-contention'],
		['stuck-lock'],
	),
	bad(
		'a mutex held for a millisecond of work',
		['fights.c', 'held-computing', '16'],
		['lock-contention'],
	),
	bad(
		'a mutex around each look-up, 14 threads',
		['fights.c', 'look-up', '14'],
		['lock-contention'],
	),
	bad('malloc with one arena', ['fights.c', 'malloc', '16'], ['lock-contention']),
	bad('a rwlock and writers only', ['fights.c', 'rwlock', '16'], ['lock-contention']),
	bad(
		'a semaphore as a lock, held for milliseconds of work',
		['fights.c', 'semaphore-computing', '8'],
		['lock-contention'],
	),
	bad('a semaphore as a lock', ['fights.c', 'semaphore', '24'], ['lock-contention']),
	bad('a file lock, 8 threads', ['fights.c', 'file', '8', '{folder}/lock'], ['lock-contention']),
	bad('8 threads behind a holder that sleeps', ['fights.c', 'stuck', '8'], ['stuck-lock'], [], {
		fast: true,
	}),
	bad(
		'python3, 8 threads that log into a pipe that is full',
		['python3', 'trouble.py', 'log-stuck', '8'],
		['stuck-lock'],
		['hung'],
	),
	bad('a deadlock of 2', ['fights.c', 'deadlock', '2'], ['deadlock'], ['stuck-lock', 'hung']),
	bad('a deadlock of 3', ['fights.c', 'deadlock', '3'], ['deadlock'], ['stuck-lock', 'hung']),
	bad(
		'two scripts that lock two files in different orders',
		[
			'sh',
			'-c',
			'cd {folder}; flock a sh -c "sleep 1; exec flock b true" & flock b sh -c "sleep 1; exec flock a true" & sleep 2; echo ready; wait',
		],
		['deadlock'],
		['lock-contention'],
	),
	bad(
		'jobs behind a script whose command never ends',
		[
			'bash',
			'-c',
			'cd {folder}; mkfifo answer; job() { exec 9>lock; flock 9; cat answer; }; (job) & sleep 0.5; (job) & (job) & (job) & sleep 0.5; echo ready; wait',
		],
		['stuck-lock'],
		['lock-contention'],
	),
	bad(
		'two scripts that lock two descriptors in different orders',
		[
			'bash',
			'-c',
			'cd {folder}; both() { exec 8>$1 9>$2; flock 8; sleep 1; flock 9; }; (both a b) & (both b a) & sleep 2; echo ready; wait',
		],
		['deadlock'],
		['lock-contention'],
	),
	bad(
		'python3, 5 processes that write into one SQLite database',
		['python3', 'sqlite.py', '{folder}', 'writers', '5'],
		['lock-contention'],
		['idle-polling'],
	),
	bad(
		'python3, 5 threads that write into one SQLite database',
		['python3', 'sqlite.py', '{folder}', 'threads', '5'],
		['lock-contention'],
		['idle-polling'],
	),
	bad('a lost wake', ['fights.c', 'hung', '4'], ['hung']),
	bad('a lost wake, and readers of a pipe of their own', ['fights.c', 'own-pipe', '2'], ['hung']),
	bad(
		'python3, processes whose producer was killed',
		['python3', 'closed-processes.py', 'lost-producer', '4'],
		['hung'],
	),
	bad(
		'python3, a child that is written to and never read',
		['python3', 'closed-processes.py', 'piped'],
		['deadlock'],
		['hung'],
	),
	bad(
		'python3, children that are joined before their results are read',
		['python3', 'closed-processes.py', 'unread', '2'],
		['deadlock'],
		['hung'],
	),
	bad(
		'python3, a lock that was held by another thread at fork',
		['python3', 'closed-processes.py', 'forked'],
		['hung'],
		['stuck-lock', 'deadlock'],
	),
	bad('a broadcast to 64 threads', ['fights.c', 'herd', '64'], ['thundering-herd']),
	bad('a spin lock and 8 threads', ['fights.c', 'spinlock', '8'], ['oversubscribed']),
	bad('a semaphore as a lock, 45 threads', ['fights.c', 'semaphore', '45'], ['lock-contention']),
	bad(
		'6 processes and one mutex',
		['shared-locks.c', 'compute', 'mutex', '6'],
		['lock-contention'],
	),
	bad(
		'6 processes and one semaphore',
		['shared-locks.c', 'compute', 'semaphore', '6'],
		['lock-contention'],
	),
	bad(
		'6 processes that sleep with a semaphore',
		['shared-locks.c', 'sleep', 'semaphore', '6'],
		['lock-contention'],
	),
	bad(
		'6 processes and a System V semaphore for a moment',
		['shared-locks.c', 'moment', 'system-v', '6'],
		['lock-contention'],
	),
	bad('8 threads that tick every millisecond', ['fights.c', 'ticks', '8'], ['idle-polling']),
	bad('12 threads that meet after each piece', ['fights.c', 'pieces', '12'], ['oversubscribed']),
	bad('8 threads with a mutex for a moment', ['fights.c', 'short', '8'], ['oversubscribed']),
	bad('8 threads in sched_yield', ['kernel.c', 'yield', '8'], ['spin'], [], {fast: true}),
	bad('a thread that reads an empty pipe', ['calls.c', 'read'], ['spin'], [], {fast: true}),
	bad('poll and read at the end of a pipe', ['calls.c', 'end'], ['spin']),
	bad('poll with a time limit of zero', ['calls.c', 'poll'], ['spin']),
	bad('epoll_wait for a socket that is writable', ['calls.c', 'writable'], ['spin']),
	bad('select and recv of what the peer has closed', ['calls.c', 'closed'], ['spin']),
	bad('accept with no descriptor left', ['calls.c', 'full', '{port}'], ['spin'], [], {
		load: ['calls.c', 'hold', '{port}'],
	}),
	bad('8 threads that map and unmap', ['kernel.c', 'map', '8'], ['kernel-lock']),
	bad(
		'8 threads that create and unlink files',
		['kernel.c', 'unlink', '8', '{folder}'],
		['kernel-lock'],
	),
	bad('8 threads that write to one file', ['kernel.c', 'write', '8', '{folder}'], ['kernel-lock']),
	bad('8 threads in fsync', ['kernel.c', 'sync', '8', '{folder}'], ['io-wait']),
	bad('8 threads that read past the cache', ['kernel.c', 'direct', '8', '{folder}'], ['io-wait']),
	bad('4 threads that read a mapped file', ['kernel.c', 'mapped', '4', '{folder}'], ['io-wait']),
	bad('two threads and two pipes', ['kernel.c', 'pipe-threads'], ['ping-pong'], [], {fast: true}),
	bad('two processes and two pipes', ['kernel.c', 'pipe-processes'], ['ping-pong']),
	bad('two threads and a socket pair', ['kernel.c', 'socket-pair'], ['ping-pong']),
	bad('two threads and a condition variable', ['exchange.c'], ['ping-pong'], ['lock-contention']),
	bad('a process started for each round', ['kernel.c', 'storm'], ['fork-storm']),
	bad('200 zombies', ['kernel.c', 'zombies', '200'], ['zombies'], [], {fast: true}),
	bad(
		'32 workers woken for each connection',
		['listeners.c', 'epoll', '32', '2000'],
		['thundering-herd'],
	),
	bad(
		'20 workers in select woken for each connection',
		['listeners.c', 'select', '20', '100'],
		['thundering-herd'],
	),
	bad(
		'node, 16 workers woken for each connection',
		['node', 'trouble.cjs', 'cluster-shared', '{port}'],
		['thundering-herd'],
		['oversubscribed'],
		{load: ['load.c', '{port}', '8', '1000'], ready: 'port'},
	),
	bad(
		'redis, one client that waits for each answer',
		['redis-server', '--port', '{port}', '--save', '', '--dir', '{folder}'],
		['ping-pong'],
		[],
		{
			ready: 'port',
			load: ['sh', '-c', 'echo ready; exec redis-benchmark -p {port} -q -l -c 1 -t get >/dev/null'],
		},
	),
	bad('go, a child that is asked one thing at a time', ['piped.go', 'asks'], ['ping-pong']),
	bad('std::mutex, 8 threads', ['standard-library.cc', 'mutex', '8'], ['lock-contention']),
	bad(
		'std::shared_mutex, 8 threads',
		['standard-library.cc', 'shared-mutex', '8'],
		['lock-contention'],
	),
	bad(
		'a flag asked every millisecond',
		['standard-library.cc', 'poll-flag', '8'],
		['idle-polling'],
	),
	bad(
		'wait_for of 5 ms, 16 threads',
		['standard-library.cc', 'poll-queue', '16'],
		['idle-polling'],
	),
	bad('std::this_thread::yield, 4 threads', ['standard-library.cc', 'yield', '4'], ['spin']),
	bad(
		'java, one monitor',
		['Trouble.java', 'monitor', '8'],
		['lock-contention'],
		['oversubscribed'],
	),
	bad(
		'java, two monitors in a circle',
		['Trouble.java', 'deadlock'],
		['deadlock'],
		['stuck-lock', 'hung'],
	),
	bad('java, a fair lock', ['Trouble.java', 'fair-lock', '8'], ['lock-contention']),
	bad(
		'java, a ReentrantLock',
		['Trouble.java', 'lock', '8'],
		['lock-contention'],
		['oversubscribed'],
	),
	bad(
		'java, a monitor held over sleeps',
		['Trouble.java', 'monitor-asleep', '12'],
		['lock-contention'],
		['stuck-lock'],
	),
	bad('java, a Semaphore as a lock', ['Trouble.java', 'semaphore', '8'], ['lock-contention']),
	bad(
		'java, a StampedLock held over sleeps',
		['Trouble.java', 'stamped-asleep', '12'],
		['lock-contention'],
		['stuck-lock'],
	),
	// For another user it looks like a pool whose threads all get a job of each burst, as the healthy one below.
	bad('java, notifyAll for each job', ['Trouble.java', 'notify-all', '64'], ['thundering-herd']),
	bad('java, signalAll for each job', ['Trouble.java', 'signal-all', '48'], ['thundering-herd']),
	bad('java, a queue polled every 10 ms', ['Trouble.java', 'poll', '45'], ['idle-polling']),
	bad('java, a heap that is full', ['-Xmx120m', 'Trouble.java', 'garbage', '4'], ['gc']),
	bad('java, 12 computing threads', ['Trouble.java', 'compute', '12'], ['oversubscribed']),
	bad('go, 16 computing threads', ['trouble.go', 'compute', '16'], ['oversubscribed']),
	bad('go, 60 threads that sleep 5 ms', ['trouble.go', 'threads-poll', '60'], ['idle-polling']),
	bad('go, 100 tickers of 10 ms', ['trouble.go', 'tickers', '100'], ['idle-polling']),
	bad('go, a heap that may hardly grow', ['trouble.go', 'garbage', '2'], ['gc']),
	bad('go, one mutex', ['trouble.go', 'mutex', '16'], [], [], {invisible: true}),
	bad('ruby, 8 computing threads', ['ruby', 'trouble.rb', 'compute', '8'], ['gil-thrash']),
	bad(
		'ruby, a connection behind a Mutex',
		['ruby', 'trouble.rb', 'mutex', '8'],
		['lock-contention'],
	),
	bad('ruby, 45 threads that sleep 10 ms', ['ruby', 'trouble.rb', 'poll', '45'], ['idle-polling']),
	bad('node, a loop that computes', ['node', 'trouble.cjs', 'loop-busy'], ['event-loop-busy']),
	bad(
		'node, 32 password hashes at a time',
		['node', 'trouble.cjs', 'pool-crypto', '32'],
		['pool-saturated'],
		['oversubscribed'],
	),
	bad(
		'node, 32 files synced at a time',
		['node', 'trouble.cjs', 'pool-sync', '32'],
		['pool-saturated'],
		['io-wait'],
	),
	bad(
		'node, a child that is asked one thing at a time',
		['node', 'trouble.cjs', 'child-answers'],
		['ping-pong'],
	),
	bad(
		'node, two workers that answer each other',
		['node', 'trouble.cjs', 'workers-answer'],
		['ping-pong'],
	),
	bad('node, 8 workers that compute', ['node', 'trouble.cjs', 'workers', '8'], ['oversubscribed']),
	bad(
		'gunicorn, a worker of 16 threads that compute',
		[
			'gunicorn',
			'--chdir',
			'{zoo}',
			'-b',
			'127.0.0.1:{port}',
			'-w',
			'1',
			'--threads',
			'16',
			'web:application',
		],
		['gil-thrash'],
		[],
		{load: ['load.c', '{port}', '16'], ready: 'port'},
	),
	bad(
		'gunicorn, 20 workers that compute',
		['gunicorn', '--chdir', '{zoo}', '-b', '127.0.0.1:{port}', '-w', '20', 'web:application'],
		['oversubscribed'],
		[],
		{load: ['load.c', '{port}', '40'], ready: 'port'},
	),
	bad(
		'puma, 8 threads that compute',
		['puma', '-b', 'tcp://127.0.0.1:{port}', '-t', '8:8', '{zoo}/web.ru'],
		['gil-thrash'],
		[],
		{load: ['load.c', '{port}', '16'], ready: 'port'},
	),
	bad(
		'postgres, a row that one session keeps',
		['postgres', '-D', '{folder}/data', '-p', '{port}', '-k', '{folder}'],
		['stuck-lock'],
		['lock-contention'],
		{
			user: 'postgres',
			ready: 'port',
			before: 'initdb -D {folder}/data -A trust >/dev/null',
			load: [
				'sh',
				'-c',
				`p="psql -h {folder} -p {port} -q postgres"; $p -c 'CREATE TABLE t (n int); INSERT INTO t VALUES (1)';
				(echo 'BEGIN; UPDATE t SET n = 2;'; sleep 60) | $p & sleep 1
				for i in 1 2 3; do $p -c 'UPDATE t SET n = 3' & done; echo ready; wait`,
			],
		},
	),
];

/** Programs that are well, however much they switch. */
const well: readonly Animal[] = [
	healthy('one computing thread', ['python3', 'one-busy-thread.py'], {fast: true}),
	healthy('one computes, 44 wait for work', ['python3', 'busy-and-blocked.py']),
	healthy('two Python threads that hash', ['python3', 'hashing-threads.py', '2']),
	healthy('a Python pool of 64 at rest', ['python3', 'idle-pool.py', '64'], {fast: true}),
	healthy('processes at rest whose parent listens', ['python3', 'closed-processes.py', 'fed', '4']),
	healthy('asyncio with timers that work', ['python3', 'asyncio-timers.py']),
	healthy('python2.7, a pool of 40 at rest', ['python2.7', 'idle-pool.py', '40']),
	healthy(
		'python3, a ThreadPoolExecutor with small jobs',
		['python3', 'trouble.py', 'small-jobs', '8'],
		{mayAlsoSay: ['gil-thrash']},
	),
	healthy('python3, 5 processes that write into SQLite now and then', [
		'python3',
		'sqlite.py',
		'{folder}',
		'paced',
		'5',
	]),
	healthy('python3, one writes into SQLite all the time, beside others that poll', [
		'python3',
		'sqlite.py',
		'{folder}',
		'polling',
		'3',
	]),
	healthy('a pool of 8 that gets one job at a time by a semaphore', ['fights.c', 'pool', '8']),
	healthy('python3, a pool that hashes', ['python3', 'trouble.py', 'pool-hash', '6']),
	healthy('python3, 45 threads in Queue.get(timeout=1)', [
		'python3',
		'polling-threads.py',
		'45',
		'1',
		'queue',
	]),
	healthy('python3, a program started twice a second', ['python3', 'trouble.py', 'hourly']),
	healthy('python3, 8 threads that sleep for a minute', [
		'python3',
		'polling-threads.py',
		'8',
		'60',
	]),
	healthy('a quota that is not reached', ['python3', 'throttled.py', '0', '50'], {needs: 'root'}),
	healthy('a pool of 64 at a condition variable', ['mutex-pool.c', '64']),
	healthy('a pool of 8 with 500 jobs a second', ['mutex-pool.c', '8', '500'], {
		mayAlsoSay: ['idle-polling'],
	}),
	healthy('one thread writes bytes, another reads until none is left', ['calls.c', 'bytes']),
	healthy('one thread looks at a tree of files', ['calls.c', 'tree']),
	healthy('computing beside a connection that the peer has closed', ['calls.c', 'pool']),
	healthy('packets to itself, flat out', ['calls.c', 'packets', '{port}']),
	healthy('no descriptor left, and no longer listening', ['calls.c', 'full-and-quiet', '{port}'], {
		load: ['calls.c', 'ask', '{port}'],
		mayAlsoSay: ['ping-pong'],
	}),
	healthy('two threads with a mutex for a moment', ['fights.c', 'short', '2']),
	healthy('a pipeline of two processes', ['pipeline.c']),
	healthy('one thread that syncs now and then', ['standard-library.cc', 'pool', '8']),
	healthy('a pool of 8 and a feeder, flat out', ['standard-library.cc', 'pool-full', '8'], {
		mayAlsoSay: ['lock-contention'],
	}),
	healthy('32 workers with EPOLLEXCLUSIVE', ['listeners.c', 'exclusive', '32', '2000'], {
		mayAlsoSay: ['idle-polling'],
	}),
	healthy('6 workers that take turns to accept', ['shared-locks.c', 'accept', 'mutex', '6']),
	healthy('6 workers with a file whose turn it is', ['shared-locks.c', 'accept', 'file', '6']),
	healthy('16 workers in accept', ['listeners.c', 'accept', '16', '2000'], {
		mayAlsoSay: ['idle-polling'],
	}),
	healthy('java, a pool of 32 at rest', ['Trouble.java', 'pool-idle', '32']),
	healthy('java, a pool of 8 with 500 jobs a second', ['Trouble.java', 'pool-busy', '8']),
	// Its feeder wakes as often as each of its threads does.
	healthy('java, a pool of 8 that gets 20 small jobs every 10 ms', [
		'Trouble.java',
		'pool-bursts',
		'8',
	]),
	healthy('java, 64 threads that get 64 small jobs every 4 ms', [
		'Trouble.java',
		'notify-one',
		'64',
	]),
	healthy('java, many short-lived objects', ['Trouble.java', 'objects', '2'], {
		mayAlsoSay: ['idle-polling'],
	}),
	healthy(
		'python3, one thread computes, one tries a lock',
		['python3', 'trouble.py', 'compute-and-io'],
		{mayAlsoSay: ['gil-thrash', 'idle-polling']},
	),
	healthy('8 threads with some work in each frame', ['fights.c', 'frames', '8'], {
		mayAlsoSay: ['oversubscribed'],
	}),
	healthy('two threads that share a cache line', ['fights.c', 'false-sharing', '2']),
	healthy('a shell that compiles one file after the other', [
		'sh',
		'-c',
		'cd {folder}; printf "int main(void) { return 0; }" > a.c; echo ready; while :; do cc a.c; sleep 0.1; done',
	]),
	healthy('java, one computing thread', ['Trouble.java', 'compute', '1']),
	healthy('go, at rest', ['trouble.go', 'idle']),
	healthy('go, moderate allocation', ['trouble.go', 'allocate', '2']),
	healthy('go, workers behind a channel', ['trouble.go', 'channels', '4'], {
		mayAlsoSay: ['idle-polling'],
	}),
	healthy('go, an HTTP server, flat out', ['trouble.go', 'server', '{port}'], {
		load: ['load.c', '{port}', '16'],
		ready: 'port',
	}),
	healthy('ruby, 40 threads at a queue', ['ruby', 'trouble.rb', 'pool-idle', '40']),
	healthy('ruby, a pool with 100 jobs a second', ['ruby', 'trouble.rb', 'pool-busy', '4']),
	healthy('node, at rest', ['node', 'trouble.cjs', 'idle']),
	healthy('node, timers that work', ['node', 'trouble.cjs', 'timers']),
	healthy('node, an HTTP server', ['node', 'trouble.cjs', 'server', '{port}'], {
		load: ['load.c', '{port}', '8', '500'],
		ready: 'port',
	}),
	healthy('node, a server in a child, one client', ['node', 'trouble.cjs', 'cluster', '{port}'], {
		load: ['load.c', '{port}', '1'],
		ready: 'port',
	}),
	healthy(
		'node, 16 workers that are handed a connection each',
		['node', 'trouble.cjs', 'cluster-handed', '{port}'],
		{load: ['load.c', '{port}', '8', '1000'], ready: 'port'},
	),
	healthy('go, large blocks through a child and back', ['piped.go', 'blocks']),
	healthy('go, short lines through a child, without waiting', ['piped.go', 'lines']),
	healthy('go, lines to a child that only reads', ['piped.go', 'log']),
	healthy(
		'gunicorn, 2 workers at some load',
		['gunicorn', '--chdir', '{zoo}', '-b', '127.0.0.1:{port}', '-w', '2', 'web:application'],
		{load: ['load.c', '{port}', '2', '50'], ready: 'port'},
	),
	healthy('puma, at rest', ['puma', '-b', 'tcp://127.0.0.1:{port}', '-t', '5:5', '{zoo}/web.ru'], {
		ready: 'port',
	}),
	healthy(
		'puma, 8 threads whose answers take a sleep',
		['puma', '-b', 'tcp://127.0.0.1:{port}', '-t', '8:8', '{zoo}/slow-web.ru'],
		{load: ['load.c', '{port}', '8', '90'], ready: 'port'},
	),
	healthy('2 threads that meet after each piece', ['fights.c', 'pieces', '2']),
	healthy(
		'nginx, flat out',
		['nginx', '-p', '{folder}', '-c', '{folder}/nginx.conf', '-g', 'daemon off;'],
		{
			load: ['load.c', '{port}', '64'],
			ready: 'port',
			before:
				"echo 'worker_processes 2; pid n.pid; error_log e.log; events {} http { access_log off; keepalive_requests 1000000; server { listen 127.0.0.1:{port}; return 200 ok; } }' > {folder}/nginx.conf",
		},
	),
	healthy(
		'nginx, at some load',
		['nginx', '-p', '{folder}', '-c', '{folder}/nginx.conf', '-g', 'daemon off;'],
		{
			load: ['load.c', '{port}', '8', '300'],
			ready: 'port',
			before:
				"echo 'worker_processes 2; pid n.pid; error_log e.log; events {} http { access_log off; server { listen 127.0.0.1:{port}; return 200 ok; } }' > {folder}/nginx.conf",
		},
	),
	healthy(
		'redis, at rest',
		['redis-server', '--port', '{port}', '--save', '', '--dir', '{folder}'],
		{ready: 'port'},
	),
	healthy(
		'redis, flat out',
		['redis-server', '--port', '{port}', '--save', '', '--dir', '{folder}'],
		{
			ready: 'port',
			load: [
				'sh',
				'-c',
				'echo ready; exec redis-benchmark -p {port} -q -l -c 20 -t get,set >/dev/null',
			],
		},
	),
	healthy(
		'postgres, at rest',
		['postgres', '-D', '{folder}/data', '-p', '{port}', '-k', '{folder}'],
		{
			user: 'postgres',
			ready: 'port',
			before: 'initdb -D {folder}/data -A trust >/dev/null',
		},
	),
	healthy(
		'postgres, 4 clients that read',
		['postgres', '-D', '{folder}/data', '-p', '{port}', '-k', '{folder}'],
		{
			user: 'postgres',
			ready: 'port',
			before: 'initdb -D {folder}/data -A trust >/dev/null',
			load: [
				'sh',
				'-c',
				'pgbench -h {folder} -p {port} -i -q postgres >/dev/null 2>&1; echo ready; exec pgbench -h {folder} -p {port} -S -c 4 -T 100 postgres >/dev/null 2>&1',
			],
		},
	),
];

export const animals: readonly Animal[] = [...troubled, ...well];
