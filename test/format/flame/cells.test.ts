import {expect, test} from 'vitest';
import {flameCells, foundPercent, nodeAt} from '../../../source/format/flame/cells.js';
import {flameTree} from '../../../source/format/flame/tree.js';
import {sampleProbe} from '../probe/sample-probe.js';

const tree = flameTree(sampleProbe.offCpu);

test('frames are as wide as their share, children below their callers', () => {
	const rows = flameCells(tree, [], 20).map(cells => cells.map(({text}) => text));
	expect(rows[0]).toEqual(['|all                ']);
	expect(rows[1]).toEqual(['|worker             ']);
	expect(rows[2]).toEqual(['|fetch (app.py:~', '|wo~']);
});

test('what is zoomed into takes the whole width', () => {
	const [first] = flameCells(tree, [0, 1], 30);
	expect(first).toHaveLength(1);
	expect(first?.[0]).toMatchObject({column: 0, columns: 30});
	expect(first?.[0]?.node.name).toBe('work');
	expect(nodeAt(tree, [0, 7])).toBeUndefined();
});

test('no row is wider than the terminal, however deep and crowded', () => {
	const frames = Array.from({length: 300}, (_, index) => ({
		name: `f${index}`,
		kind: 'application' as const,
	}));
	const crowded = flameTree({
		frames,
		stacks: frames.map((_, index) => ({
			frames: [0, index, (index * 7) % 300],
			milliseconds: index + 1,
		})),
	});
	for (const cells of flameCells(crowded, [], 80)) {
		const last = cells.at(-1)!;
		expect(last.column + last.columns).toBeLessThanOrEqual(80);
		expect(cells.every(({text, columns}) => text.length === columns)).toBe(true);
	}
});

test('a search tells the share of the time, of a stack with two hits once', () => {
	expect(foundPercent(tree, name => name.includes('work'))).toBe(100);
	expect(foundPercent(tree, name => name === 'work' || name.startsWith('mutex'))).toBe(20);
});
