/** What each runtime hides from those who look from outside, and the tool that shows it; `PID` stands for the process. */
const hints: Readonly<Record<string, string>> = {
	jvm: 'Virtual threads that wait, who reads under a ReadWriteLock, and where Java code is that runs at the moment, are not seen from outside: jcmd PID Thread.print',
	go: "Goroutines that wait for mutexes and channels are not seen from outside: pprof's mutex and block profiles, or curl localhost:6060/debug/pprof/goroutine?debug=2",
	ruby: 'Which Ruby code runs, and who holds its Mutexes, is not seen from outside: rbspy dump --pid PID',
	node: 'Which JavaScript runs is not seen from outside: kill -USR1 PID opens the inspector (chrome://inspect), or node --cpu-prof',
	pypy: "Who holds PyPy's lock, and which Python code runs, is not seen from outside: python -m vmprof, or faulthandler in the program",
	dotnet:
		'Monitors and who holds them are not seen from outside: dotnet-stack report -p PID, or dotnet-dump and syncblk',
	beam: 'Erlang processes are not threads, and their locks are not seen from outside: observer, or lcnt:rt_collect() on an emulator with lock counting',
	php: 'Which PHP code runs is not seen from outside: phpspy -p PID, or the slow log of php-fpm (request_slowlog_timeout)',
};

/** The hint for a process of a runtime; undefined where nothing that matters is hidden. */
export const hintFor = (runtime: string, pid: number): string | undefined =>
	hints[runtime]?.replaceAll('PID', String(pid));

/** For a Node.js whose pool of threads can't be read; `file` is the one that libuv is in. */
export const unknownPoolHint = (pid: number, file: string): string =>
	`${hintFor('node', pid)}. What queues in front of libuv's pool is not known: ${file} has no symbols of its own`;

/** For a JVM whose description of itself lacks what is needed. */
export const unknownJvmHint = (pid: number, lacks: string): string =>
	`Monitors are not known for this JDK (its table lacks ${lacks}): jcmd ${pid} Thread.print`;

/** For a program of Go whose collector can't be read; `why` is what its file lacks. */
export const unknownCollectorHint = (pid: number, file: string, why: string): string =>
	`${hintFor('go', pid)}. What its collector takes is not known: ${file} ${why}; started with GODEBUG=gctrace=1 it tells`;
