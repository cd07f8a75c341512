import {expect, test} from 'vitest';
import {
	applicationFrame,
	frameFunction,
	knownApplicationFrame,
	parseFrame,
} from '../../source/model/runtime-frame.js';
import {shortPath} from '../../source/runtimes/python/source-path.js';

test('a source file is called by its package, by Python’s own library, or by its folder', () => {
	expect(
		[
			'/opt/venv/lib/python3.11/site-packages/pykafka/producer.py',
			'/usr/lib/python3/dist-packages/gunicorn/workers/sync.py',
			'/usr/lib/python2.7/site-packages/pykafka-2.8-py2.7.egg/pykafka/producer.py',
			'/usr/lib/python3.11/concurrent/futures/thread.py',
			'/usr/lib/python311.zip/json/decoder.py',
			'/srv/shop/views.py',
			'/app.py',
			'pyload.py',
			'./pyload.py',
			'<frozen importlib._bootstrap>',
			'<string>',
			'',
		].map(shortPath),
	).toEqual([
		'pykafka/producer.py',
		'gunicorn/workers/sync.py',
		'pykafka/producer.py',
		'python3.11/concurrent/futures/thread.py',
		'python311.zip/json/decoder.py',
		'shop/views.py',
		'app.py',
		'pyload.py',
		'./pyload.py',
		'<frozen importlib._bootstrap>',
		'<string>',
		'',
	]);
	const isLibrary = (place: string) =>
		applicationFrame([`f (${place})`, 'g (a.py:1)']) !== `f (${place})`;
	const own = ['python3.11/threading.py:1', 'python2.7/Queue.py:1', '<frozen os>:1'];
	expect(own.every(isLibrary)).toBe(true);
	const others = ['python/views.py', 'python3x/a.py', '<string>', 'shop/views.py'];
	expect(others.some(isLibrary)).toBe(false);
});

const poller = [
	'Condition.wait (python3.11/threading.py:331)',
	'Queue.get (python3.11/queue.py:180)',
	'Producer._poll (pykafka/producer.py:312)',
	'Thread.run (python3.11/threading.py:982)',
	'Thread._bootstrap (python3.11/threading.py:1002)',
];

test('the application’s frame is the innermost one that is not of the language’s own library', () => {
	expect(applicationFrame(poller)).toBe('Producer._poll (pykafka/producer.py:312)');
	expect(
		applicationFrame([
			'jdk.internal.misc.Unsafe.park (Unsafe.java)',
			'java.util.concurrent.ThreadPoolExecutor.runWorker (ThreadPoolExecutor.java:1136)',
			'shop.OrderBook.add (OrderBook.java:21)',
		]),
	).toBe('shop.OrderBook.add (OrderBook.java:21)');
});

test('a thread that runs its library alone is told by what it was started for', () => {
	expect(
		applicationFrame([
			'Condition.wait (python3.11/threading.py:331)',
			'_worker (python3.11/concurrent/futures/thread.py:81)',
			'Thread.run (python3.11/threading.py:982)',
		]),
	).toBe('_worker (python3.11/concurrent/futures/thread.py:81)');
	expect(applicationFrame(poller.slice(3))).toBe(poller[3]);
	expect(applicationFrame([])).toBeUndefined();
	expect(applicationFrame(undefined)).toBeUndefined();
});

test('no more frames are asked for than it takes', () => {
	let asked = 0;
	const frames = function* () {
		for (const frame of poller) {
			asked++;
			yield frame;
		}
	};

	expect(applicationFrame(frames())).toBe(poller[2]);
	expect(asked).toBe(3);
	expect(knownApplicationFrame(poller)).toBe(poller[2]);
	expect(knownApplicationFrame(poller)).toBe(poller[2]);
	expect(knownApplicationFrame(undefined)).toBeUndefined();
});

test('a frame has a name and a place, and two lines of one function are in one', () => {
	expect(parseFrame('a (c/d (1).py:3)')).toEqual({name: 'a', place: 'c/d (1).py:3'});
	expect(parseFrame('native')).toEqual({name: 'native', place: ''});
	expect(frameFunction('_poll (pykafka/producer.py:312)')).toBe(
		frameFunction('_poll (pykafka/producer.py:314)'),
	);
	expect(frameFunction('_poll (a.py:312)')).not.toBe(frameFunction('_poll (b.py:312)'));
});
