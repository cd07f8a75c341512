import {expect, test} from 'vitest';
import {parseWaitChannel} from '../../source/procfs/wchan.js';

test('the function is named as the kernel wrote it', () => {
	expect(parseWaitChannel('futex_do_wait')).toBe('futex_do_wait');
	expect(parseWaitChannel('poll_schedule_timeout.constprop.0\n')).toBe(
		'poll_schedule_timeout.constprop.0',
	);
	expect(parseWaitChannel('__do_sys_pause')).toBe('__do_sys_pause');
});

test('0 and bare addresses are no names', () => {
	expect(parseWaitChannel('0')).toBeUndefined();
	expect(parseWaitChannel('0\n')).toBeUndefined();
	expect(parseWaitChannel('18446744071580587305')).toBeUndefined();
	expect(parseWaitChannel('')).toBeUndefined();
	expect(parseWaitChannel('evil\u001B[31m')).toBeUndefined();
});
