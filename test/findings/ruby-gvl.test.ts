import {expect, test} from 'vitest';
import {type Crowd, futex, processWith, running, timedFutex, watch} from './watched.js';

const ruby = {
	name: 'ruby',
	commandLine: ['ruby', 'load.rb'],
	runtime: {name: 'ruby', source: 'exe'},
} as const;

const told = (crowd: Partial<Crowd>) =>
	watch([
		processWith(ruby, {
			count: 8,
			voluntary: 36,
			involuntary: 188,
			cores: 0.96,
			delayRatio: 0.05,
			waits: [futex(75), running(13), timedFutex(12, 100)],
			...crowd,
		}),
	]).findings.find(({rule}) => rule === 'gil-thrash');

test('threads that share one CPU by turns fight for the GVL, though they hardly switch', () => {
	expect(told({})).toMatchObject({
		confidence: 'likely',
		title: "GIL thrash: 7 of 8 threads wait for Ruby's one lock, 36 switches a second",
	});
	expect(told({})?.fixes.map(fix => fix.command)).toContain('puma -w 2 -t 3:3');
});

test('on a machine that has no CPU for them they want one', () => {
	expect(told({cores: 0.3, delayRatio: 0.7})).toBeDefined();
});

test('a pool that leaves the CPU idle, or one that uses more than one, does not', () => {
	expect(told({cores: 0.3})).toBeUndefined();
	expect(told({cores: 1.7, delayRatio: 0.1})).toBeUndefined();
	expect(told({count: 1})).toBeUndefined();
});
