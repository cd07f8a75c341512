import {expect, test} from 'vitest';
import {didYouMean} from '../../source/commands/suggest.js';
import {runCtop} from '../helpers/ctop.js';

const known = ['--delay', '--fail-on', '--format', '--sort'];

test.each([
	['--delya', '--delay'],
	['--fialon', '--fail-on'],
	['--fail', '--fail-on'],
	['--formt', '--format'],
	['--srot', '--sort'],
])('%s is taken for %s', (written, word) => {
	expect(didYouMean(written, known)).toBe(`; did you mean ${word}?`);
});

test.each(['--mouse', '--x', 'x', 'd'.repeat(5000)])('%s is like none of them', written => {
	expect(didYouMean(written, known)).toBe('');
});

test('the program asks about an option and a command that it does not know, in one line', async () => {
	const option = await runCtop(['--dealy', '1']);
	expect(option.errors).toBe('ctop: unknown option --dealy; did you mean --delay?\n');
	const command = await runCtop(['snapshto']);
	expect(command.errors).toBe("ctop: unknown command 'snapshto'; did you mean snapshot?\n");
	expect([option.code, command.code]).toEqual([2, 2]);
	expect((await runCtop(['frobnicate'])).errors).toContain('see ctop --help');
});
