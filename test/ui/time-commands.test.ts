import {expect, test} from 'vitest';
import {defaultViewOptions} from '../../source/format/view-options.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import {statusText} from '../../source/ui/header-text.js';
import {reduce} from '../../source/ui/reduce.js';
import {tableLines} from '../../source/ui/table-text.js';
import {makeTheme} from '../../source/ui/theme.js';
import {initialState, type ViewState} from '../../source/ui/view-state.js';
import {makeFinding, makeProcess, makeSnapshot, makeThread} from '../helpers/snapshot.js';

const at = (second: number, change: Partial<Snapshot> = {}): Snapshot =>
	makeSnapshot({observedSeconds: second, ...change});

const start = (kind: ViewState['kind'] = 'live'): ViewState =>
	initialState(kind, defaultViewOptions, {columns: 120, rows: 30});
const send = (state: ViewState, ...snapshots: readonly Snapshot[]): ViewState =>
	snapshots.reduce((each, snapshot) => reduce(each, {type: 'snapshot', snapshot}), state);
const keys = (state: ViewState, ...names: string[]): ViewState =>
	reduce(state, {type: 'keys', keys: names});
const seconds = (from: number, to: number): Snapshot[] =>
	Array.from({length: to - from + 1}, (_, index) => at(from + index));

test('[ steps back from the live screen and freezes it, ] on again, and Space goes live', () => {
	const state = send(start(), ...seconds(1, 30));
	const back = keys(state, '[', '[');
	expect(back.frozen).toBe(true);
	expect(back.shown?.observedSeconds).toBe(28);
	expect(statusText(back)).toMatch(/^FROZEN 2s ago/);
	expect(keys(back, ']').shown?.observedSeconds).toBe(29);
	expect(keys(back, '{').shown?.observedSeconds).toBe(18);
	expect(keys(back, '{', '}').shown?.observedSeconds).toBe(28);
	expect(keys(back, ']', ']', ']').message).toMatchObject({text: 'this is the newest'});
	const live = keys(send(back, at(31)), 'space');
	expect(live.frozen).toBe(false);
	expect(live.shown?.observedSeconds).toBe(31);
});

test('the last 60 seconds are kept, and while it is frozen nothing of them goes', () => {
	const state = send(start(), ...seconds(1, 100));
	expect(state.moments[0]?.observedSeconds).toBe(40);
	const frozen = send(keys(state, '{'), ...seconds(101, 200));
	expect(frozen.shown?.observedSeconds).toBe(90);
	expect(frozen.moments[0]?.observedSeconds).toBe(40);
	expect(send(keys(frozen, 'space'), at(201)).moments[0]?.observedSeconds).toBe(141);
	// A screen that nobody comes back to must not fill the memory.
	expect(send(frozen, ...seconds(201, 900)).moments[0]?.observedSeconds).toBe(600);
});

test('the first moment, which has no rates, is not stepped to', () => {
	const {intervalSeconds: _, ...first} = at(0);
	const state = keys(send(start(), first, at(1), at(2)), '[', '[', '[');
	expect(state.shown?.observedSeconds).toBe(1);
	expect(state.message).toMatchObject({text: 'nothing earlier is kept'});
});

test('f goes to where a finding appeared in the last minute', () => {
	const found = {findings: [makeFinding({rule: 'gil-thrash'})]};
	const state = send(start(), at(1), at(2), at(3, found), at(4, found), at(5), at(6, found));
	const first = keys(state, 'f');
	expect(first.shown?.observedSeconds).toBe(3);
	expect(keys(first, 'f').shown?.observedSeconds).toBe(6);
	expect(keys(first, 'f', 'f').message).toMatchObject({isError: true});
});

test('s, S and R keep the shown moment with what is known from before it', () => {
	const state = keys(send(start(), ...seconds(1, 5)), '[');
	expect(keys(state, 's').effects.at(-1)).toMatchObject({kind: 'save', redact: false});
	const saved = keys(state, 'R').effects.at(-1);
	expect(saved).toMatchObject({kind: 'save', redact: true, snapshot: {observedSeconds: 4}});
	expect(saved).toHaveProperty('before', state.moments);
	const noted = keys(state, 'S', ...'slow q', 'enter');
	expect(noted.prompt).toBeUndefined();
	expect(noted.effects.at(-1)).toMatchObject({kind: 'save', note: 'slow q'});
	expect(keys(state, 'S', 'x', 'escape').effects).toEqual([]);
});

test('in a recording the keys move the player, and in a saved moment they say that there is nothing to play', () => {
	const position = {index: 4, count: 9, isPlaying: true, speed: 2};
	const state = reduce(start('replay'), {type: 'snapshot', snapshot: at(5), position});
	const moved = keys(state, 'space', ']', '{', 'f', '>', '<');
	expect(moved.effects.map(({id: _, ...effect}) => effect)).toEqual([
		{kind: 'play'},
		{kind: 'step', by: 1},
		{kind: 'step', by: -10},
		{kind: 'next-finding'},
		{kind: 'speed', by: 1},
		{kind: 'speed', by: -1},
	]);
	expect(moved.frozen).toBe(false);
	expect(statusText(state)).toMatch(/^REPLAY 5\/9 playing x2 12:00:41Z$/);
	const single = keys(send(start('replay'), at(5)), 'space');
	expect(single.message).toMatchObject({isError: true});
	expect(single.effects).toEqual([]);
});

test('b compares with the shown moment, and B no more', () => {
	const busy = (rate: number, second: number): Snapshot =>
		at(second, {
			processes: [
				makeProcess({pid: 10, threads: [makeThread({tid: 10, voluntarySwitchesPerSecond: rate})]}),
			],
		});
	const theme = makeTheme(false, true);
	const inverse = '\u001B[7m';
	const state = send(keys(send(start(), busy(2, 1)), 'b'), busy(142, 2));
	const [head, row] = tableLines(state, theme);
	expect(head).toMatch(/WCHAN +xBASE COMMAND$/);
	expect(row).toMatch(/ x71 \/usr\/bin\/service/);
	expect(head!.indexOf('COMMAND')).toBe(row!.indexOf('/usr/bin/service') - inverse.length);
	expect(tableLines(keys(state, 'B'), theme)[0]).not.toContain('xBASE');
	expect(keys(start(), 'b').message).toMatchObject({isError: true});
});
