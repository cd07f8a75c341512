import {expect, test} from 'vitest';
import {divideScreen} from '../../source/ui/layout.js';

const heightOf = ({
	headerRows,
	tableRows,
	stripRows,
	footerRows,
}: ReturnType<typeof divideScreen>) => headerRows + 1 + tableRows + stripRows + footerRows;

test('the parts fill every terminal exactly', () => {
	for (let rows = 8; rows <= 60; rows++) {
		for (let columns = 40; columns <= 240; columns += 10) {
			const layout = divideScreen({columns, rows}, () => 7);
			expect(heightOf(layout)).toBe(rows);
			expect(layout.tableRows).toBeGreaterThan(2);
		}
	}
});

test('from 110 columns the findings stand beside the table, a third wide', () => {
	expect(divideScreen({columns: 109, rows: 36}, () => 7).kind).toBe('strip');
	expect(divideScreen({columns: 110, rows: 36}, () => 7)).toMatchObject({
		kind: 'panel',
		tableColumns: 73,
		panelColumns: 35,
	});
	expect(divideScreen({columns: 300, rows: 50}, () => 7)).toMatchObject({panelColumns: 62});
});

test('the strip takes what it needs and five lines of 24 at most', () => {
	expect(divideScreen({columns: 80, rows: 24}, () => 7).stripRows).toBe(5);
	expect(divideScreen({columns: 80, rows: 24}, () => 2).stripRows).toBe(2);
});

test('a terminal that has no room for a table gets one line', () => {
	expect(divideScreen({columns: 39, rows: 24}, () => 7).kind).toBe('line');
	expect(divideScreen({columns: 80, rows: 7}, () => 7).kind).toBe('line');
});
