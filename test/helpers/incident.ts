import type {Process} from '../../source/model/process.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {makeFinding, makeProcess, makeSnapshot, makeThread} from './snapshot.js';

const gilThreads = (pid: number, count: number) =>
	Array.from({length: count}, (_, index) =>
		makeThread({
			tid: pid + index,
			name: 'python3',
			state: index === 3 ? 'R' : 'S',
			startTimeTicks: 5000 + index,
			voluntarySwitchesPerSecond: index === 0 ? 0.2 : 1200 + index * 3,
			involuntarySwitchesPerSecond: index === 0 ? 0 : 20,
			cpuPercent: index === 0 ? 0 : 2.4,
			systemCpuPercent: index === 0 ? 0 : 1.1,
			runQueueWaitPercent: index === 0 ? 0 : 8.5,
			waitChannel: 'futex_do_wait',
			wait: {kind: 'futex', call: 'futex', futexAddress: '0x7f10a0', lockId: 'futex:0x7f10a0'},
			waits: [
				{kind: 'futex', call: 'futex', lockId: 'futex:0x7f10a0', percent: 90},
				{kind: 'running', percent: 10},
			],
		}),
	);

const pollThreads = (pid: number, count: number) =>
	Array.from({length: count}, (_, index) =>
		makeThread({
			tid: pid + index,
			name: index === 0 ? 'agent' : `tick-${index}`,
			startTimeTicks: 6000 + index,
			voluntarySwitchesPerSecond: index === 0 ? 1 : 100,
			cpuPercent: index === 0 ? 0 : 0.2,
			systemCpuPercent: 0.1,
			waitChannel: 'hrtimer_nanosleep',
			wait: {kind: 'sleep', call: 'clock_nanosleep', timed: true, timeoutMilliseconds: 10},
		}),
	);

const kernelThread = (pid: number, name: string): Process =>
	makeProcess({
		pid,
		parentPid: pid === 2 ? 0 : 2,
		name,
		commandLine: [],
		kernelThread: true,
		stateFlags: '<',
		state: pid === 2 ? 'S' : 'I',
	});

/**
A machine in trouble: a Python server of which 44 threads hand one lock around, an agent
that polls, busy workers, a zombie, and processes with hostile names.
*/
export const makeIncident = (overrides: Partial<Snapshot> = {}): Snapshot => {
	const busy = (pid: number): Process =>
		makeProcess({
			pid,
			parentPid: 900,
			name: 'encode',
			commandLine: ['/usr/bin/encode', '--input', `/srv/media/part-${pid}.mkv`, '--preset', 'slow'],
			user: 'media',
			userId: 1001,
			state: 'R',
			stateFlags: 'N',
			threads: [
				makeThread({
					tid: pid,
					name: 'encode',
					state: 'R',
					voluntarySwitchesPerSecond: 1,
					involuntarySwitchesPerSecond: 240,
					cpuPercent: 48,
					runQueueWaitPercent: 51,
					wait: {kind: 'running'},
				}),
			],
		});
	return makeSnapshot({
		processes: [
			makeProcess({pid: 1, parentPid: 0, name: 'init', commandLine: ['/sbin/init', 'splash']}),
			kernelThread(2, 'kthreadd'),
			kernelThread(3, 'pool_workqueue_release'),
			kernelThread(4, 'kworker/R-rcu_gp'),
			makeProcess({pid: 310, name: 'journald', commandLine: ['/usr/lib/systemd/journald']}),
			makeProcess({pid: 900, name: 'encode', commandLine: ['/usr/bin/encode', 'master']}),
			busy(901),
			busy(902),
			busy(903),
			makeProcess({
				pid: 2000,
				name: 'gunicorn',
				commandLine: ['gunicorn: master [shop.wsgi]'],
				user: 'www',
				userId: 33,
			}),
			makeProcess({
				pid: 2100,
				parentPid: 2000,
				name: 'python3',
				commandLine: ['python3', '/usr/bin/gunicorn', '-w', '1', '--threads', '45', 'shop.wsgi'],
				user: 'www',
				userId: 33,
				threads: gilThreads(2100, 45),
				runtime: {name: 'cpython', version: '3.11', source: 'maps'},
				locks: [
					{
						id: 'futex:0x7f10a0',
						kind: 'gil',
						name: 'GIL',
						waiterTids: [2101, 2102],
						waitersAverage: 40,
						contendedPercent: 100,
						confidence: 'certain',
					},
				],
			}),
			makeProcess({
				pid: 3310,
				name: 'agent',
				commandLine: ['/opt/agent/bin/agent', '--config', '/etc/agent.yaml'],
				threads: pollThreads(3310, 11),
			}),
			makeProcess({pid: 4000, name: 'cron', commandLine: ['/usr/sbin/cron', '-f']}),
			makeProcess({
				pid: 4001,
				parentPid: 4000,
				name: 'backup',
				commandLine: [],
				state: 'Z',
				stateFlags: '',
			}),
			makeProcess({
				pid: 4100,
				name: 'evil\u{1B}[2J',
				commandLine: ['/tmp/evil\u{1B}]0;owned\u{7}', 'a\nb', '\u{202E}gpj.exe', '日本語'],
			}),
		],
		findings: [
			makeFinding({
				rule: 'gil-thrash',
				severity: 'critical',
				confidence: 'certain',
				pid: 2100,
				tids: Array.from({length: 44}, (_, index) => 2101 + index),
				since: '2026-01-01T12:00:00.000Z',
				title: 'GIL thrash: 44 threads hand one lock around 55,700 times a second',
				evidence: [
					{what: 'threads that wait for the GIL', value: 40.2, unit: 'threads', source: 'syscall'},
					{what: 'switches', value: 55_737, unit: '/s', source: 'status'},
					{what: 'CPU that all threads got', value: 106, unit: '%', source: 'stat'},
				],
				cost: {switchesPerSecond: 55_737, cpuPercent: 106, systemCpuPercent: 48},
				fixes: [
					{
						what: 'run more workers of fewer threads',
						why: 'the interpreter runs one thread at a time: 45 threads in one process share one CPU',
						command: 'gunicorn -w 4 --threads 2 shop.wsgi',
					},
					{
						what: 'take a build without the lock',
						why: 'CPython 3.13 and later can be built free-threaded',
					},
				],
				next: [
					{
						what: 'see who holds it',
						command: 'py-spy dump --pid 2100',
						needs: 'root',
					},
				],
			}),
			makeFinding({
				severity: 'warning',
				pid: 3310,
				title: 'Idle polling: 10 threads wake 100 times a second each and do nothing',
				since: '2026-01-01T11:58:00.000Z',
			}),
			makeFinding({
				rule: 'oversubscribed',
				severity: 'notice',
				confidence: 'possible',
				pid: 900,
				pids: [900, 901, 902, 903],
				title: 'Oversubscribed: 6 threads want 4 CPUs',
				evidence: [{what: 'waiting for a CPU', value: 153, unit: '%', source: 'schedstat'}],
				cost: {runQueueWaitPercent: 153},
				fixes: [
					{
						what: 'start as many workers as there are CPUs',
						why: 'more of them only take turns',
						command: 'encode --workers 4',
					},
				],
				next: [],
			}),
		],
		...overrides,
	});
};
