import {expect, test} from 'vitest';
import {frameLabel, shortFrameLabel} from '../../source/format/frame-label.js';

test('a frame in a row begins with its place; without room the folder goes, and the package of a Java class', () => {
	const frames = [
		'_poll (pykafka/producer.py:312)',
		'com.acme.shop.Orders$Book.take (Orders.java:79)',
		'com.acme.shop.Orders.lambda$run$0 (Orders.kt)',
		'Trouble.take (Trouble.java:86)',
		'shop.Orders.take (shop/orders.py:7)',
		'com.acme.Made$$Lambda.run ()',
	];
	expect(frames.map(frameLabel)).toEqual([
		'pykafka/producer.py:312 _poll',
		'Orders.java:79 com.acme.shop.Orders$Book.take',
		'Orders.kt com.acme.shop.Orders.lambda$run$0',
		'Trouble.java:86 Trouble.take',
		'shop/orders.py:7 shop.Orders.take',
		'com.acme.Made$$Lambda.run',
	]);
	expect(frames.map(shortFrameLabel)).toEqual([
		'producer.py:312 _poll',
		'Orders.java:79 Orders$Book.take',
		'Orders.kt Orders.lambda$run$0',
		'Trouble.java:86 Trouble.take',
		'orders.py:7 shop.Orders.take',
		'com.acme.Made$$Lambda.run',
	]);
});
