import {expect, test} from 'vitest';
import {formatFolded} from '../../../source/format/flame/folded.js';

test('a line for each stack, outermost first, with its milliseconds', () => {
	expect(
		formatFolded({
			frames: [
				{name: 'main', kind: 'application'},
				{name: 'poll 50 ms', kind: 'wait'},
			],
			stacks: [
				{frames: [0, 1], milliseconds: 1234.4},
				{frames: [0], milliseconds: 0.2},
			],
		}),
	).toBe('main;poll 50 ms 1234\nmain 1\n');
});

test('no name can divide a frame or a line', () => {
	expect(
		formatFolded({
			frames: [{name: 'evil;name\n\u{1B}[31m', kind: 'application'}],
			stacks: [{frames: [0], milliseconds: 2}],
		}),
	).toBe('evil:name??[31m 2\n');
});
