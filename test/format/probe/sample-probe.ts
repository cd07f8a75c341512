import type {Probe} from '../../../source/model/probe.js';

/** A probe of a service that polls and fights for a lock. */
export const sampleProbe: Probe = {
	pid: 4711,
	name: 'gunicorn',
	startTimeTicks: 100,
	startedAt: '2026-11-24T12:00:00.000Z',
	seconds: 5,
	sampling: {threads: 28, looks: 5600, looksPerThreadPerSecond: 40, ownCpuPercent: 4.2},
	notes: ['it ran another program (exec) meanwhile: the stacks of both are in here'],
	onCpuSeconds: 2,
	runQueueSeconds: 1,
	asleepSeconds: 20,
	calls: [
		{
			call: 'poll',
			percent: 80,
			seconds: 16,
			threads: 20,
			wakesPerSecond: 320,
			timedPercent: 100,
			timeoutMilliseconds: 50,
		},
		{
			call: 'futex',
			percent: 20,
			seconds: 4,
			threads: 8,
			wakesPerSecond: 87,
			timedPercent: 0,
			mostly: 'mutex app!queue_lock',
		},
	],
	locks: [
		{
			id: 'futex:0x1000',
			kind: 'mutex',
			name: 'app!queue_lock',
			waiterTids: [20, 21],
			waitersAverage: 4,
			contendedPercent: 90,
			wantedIn: 'work+0x1e',
			holders: [{tid: 22, percent: 30}],
			heldWhile: [{what: 'running', percent: 100}],
			confidence: 'certain',
		},
	],
	stacks: [
		{
			tids: [10, 11, 12, 13, 14, 15, 16],
			threadCount: 20,
			names: ['worker'],
			wait: {kind: 'poll', call: 'poll', timed: true, timeoutMilliseconds: 50},
			stack: ['poll+0x4f', 'PyEval_EvalFrameDefault+0x12'],
			runtimeStack: ['fetch (app.py:12)'],
		},
	],
	timeline: {
		secondsPerColumn: 0.083,
		threadsLeftOut: 3,
		threads: [{tid: 10, name: 'worker', states: 'ppppppppppRRRppp'}],
	},
	offCpu: {
		frames: [
			{name: 'worker', kind: 'thread'},
			{name: 'fetch (app.py:12)', kind: 'application'},
			{name: 'poll 50 ms', kind: 'wait'},
			{name: 'work', kind: 'application'},
			{name: 'mutex app!queue_lock', kind: 'lock'},
		],
		stacks: [
			{frames: [0, 1, 2], milliseconds: 16_000},
			{frames: [0, 3, 4], milliseconds: 4000},
		],
	},
};
