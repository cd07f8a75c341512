import {expect, test} from 'vitest';
import {nearestLook, perfProfile} from '../../source/probes/cpu-profile.js';
import type {PerfFrame} from '../../source/probes/perf-script.js';

const frame = (name: string, file = 'app'): PerfFrame => ({name, file, isKernel: false});
const names = (profile: ReturnType<typeof perfProfile>): readonly (readonly string[])[] =>
	profile!.graph.stacks.map(({frames}) => frames.map(each => profile!.graph.frames[each]!.name));

test('functions are told by their own time and by that of what they called', () => {
	const profile = perfProfile(
		[
			{name: 'loop', tid: 1, seconds: 1, frames: [frame('inner'), frame('main')]},
			{name: 'loop', tid: 1, seconds: 2, frames: [frame('inner'), frame('main')]},
			{name: 'loop', tid: 1, seconds: 3, frames: [frame('main')]},
			{name: 'loop', tid: 1, seconds: 4, frames: [frame('inner'), frame('inner'), frame('main')]},
		],
		[],
	);
	expect(profile?.symbols).toEqual([
		{name: 'inner', selfPercent: 75, totalPercent: 75},
		{name: 'main', selfPercent: 25, totalPercent: 100},
	]);
});

test('frames of the look that is nearest in time stand for those of the interpreter', () => {
	const looks = [
		{tid: 1, seconds: 9.9, frames: ['old (app.py:1)']},
		{tid: 1, seconds: 10.01, frames: ['fib (app.py:3)', '<module> (app.py:9)']},
		{tid: 2, seconds: 10, frames: ['other (app.py:7)']},
	];
	const python = frame('_PyEval_EvalFrameDefault', 'python3.11');
	const profile = perfProfile(
		[
			{name: 'python3', tid: 1, seconds: 10, frames: [frame('long_add', 'python3.11'), python]},
			{name: 'python3', tid: 1, seconds: 10.02, frames: [python, python]},
		],
		looks,
	);
	expect(names(profile)).toEqual([
		['python#', '<module> (app.py:9)', 'fib (app.py:3)', 'long_add'],
		['python#', '<module> (app.py:9)', 'fib (app.py:3)', '_PyEval_EvalFrameDefault'],
	]);
	// The interpreter's own loop is the function that it runs.
	expect(profile?.symbols.find(({name}) => name.startsWith('fib'))?.selfPercent).toBe(50);
	expect(profile?.graph.frames.find(({name}) => name === 'long_add')?.kind).toBe('interpreter');
});

test('a look of long ago tells nothing', () => {
	const looks = [{tid: 1, seconds: 5, frames: ['old (app.py:1)']}];
	expect(nearestLook(looks, 7)).toBeUndefined();
	expect(nearestLook(looks, 5.1)).toBe(looks[0]);
	expect(nearestLook([], 5)).toBeUndefined();
});

test('without samples there is no profile', () => {
	expect(perfProfile([], [])).toBeUndefined();
});
