import {expect, test} from 'vitest';
import {formatTable} from '../../benchmark/table.js';

test('a table is Markdown with its columns in line', () => {
	const columns = [
		{heading: 'tool', align: 'left'},
		{heading: 'ms', align: 'right'},
	] as const;
	const rows = [['htop', '103.9'], ['a longer one']];
	expect(formatTable(columns, rows).split('\n')).toEqual([
		'| tool         |    ms |',
		'| ------------ | ----: |',
		'| htop         | 103.9 |',
		'| a longer one |       |',
	]);
});
