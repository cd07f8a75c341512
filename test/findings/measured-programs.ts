import type {Process} from '../../source/model/process.js';
import type {System} from '../../source/model/system.js';
import {
	forked,
	futex,
	mutex,
	processWith,
	python2,
	python3,
	running,
	timed,
	timedFutex,
	untimed,
	withGil,
} from './watched.js';

export type MeasuredProgram = {
	name: string;
	processes: readonly Process[];
	/** Rules and severities that are right, worst first; empty for what none of the rules is about. */
	expected: readonly string[];
	system?: Partial<System>;
};

const gilWait = (percent: number) => timedFutex(percent, 5, 'libpython3.11.so.1.0');
const image = 'libpython3.11.so.1.0';
const c = {name: 'locks', commandLine: ['./locks']};
const java = {name: 'java', commandLine: ['java', 'Load'], runtime: {name: 'jvm', source: 'maps'}};

const one = (
	name: string,
	expected: readonly string[],
	process: Process,
	system?: Partial<System>,
): MeasuredProgram => ({
	name,
	expected,
	processes: [process],
	...(system && {system}),
});

/** Disks that some thread waits for nearly all the time. */
const busyDisks: Partial<System> = {
	pressure: {io: {some: {avg10Percent: 80, avg60Percent: 60, avg300Percent: 20, stallPercent: 88}}},
};

/**
Real programs as they were measured on two CPUs: totals of voluntary and involuntary
switches per second, CPUs used, share of run delay, and what the threads waited for.
*/
export const measuredPrograms: readonly MeasuredProgram[] = [
	one(
		'Python 3.11, 2 computing threads',
		['gil-thrash notice'],
		withGil(
			processWith(python3, {
				count: 2,
				voluntary: 567,
				involuntary: 221,
				cores: 0.94,
				delayRatio: 0.07,
				waits: [running(51), gilWait(48)],
			}),
			0.96,
		),
	),
	one(
		'Python 3.11, 8 computing threads',
		['gil-thrash warning'],
		withGil(
			processWith(python3, {
				count: 8,
				voluntary: 1661,
				involuntary: 736,
				cores: 0.93,
				delayRatio: 0.3,
				waits: [gilWait(80), running(20)],
			}),
			6.4,
		),
	),
	one(
		'Python 3.11, 39 computing threads',
		['gil-thrash critical'],
		withGil(
			processWith(python3, {
				count: 39,
				voluntary: 6089,
				involuntary: 1176,
				cores: 0.96,
				delayRatio: 0.44,
				waits: [gilWait(89), running(9), futex(1)],
			}),
			26.1,
		),
	),
	one(
		'Python 3.11, one thread computes and one does input and output',
		['gil-thrash notice'],
		withGil(
			processWith(python3, {
				count: 2,
				voluntary: 655,
				involuntary: 300,
				cores: 0.93,
				delayRatio: 0.1,
				waits: [running(56), gilWait(39), timed('sleep', 'clock_nanosleep', 1, 6)],
			}),
			0.8,
		),
	),
	one(
		'gunicorn with 16 threads that compute',
		['gil-thrash warning'],
		withGil(
			processWith(python3, {
				count: 17,
				voluntary: 5851,
				involuntary: 2147,
				cores: 0.93,
				delayRatio: 0.73,
				waits: [futex(62), running(20), timedFutex(11, 5, image)],
			}),
			2,
		),
	),
	one(
		'Python 2.7, 2 computing threads',
		['gil-thrash warning'],
		processWith(python2, {
			count: 2,
			voluntary: 43_122,
			involuntary: 197,
			cores: 1.07,
			delayRatio: 0.17,
			waits: [running(95), futex(5)],
		}),
	),
	one(
		'Python 2.7, 8 computing threads',
		['gil-thrash critical'],
		processWith(python2, {
			count: 8,
			voluntary: 99_619,
			involuntary: 16_666,
			cores: 1.75,
			delayRatio: 0.77,
			waits: [running(95), futex(5)],
		}),
	),
	one(
		'Python 2.7, 45 computing threads',
		['gil-thrash critical'],
		processWith(python2, {
			count: 45,
			voluntary: 187_125,
			involuntary: 20_532,
			cores: 1.74,
			delayRatio: 0.96,
			waits: [running(96), futex(4)],
		}),
	),
	{
		name: 'Python 2.7, 10 workers with 43 polling and 2 computing threads each',
		expected: ['gil-thrash warning'],
		processes: forked(
			10,
			python2,
			{
				count: 43,
				voluntary: 950,
				cores: 0.014,
				delayRatio: 0.5,
				waits: [timed('poll', 'pselect6', 50, 98), futex(2)],
			},
			{
				count: 2,
				voluntary: 1150,
				involuntary: 370,
				cores: 0.17,
				delayRatio: 0.91,
				waits: [running(90), futex(10)],
			},
		),
	},
	one(
		'45 threads in select of 45 ms',
		['idle-polling warning'],
		processWith(python3, {
			count: 45,
			voluntary: 1045,
			involuntary: 50,
			cores: 0.014,
			delayRatio: 0.66,
			waits: [timed('poll', 'pselect6', 45)],
		}),
	),
	one(
		'45 threads that sleep 10 ms',
		['idle-polling warning'],
		processWith(python3, {
			count: 45,
			voluntary: 4516,
			involuntary: 23,
			cores: 0.045,
			delayRatio: 0.63,
			waits: [timed('sleep', 'clock_nanosleep', 10, 99), running(1)],
		}),
	),
	one(
		'45 threads in Queue.get(timeout=1) of Python 2.7',
		['idle-polling warning'],
		processWith(python2, {
			count: 45,
			voluntary: 1256,
			involuntary: 34,
			cores: 0.02,
			delayRatio: 0.56,
			waits: [timed('poll', 'pselect6', 50)],
		}),
	),
	{
		name: '10 processes of 45 threads in select(50 ms)',
		expected: ['idle-polling warning'],
		processes: forked(10, c, {
			count: 45,
			voluntary: 961,
			involuntary: 64,
			cores: 0.02,
			delayRatio: 0.71,
			waits: [timed('poll', 'pselect6', 50)],
		}),
	},
	one(
		'45 Ruby threads that sleep',
		['idle-polling warning'],
		processWith(
			{name: 'ruby'},
			{
				count: 45,
				voluntary: 4653,
				involuntary: 97,
				cores: 0.05,
				delayRatio: 0.67,
				waits: [timedFutex(99, 10, '[heap]'), running(1)],
			},
		),
	),
	one(
		'45 Java threads that poll a queue',
		['idle-polling warning'],
		processWith(java, {
			count: 45,
			voluntary: 4486,
			involuntary: 7,
			cores: 0.045,
			delayRatio: 0.65,
			waits: [timedFutex(99, 10), running(1)],
		}),
	),
	one(
		'a timer of 1 ms',
		['idle-polling notice'],
		processWith(c, {
			count: 1,
			voluntary: 905,
			cores: 0.015,
			delayRatio: 0.56,
			waits: [timed('sleep', 'clock_nanosleep', 1, 88), running(12)],
		}),
	),
	one(
		'8 timers of 1 ms',
		['idle-polling warning'],
		processWith(c, {
			count: 8,
			voluntary: 7324,
			involuntary: 3,
			cores: 0.06,
			delayRatio: 0.61,
			waits: [timed('sleep', 'clock_nanosleep', 1, 92), running(8)],
		}),
	),
	one(
		'a pool of 8 fed 900 jobs a second by a sleeping feeder',
		[],
		processWith(
			c,
			{
				count: 8,
				voluntary: 900,
				involuntary: 20,
				cores: 0.19,
				delayRatio: 0.18,
				waits: [futex(97), running(3)],
			},
			{count: 1, voluntary: 900, cores: 0.01, waits: [timed('sleep', 'clock_nanosleep', 1, 99)]},
		),
	),
	one(
		'8 spinning threads',
		['oversubscribed warning'],
		processWith(c, {
			count: 8,
			involuntary: 967,
			cores: 1.65,
			delayRatio: 0.79,
			waits: [running(100)],
		}),
	),
	one(
		'16 threads that allocate',
		['oversubscribed critical'],
		processWith(c, {
			count: 16,
			involuntary: 964,
			cores: 1.63,
			delayRatio: 0.9,
			waits: [running(100)],
		}),
	),
	{
		name: '40 computing processes',
		expected: ['oversubscribed critical'],
		processes: forked(40, c, {
			count: 1,
			involuntary: 41,
			cores: 0.036,
			delayRatio: 0.963,
			waits: [running(100)],
		}),
	},
	one(
		'8 workers of Node that compute',
		['oversubscribed warning'],
		processWith(
			{name: 'node'},
			{count: 8, involuntary: 1030, cores: 1.76, delayRatio: 0.78, waits: [running(100)]},
		),
	),
	one(
		'4 threads with a quota of 0.4 CPUs',
		['throttled critical'],
		processWith(
			{
				...c,
				cpuQuotaPercent: 40,
				throttling: {
					cgroup: '/jobs',
					quotaPercent: 40,
					throttledPeriodsPercent: 100,
					throttledPercent: 350,
				},
			},
			{count: 4, involuntary: 253, cores: 0.4, delayRatio: 0.9, waits: [running(100)]},
		),
	),

	one(
		'16 threads and one mutex',
		['lock-contention critical'],
		processWith(c, {
			count: 16,
			voluntary: 67_042,
			involuntary: 5248,
			cores: 1.37,
			delayRatio: 0.85,
			waits: [running(51), mutex(49)],
		}),
	),
	one(
		'2 threads and one mutex',
		['lock-contention warning'],
		processWith(c, {
			count: 2,
			voluntary: 30_642,
			involuntary: 233,
			cores: 1.16,
			delayRatio: 0.17,
			waits: [running(96), mutex(4)],
		}),
	),
	one(
		'16 threads and a mutex that sleepers hold',
		['lock-contention critical'],
		processWith(c, {
			count: 16,
			voluntary: 1791,
			involuntary: 401,
			cores: 0.04,
			delayRatio: 0.47,
			waits: [mutex(94), timed('sleep', 'clock_nanosleep', 1, 5)],
		}),
	),
	one(
		'a semaphore used as hard as Python 2.7 uses its lock, but not in Python',
		['lock-contention warning'],
		processWith(c, {
			count: 45,
			voluntary: 49_054,
			involuntary: 5476,
			cores: 1.07,
			delayRatio: 0.95,
			waits: [running(59), futex(41)],
		}),
	),
	one(
		'a herd at a condition variable',
		['thundering-herd critical'],
		processWith(
			{...c, systemCpuPercent: 30},
			{
				count: 65,
				voluntary: 82_052,
				involuntary: 4902,
				cores: 0.34,
				delayRatio: 0.94,
				waits: [futex(75), running(14), mutex(10)],
			},
		),
	),
	one(
		'a pool of 8 whose queue a feeder fills all the time, on a machine where others run',
		['lock-contention critical'],
		processWith(
			{...c, systemCpuPercent: 64},
			{
				count: 8,
				voluntary: 125_421,
				involuntary: 5480,
				cores: 0.84,
				delayRatio: 0.72,
				waits: [futex(62), running(30), mutex(8)],
			},
			{
				count: 1,
				voluntary: 10_115,
				involuntary: 69_044,
				cores: 0.43,
				delayRatio: 0.51,
				waits: [running(100)],
			},
		),
	),
	one(
		'8 threads in sched_yield',
		['spin critical'],
		processWith(c, {
			count: 8,
			involuntary: 1_832_732,
			cores: 1.16,
			delayRatio: 0.86,
			waits: [running(100)],
		}),
	),
	one(
		'two threads that play ping-pong',
		['ping-pong critical'],
		processWith(c, {
			count: 2,
			voluntary: 614_885,
			involuntary: 460_935,
			cores: 0.81,
			delayRatio: 0.44,
			waits: [running(84), futex(16)],
		}),
	),
	one(
		'8 Python threads and a Lock held over sleeps',
		[],
		processWith(python3, {
			count: 8,
			voluntary: 2673,
			involuntary: 1384,
			cores: 0.03,
			delayRatio: 0.7,
			waits: [futex(87), timed('sleep', 'clock_nanosleep', 1, 11)],
		}),
	),
	one(
		'8 Java threads and one monitor',
		[],
		processWith(
			java,
			{
				count: 8,
				voluntary: 600,
				involuntary: 798,
				cores: 1.5,
				delayRatio: 0.46,
				waits: [futex(70), running(30)],
			},
			{count: 4, voluntary: 30, cores: 0, waits: [timedFutex(100, 1000)], name: 'VM Periodic Tas'},
		),
	),
	one(
		'a Java pool of 64 at rest',
		[],
		processWith(
			java,
			{count: 64},
			{count: 4, voluntary: 30, cores: 0.001, waits: [timedFutex(100, 250)]},
		),
	),
	one(
		'Java that collects garbage',
		['gc critical'],
		processWith(
			java,
			{
				count: 4,
				voluntary: 1578,
				involuntary: 917,
				cores: 0.42,
				delayRatio: 0.67,
				waits: [futex(41), running(31), timedFutex(27, 1000)],
			},
			{
				count: 7,
				name: 'GC Thread#0',
				voluntary: 14_500,
				involuntary: 2900,
				cores: 0.85,
				delayRatio: 0.67,
				waits: [futex(60), running(40)],
			},
			{count: 1, name: 'VM Thread', voluntary: 500, involuntary: 100, cores: 0.05},
		),
	),
	one(
		'16 goroutines and one mutex',
		[],
		processWith(
			{name: 'program'},
			{
				count: 3,
				voluntary: 6000,
				involuntary: 2000,
				cores: 1.05,
				delayRatio: 0.37,
				waits: [running(60), {...futex(40, 'program'), futexOperation: 'WAIT'}],
			},
			{count: 1, voluntary: 1600, cores: 0.03, waits: [timed('sleep', 'nanosleep', 0.02)]},
		),
	),
	one(
		'8 threads that map and unmap memory',
		['kernel-lock warning'],
		processWith(c, {
			count: 8,
			voluntary: 2806,
			involuntary: 921,
			cores: 1.02,
			delayRatio: 0.59,
			waits: [{kind: 'kernel-lock', percent: 70}, running(30)],
		}),
	),
	one(
		'8 threads that fsync',
		['io-wait warning'],
		processWith(c, {
			count: 8,
			voluntary: 66_177,
			involuntary: 308,
			cores: 0.33,
			delayRatio: 0.86,
			waits: [untimed('disk', 'fsync', 58), running(42)],
		}),
		busyDisks,
	),
	{
		name: '32 processes woken for each connection',
		expected: [],
		processes: forked(32, c, {
			count: 1,
			voluntary: 8972,
			involuntary: 263,
			cores: 0.029,
			delayRatio: 0.93,
			waits: [
				untimed('epoll', 'epoll_wait', 77),
				running(19),
				timed('sleep', 'clock_nanosleep', 1, 4),
			],
		}),
	},
	one(
		'Node with its loop at 100 %',
		[],
		processWith(
			{name: 'node'},
			{count: 1, involuntary: 77, cores: 1.01, delayRatio: 0.02, waits: [running(100)]},
			{count: 4, voluntary: 12, waits: [futex(100)]},
		),
	),

	one(
		'one Python thread computes, 44 wait for work',
		[],
		processWith(
			python3,
			{count: 1, involuntary: 274, cores: 0.93, delayRatio: 0.07, waits: [running(100)]},
			{count: 44},
		),
	),
	one(
		'two Python threads that hash without the GIL',
		[],
		withGil(
			processWith(python3, {
				count: 2,
				voluntary: 1,
				involuntary: 668,
				cores: 1.71,
				delayRatio: 0.15,
				waits: [running(100)],
			}),
			0.01,
		),
	),
	one(
		'45 Python threads in Queue.get(timeout=1)',
		[],
		processWith(
			python3,
			{
				count: 45,
				voluntary: 59,
				involuntary: 7,
				cores: 0.002,
				delayRatio: 0.32,
				waits: [timedFutex(100, 1000)],
			},
			{count: 0},
		),
	),
	one(
		'asyncio with timers that work',
		[],
		processWith(python3, {
			count: 1,
			voluntary: 500,
			involuntary: 20,
			cores: 0.22,
			waits: [timed('epoll', 'epoll_wait', 2, 75), running(25)],
		}),
	),
	one(
		'nginx, flat out',
		[],
		processWith(
			{name: 'nginx'},
			{
				count: 2,
				voluntary: 34_629,
				involuntary: 9977,
				cores: 0.7,
				delayRatio: 0.51,
				waits: [running(86), timed('epoll', 'epoll_wait', 65_000, 14)],
			},
		),
	),
	one(
		'nginx at some load',
		[],
		processWith(
			{name: 'nginx'},
			{
				count: 2,
				voluntary: 421,
				involuntary: 18,
				cores: 0.01,
				delayRatio: 0.51,
				waits: [timed('epoll', 'epoll_wait', 65_000, 99), running(1)],
			},
		),
	),
	one(
		'Redis',
		[],
		processWith(
			{name: 'redis-server'},
			{
				count: 1,
				voluntary: 16_220,
				involuntary: 1022,
				cores: 0.58,
				delayRatio: 0.18,
				waits: [running(67), timed('epoll', 'epoll_wait', 100, 33)],
			},
		),
	),
	one(
		'Redis at rest',
		[],
		processWith(
			{name: 'redis-server'},
			{count: 1, voluntary: 10, cores: 0.001, waits: [timed('epoll', 'epoll_wait', 100)]},
		),
	),
	one(
		'PostgreSQL',
		[],
		processWith(
			{name: 'postgres'},
			{
				count: 6,
				voluntary: 1497,
				involuntary: 1020,
				cores: 0.1,
				delayRatio: 0.42,
				waits: [untimed('epoll', 'epoll_wait', 63), timed('epoll', 'epoll_wait', 200, 33)],
			},
		),
	),
	one(
		'a computing thread',
		[],
		processWith(c, {count: 1, involuntary: 46, cores: 1, waits: [running(100)]}),
	),
	one(
		'a computing thread a CPU',
		[],
		processWith(c, {
			count: 2,
			involuntary: 671,
			cores: 1.81,
			delayRatio: 0.09,
			waits: [running(100)],
		}),
	),
	one(
		'a pool of 64 at rest',
		[],
		processWith(
			c,
			{count: 64},
			{count: 1, voluntary: 2, waits: [timed('sleep', 'clock_nanosleep', 500)]},
		),
	),
	one(
		'8 threads that sleep a second',
		[],
		processWith(c, {
			count: 8,
			voluntary: 8,
			cores: 0.0001,
			waits: [timed('sleep', 'clock_nanosleep', 1000)],
		}),
	),
	{
		name: 'gunicorn with 2 workers at some load',
		expected: [],
		processes: forked(2, python3, {
			count: 1,
			voluntary: 115,
			involuntary: 26,
			cores: 0.07,
			delayRatio: 0.15,
			waits: [timed('poll', 'pselect6', 1000, 95), running(5)],
		}),
	},
];
