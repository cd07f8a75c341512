import {expect, test} from 'vitest';
import {helpLines} from '../../source/ui/help-text.js';
import {keymap} from '../../source/ui/keymap.js';
import {pageRows} from '../../source/ui/page.js';

test('help has every key, and fits 80x24 whole', () => {
	const lines = helpLines({columns: 80});
	const text = lines.join('\n');
	for (const {label, help} of keymap) {
		expect(text).toContain(label);
		expect(text).toContain(help ?? label);
	}

	expect(lines.length).toBeLessThanOrEqual(pageRows({columns: 80, rows: 24}));
	expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80);
});

test('a narrow terminal has it in one column', () => {
	const lines = helpLines({columns: 40});
	expect(lines.length).toBeGreaterThan(helpLines({columns: 80}).length * 1.5);
	expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(44);
});
