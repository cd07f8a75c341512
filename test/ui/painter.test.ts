import {expect, test} from 'vitest';
import {displayWidth} from '../../source/format/text-width.js';
import {lineChange} from '../../source/ui/line-change.js';
import {createPainter} from '../../source/ui/painter.js';
import {makeTerminal} from '../helpers/terminal.js';

const csi = '\u{1B}[';
const red = (text: string): string => `${csi}31m${text}${csi}39m`;
const [columns, rows] = [40, 6];

const start = () => {
	const terminal = makeTerminal(columns, rows);
	return {terminal, painter: createPainter(text => terminal.stdout.write(text))};
};

/** All cells, with their colours: what a person sees. */
const look = async ({cell}: ReturnType<typeof makeTerminal>) =>
	Promise.all(
		Array.from({length: rows * columns}, (_, index) =>
			cell(Math.floor(index / columns), index % columns),
		),
	);

const words = [
	'',
	' ',
	'futex',
	'12',
	'3456',
	'▼',
	'日本',
	'e\u{301}',
	'|',
	red('x'),
	red('日y'),
	`${csi}7mz${csi}27m`,
];

/** Numbers that look random and are the same in each run (a linear congruential generator, Numerical Recipes). */
const randomNumbers = (seed: number) => {
	let state = seed;
	return (below: number): number => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
};

test('whatever lines follow each other, the screen is as if they were drawn whole', async () => {
	const random = randomNumbers(7);
	const {terminal, painter} = start();
	const lines = Array.from({length: rows}, () => Array.from({length: 6}, () => ''));
	for (let frame = 0; frame < 60; frame++) {
		for (let change = random(4); change >= 0; change--) {
			lines[random(rows)]![random(6)] = words[random(words.length)]!;
		}

		const texts = lines.map(parts => parts.join(''));
		painter.draw(texts);
		const whole = start();
		whole.painter.draw(texts);
		expect(await look(terminal)).toEqual(await look(whole.terminal));
	}
});

test('of a line only what differs is written, and nothing of one that is the same', () => {
	const [before, after] = ['4091 SNl  45   54  3989  futex', '4091 SNl  45   61  3989  futex'];
	expect(lineChange(before, after, 2)).toBe(`${csi}3;16H61`);
	expect(lineChange(red(before), red(after), 0)).toBe(`${csi}1;16H${csi}31m61${csi}0m`);
	expect(lineChange(before, before, 0)).toBe('');
});

test('a frame that is the same writes nothing', () => {
	const {terminal, painter} = start();
	painter.draw(['a', 'b']);
	const before = terminal.written.length;
	painter.draw(['a', 'b']);
	expect(terminal.written).toHaveLength(before);
});

test('what was forgotten is drawn whole', async () => {
	const {terminal, painter} = start();
	painter.draw(['first', 'second']);
	terminal.stdout.write(`${csi}1;1HBroadcast message`);
	painter.forget();
	painter.draw(['first', 'second']);
	expect((await terminal.lines()).slice(0, 2)).toEqual(['first', 'second']);
});

test('a line that is too wide does not run into the next row', async () => {
	const {terminal, painter} = start();
	const wide = 'x'.repeat(columns + 5);
	expect(displayWidth(wide)).toBeGreaterThan(columns);
	painter.draw([wide, 'next', '', '', '', '']);
	expect((await terminal.lines())[1]).toBe('next');
});
