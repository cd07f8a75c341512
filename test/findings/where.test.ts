import {expect, test} from 'vitest';
import {commonFrame, inFrame, seenIn, whereEvidence} from '../../source/findings/where.js';
import {makeProcess, makeThread} from '../helpers/snapshot.js';

const inLine = (tid: number, frame: string | undefined) =>
	makeThread({
		tid,
		...(frame !== undefined && {runtimeStack: ['sleep (python3.11/time.py:1)', frame]}),
	});

const pollers = [
	inLine(1, '_poll (pykafka/producer.py:312)'),
	inLine(2, '_poll (pykafka/producer.py:312)'),
	inLine(3, '_poll (pykafka/producer.py:320)'),
	inLine(4, 'serve (shop/views.py:7)'),
	inLine(5, undefined),
];

test('threads are counted by the function that they are in, told by the line of most of them', () => {
	expect(seenIn(pollers)).toEqual([
		{frame: '_poll (pykafka/producer.py:312)', weight: 3},
		{frame: 'serve (shop/views.py:7)', weight: 1},
	]);
	expect(seenIn([])).toEqual([]);
});

test('a function stands for all of them only when nearly all are in it', () => {
	expect(commonFrame(pollers)).toBe('_poll (pykafka/producer.py:312)');
	expect(commonFrame(pollers.slice(2))).toBeUndefined();
	expect(commonFrame(pollers.slice(4))).toBeUndefined();
});

test('the evidence says how many are where, and there is none where no runtime tells', () => {
	const process = makeProcess({pid: 4711, threads: pollers});
	expect(whereEvidence('the lines that poll', pollers, [process])).toEqual([
		{
			what: 'the lines that poll',
			value: '3 threads in _poll (pykafka/producer.py:312); 1 thread in serve (shop/views.py:7)',
			unit: '',
			source: '/proc/4711/mem',
		},
	]);
	expect(whereEvidence('', pollers.slice(4), [process])).toEqual([]);
	expect(inFrame(process, 4)).toBe(', in serve (shop/views.py:7)');
	expect([inFrame(process, 5), inFrame(process, 6)]).toEqual(['', '']);
});
