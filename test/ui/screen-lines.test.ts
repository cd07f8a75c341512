import {expect, test} from 'vitest';
import {displayWidth} from '../../source/format/text-width.js';
import {defaultViewOptions} from '../../source/format/view-options.js';
import type {Snapshot} from '../../source/model/snapshot.js';
import type {Size} from '../../source/ui/layout.js';
import {reduce} from '../../source/ui/reduce.js';
import {screenLines} from '../../source/ui/screen-lines.js';
import {makeTheme} from '../../source/ui/theme.js';
import {initialState} from '../../source/ui/view-state.js';
import {makeIncident} from '../helpers/incident.js';
import {makeSnapshot} from '../helpers/snapshot.js';

type Look = {size?: Size; keys?: readonly string[]; colour?: boolean; ascii?: boolean};

const draw = (snapshot: Snapshot | undefined, look: Look = {}): string => {
	const {size = {columns: 80, rows: 24}, keys = [], colour = false, ascii = false} = look;
	let state = initialState('live', defaultViewOptions, size);
	if (snapshot !== undefined) {
		state = reduce(state, {type: 'snapshot', snapshot});
	}

	state = reduce(state, {type: 'keys', keys});
	return screenLines(state, makeTheme(colour, ascii)).join('\n');
};

test('before the first Snapshot the screen says that it watches', () => {
	expect(draw(undefined)).toContain('watching... first rates after one interval');
});

test.each([
	{columns: 80, rows: 24},
	{columns: 60, rows: 20},
	{columns: 40, rows: 12},
	{columns: 40, rows: 8},
	{columns: 30, rows: 6},
	{columns: 5, rows: 2},
])('at $columns x $rows the screen is exactly as high and no wider', size => {
	for (const keys of [[], ['?'], ['e'], ['/'], ['enter'], ['e', 'enter']]) {
		const lines = draw(makeIncident(), {size, keys}).split('\n');
		expect(lines).toHaveLength(size.rows);
		for (const line of lines) {
			expect(displayWidth(line)).toBeLessThanOrEqual(size.columns);
		}
	}
});

test('a terminal too small for a table says the most important thing in one line', () => {
	expect(draw(makeIncident(), {size: {columns: 60, rows: 4}})).toMatch(
		/^ctop {2}1 critical {2}1 warning {2}1 notice/,
	);
});

test('without colours there is no escape sequence but the inverse of the selected row', () => {
	const frame = draw(makeIncident(), {size: {columns: 80, rows: 24}});
	const sequences = new Set(frame.match(/\p{Cc}\[[\d;]*m/gu));
	expect(sequences).toEqual(new Set(['\u{1B}[7m', '\u{1B}[27m']));
});

test('in ASCII nothing outside of it is drawn, on any page', () => {
	for (const keys of [[], ['?'], ['e'], ['H', 't', 'end'], ['enter'], ['e', 'enter']]) {
		const frame = draw(makeIncident(), {ascii: true, keys, size: {columns: 120, rows: 40}});
		expect(frame.replaceAll(/\p{Cc}\[\d*m|\n/gu, '')).toMatch(/^[ -~]*$/);
	}
});

test('the strip has the two worst findings, each with its fix', () => {
	const lines = draw(makeIncident()).split('\n');
	expect(lines.slice(18)).toEqual([
		'findings: 1 critical, 1 warning, 1 notice  e explains all',
		'1 CRITICAL GIL thrash: 44 threads hand one lock around 55,700 times a second',
		'  fix: run more workers of fewer threads  $ gunicorn -w 4 --threads 2 shop.wsgi',
		'2 WARNING Idle polling: 10 threads wake 100 times a second each and do nothing',
		'  fix: wait for the event instead of asking for it  $ worker --poll-timeout 1s',
		'c v n w P N sort  / filter  e explain  Space freeze  s save  ? help  q quit',
	]);
});

test('without a finding the screen says so, and what could not be seen', () => {
	const frame = draw(makeSnapshot({notSeen: ['wait channels are hidden']}));
	expect(frame).toContain('No finding');
	expect(frame).toContain('not seen: wait channels are hidden');
});

test('beside the table the findings are wrapped between words, and what is hidden is counted', () => {
	const frame = draw(makeIncident(), {size: {columns: 120, rows: 20}});
	expect(frame).toContain('|   GIL thrash: 44 threads hand one lock\n');
	expect(frame).toMatch(/\| \d+ more lines: e explains, Tab scrolls/);
});

test('a filter is shown at every size, for a filtered list is not the whole machine', () => {
	for (const size of [
		{columns: 80, rows: 24},
		{columns: 80, rows: 14},
		{columns: 45, rows: 9},
	]) {
		const keys = ['/', 'c', 'r', 'o', 'n', 'enter'];
		expect(draw(makeIncident(), {size, keys})).toContain('filter cron');
	}
});

test('Enter shows all about the row, in two columns where there is room, and the keys that lead back', () => {
	const narrow = draw(makeIncident(), {keys: ['enter'], size: {columns: 80, rows: 24}});
	const [title] = narrow.split('\n');
	expect(title).toMatch(/^2000 gunicorn {2}Ss {2}1 thread/);
	expect(narrow).toContain('command    gunicorn: master [shop.wsgi]');
	expect(narrow).toMatch(/Esc back .*q quit$/);
	const wide = draw(makeIncident(), {keys: ['j', 'enter'], size: {columns: 200, rows: 50}});
	expect(wide).toMatch(/^Process +Locks$/m);
	expect(wide).toContain('GIL of python3.11');
});

test('Enter on a finding shows the page that explains it beside its evidence', () => {
	const wide = draw(makeIncident(), {keys: ['1', 'enter'], size: {columns: 200, rows: 50}});
	expect(wide).toMatch(/^gil-thrash: threads of a Python or Ruby process/);
	expect(wide).toMatch(/1 CRITICAL certain pid 2100.*\S/);
	const lines = wide.split('\n');
	expect(lines.findIndex(line => line.includes('How to fix it'))).toBeGreaterThan(0);
	const narrow = draw(makeIncident(), {keys: ['1', 'enter', 'end']});
	expect(narrow).toContain('PEP 703');
});
